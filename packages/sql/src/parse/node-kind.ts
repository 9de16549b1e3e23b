import type { Node } from 'libpg-query'

/** What a node of the tree is: its one key. */
export type NodeKind = Node extends infer N ? (N extends N ? keyof N : never) : never

/** What stands under that key; where a field can be of one kind alone, it stands there without the key. */
export type NodeOf<K extends NodeKind> = Extract<Node, Record<K, unknown>>[K]

/** True where both types are the same, not only where one will do for the other. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** The kind of a node; undefined for an empty one, which is what stands in a list for what was left out. */
export function kindOf(node: Node): NodeKind | undefined {
  for (const kind in node) return kind as NodeKind
  return undefined
}

/** What stands under the kind of a node, for whoever has taken what to do with it from a table by the same kind. */
export const fieldsOf = (node: Node, kind: NodeKind): never =>
  (node as Readonly<Record<string, unknown>>)[kind] as never
