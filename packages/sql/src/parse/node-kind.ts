import type { Node } from 'libpg-query'

/** What a node of the tree is: its one key. */
export type NodeKind = Node extends infer N ? (N extends N ? keyof N : never) : never

/** What stands under that key; where a field can be of one kind alone, it stands there without the key. */
export type NodeOf<K extends NodeKind> = Extract<Node, Record<K, unknown>>[K]

/** The kind of a node; undefined for an empty one, which is what stands in a list for what was left out. */
export function kindOf(node: Node): NodeKind | undefined {
  for (const kind in node) return kind as NodeKind
  return undefined
}
