import type { Node } from 'libpg-query'

/** The texts in a list of names as the parser has it: `[{ String: { sval: 'crm' } }, …]`. */
export function nameStrings(nodes: readonly Node[] | undefined): readonly string[] {
  const names: string[] = []
  for (const node of nodes ?? []) if ('String' in node) names.push(node.String.sval ?? '')
  return names
}
