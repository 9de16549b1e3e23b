import type { Node } from 'libpg-query'
import { nameStrings } from './name-strings.ts'
import { parse } from './parser.ts'

/**
 * What PostgreSQL's grammar hands to the input function of a type's modifiers: `varchar(20)` has ['20'], `char` alone ['1'],
 * `interval(3)` ['32767', '3']. `loadParser` must have been awaited.
 * @throws ParserFailure
 */
export function typeModifierWords(declared: string): readonly string[] {
  const select = parse(`SELECT NULL::${declared}`)?.[0]?.stmt
  const [target] = (select && 'SelectStmt' in select && select.SelectStmt.targetList) || []
  const value = target && 'ResTarget' in target ? target.ResTarget.val : undefined
  const type = value && 'TypeCast' in value ? value.TypeCast.typeName : undefined
  return (type?.typmods ?? []).flatMap((modifier) => wordOf(modifier) ?? [])
}

/** As `typenameTypeMod` (parse_type.c) makes it. */
function wordOf(modifier: Node): string | undefined {
  if ('ColumnRef' in modifier) return nameStrings(modifier.ColumnRef.fields)[0]
  if (!('A_Const' in modifier)) return undefined
  const { ival, fval, sval } = modifier.A_Const
  return ival === undefined ? (fval?.fval ?? sval?.sval) : String(ival.ival ?? 0)
}
