import type { Node } from 'libpg-query'

/** The texts in a list of names as the parser has it: `[{ String: { sval: 'crm' } }, …]`. */
export const nameStrings = (nodes: readonly Node[] | undefined): readonly string[] =>
  (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []))
