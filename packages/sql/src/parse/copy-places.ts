import type { CopyStmt } from 'libpg-query'
import { between, tablePlace, tokenBehind } from './places.ts'
import type { Range, SourceText, Token } from './source-text.ts'

/** Where the parts of COPY stand. */
export interface CopyPlaces {
  /** The table's name. */
  readonly table: Range
  /** The columns of the list; undefined without one. */
  readonly columns: readonly Range[] | undefined
  /** The table with its list. */
  readonly whole: Range
}

/** undefined for COPY of a query. */
export function copyPlaces(source: SourceText, { relation, attlist }: CopyStmt): CopyPlaces | undefined {
  if (relation === undefined) return undefined
  const table = tablePlace(source, relation).name
  const open = attlist && tokenBehind(source, table)
  return {
    table,
    columns: open && source.elements(open),
    whole: open ? between(table, source.closing(open)) : table,
  }
}

/** Where the condition of COPY FROM stands: behind the word WHERE, or, without one, at the end. */
export function copyConditionPlace(
  source: SourceText,
  { table }: CopyPlaces,
): { readonly start: number; readonly end: number } {
  const from = source.startingAt(table.start)?.index ?? 0
  const end = source.token(source.expressionEnd(from, () => false) - 1)
  const where = source.token(source.expressionEnd(from, (token) => token.word === 'WHERE'))
  if (end === undefined) throw new RangeError('a COPY without an end')
  return { start: where?.word === 'WHERE' ? where.end : end.end, end: end.end }
}

/** Options of COPY in the places that they had before PostgreSQL 9.0. */
export interface OldOptions {
  /** BINARY, up to the table. */
  readonly binary: Range | undefined
  /** `USING DELIMITERS '…'`, and the string in it. */
  readonly delimiters: { readonly whole: Range; readonly value: Range } | undefined
  /** Where other options go: behind the bracket of a list, or behind WITH or the file. */
  readonly others: number
  readonly inList: boolean
}

export function oldOptions(source: SourceText, { table, whole }: CopyPlaces): OldOptions | undefined {
  const first = source.startingAt(table.start)
  const before = first && source.token(first.index - 1)
  const binary = before?.word === 'BINARY' ? { start: before.start, end: table.start } : undefined
  const direction = tokenBehind(source, whole)
  let last = following(source, direction)
  if (last?.word === 'PROGRAM') last = following(source, last)
  const using = following(source, last)
  const word = using?.word === 'USING' ? following(source, using) : using
  const value = word?.word === 'DELIMITERS' ? following(source, word) : undefined
  const delimiters = using && value ? { whole: between(using, value), value } : undefined
  last = value ?? last
  if (last === undefined) return undefined
  const next = following(source, last)
  if (next?.word === 'WITH') last = next
  const list = following(source, last)
  const inList = list?.word === '('
  return { binary, delimiters, others: inList ? list.end : last.end, inList }
}

const following = (source: SourceText, token: Token | undefined): Token | undefined =>
  token && source.token(token.index + 1)
