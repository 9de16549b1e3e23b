import type { FuncCall, JoinExpr, RangeFunction } from 'libpg-query'
import { aliasedTable, between, callPlace, tablePlace } from './places.ts'
import type { Range, SourceText } from './source-text.ts'

/** Where the condition of a join goes. */
export type JoinConditionPlace =
  /** USING with its columns. */
  | { readonly using: Range }
  /** NATURAL up to the next word, and where the table ends that it joins. */
  | { readonly natural: Range; readonly end: number }

/** In place of USING, or behind the table that NATURAL joins. Tables alone have a known place. */
export function joinConditionPlace(source: SourceText, { rarg, isNatural }: JoinExpr): JoinConditionPlace | undefined {
  const sample = rarg && 'RangeTableSample' in rarg ? rarg.RangeTableSample.relation : undefined
  const node = sample ?? rarg
  if (node === undefined || !('RangeVar' in node)) return undefined
  const table = node.RangeVar
  if (!isNatural) {
    const from = source.tokenAt(table.location).index
    const using = source.token(source.expressionEnd(from, (token) => token.word === 'USING'))
    const open = using && source.token(using.index + 1)
    return using?.word === 'USING' && open ? { using: between(using, source.closing(open)) } : undefined
  }
  if (sample || table.alias?.colnames) return undefined
  const natural = naturalPlace(source, tablePlace(source, table).whole)
  return natural && { natural, end: aliasedTable(source, table).end }
}

/** `NATURAL LEFT OUTER JOIN` is the longest that may stand there. */
function naturalPlace(source: SourceText, table: Range): Range | undefined {
  const first = source.startingAt(table.start)?.index ?? 0
  for (let index = first - 1; index >= Math.max(0, first - 4); index--) {
    const [natural, next] = [source.token(index), source.token(index + 1)]
    if (natural?.word === 'NATURAL' && next) return { start: natural.start, end: next.start }
  }
  return undefined
}

/** A function in FROM, or ROWS FROM, with its ordinality, and without its alias. */
export function functionItemPlace(source: SourceText, item: RangeFunction, first: FuncCall): Range {
  const call = callPlace(source, first)
  if (call === undefined) throw new RangeError('a function without a place')
  const name = source.tokenAt(first.location)
  // `ROWS FROM (` stands in front of the first of several.
  const start = (item.is_rowsfrom ? source.token(name.index - 3) : name) ?? name
  const open = item.is_rowsfrom ? source.token(start.index + 2) : undefined
  const last = open ? source.closing(open) : source.endingAt(call.end)
  const end = item.ordinality ? source.token(last.index + 2) : last
  if (end === undefined) throw new RangeError('a function without an end')
  return between(start, end)
}
