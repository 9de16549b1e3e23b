import { nameOfToken } from '@expand-contract/core'
import type { InferClause, ResTarget } from 'libpg-query'
import { between } from './places.ts'
import { endsItem, type Range, type SourceText, type Token } from './source-text.ts'

/** Where an item of SET stands: the column with its subscripts, and the value. */
export function assignmentPlace(
  source: SourceText,
  { location }: ResTarget,
): { readonly name: Range; readonly value: Range } {
  const first = source.tokenAt(location).index
  const equals = source.expressionEnd(first, (token) => token.word === '=')
  const end = source.expressionEnd(equals + 1, endsItem)
  return { name: source.range(first, equals), value: source.range(equals + 1, end) }
}

/** Where the parts of `(a, b) = ROW(…)` or `(a, b) = (SELECT …)` stand. */
export interface GroupPlaces {
  /** The bracket in front of the columns. */
  readonly start: number
  /** The columns, with their subscripts. */
  readonly targets: readonly Range[]
  /** The row or the query, with its brackets and with ROW. */
  readonly source: Range
  /** ROW, where it is written, and the bracket behind it. */
  readonly head: Range
  readonly hasRow: boolean
  readonly close: Range
  /** The values of the row. */
  readonly values: readonly Range[]
}

export function groupPlaces(source: SourceText, group: readonly ResTarget[], isRow: boolean): GroupPlaces {
  const targets = group.map(({ location }) => {
    const { index } = source.tokenAt(location)
    return source.range(
      index,
      source.expressionEnd(index, ({ word }) => word === ','),
    )
  })
  const [first, last] = [targets[0], targets.at(-1)]
  if (first === undefined || last === undefined) throw new RangeError('a group without columns')
  const before = source.token((source.startingAt(first.start)?.index ?? 0) - 1)
  // Behind the bracket that closes the columns, and `=`.
  const behind = source.token(source.endingAt(last.end).index + 3)
  if (before === undefined || behind === undefined) throw new RangeError('a group without a source')
  const { row, open } = isRow ? rowBracket(source, behind) : { row: undefined, open: behind }
  const close = source.closing(open)
  const head = between(row ?? open, open)
  return {
    ...{ start: before.start, targets, source: between(head, close), head, close, hasRow: row !== undefined },
    values: isRow ? source.elements(open) : [],
  }
}

/** Without ROW it has two values at least: brackets around one thing stand around the row. */
function rowBracket(source: SourceText, first: Token): { readonly row: Token | undefined; readonly open: Token } {
  const next = source.token(first.index + 1)
  if (next === undefined) throw new RangeError('a row without a bracket')
  if (first.word === 'ROW') return { row: first, open: next }
  return source.elements(first).length === 1 ? rowBracket(source, next) : { row: undefined, open: first }
}

/** A name within the target of ON CONFLICT. */
export interface NamePlace {
  readonly name: string
  readonly place: Range
}

/** Every name in the target of ON CONFLICT, with its condition. */
export function arbiterNames(source: SourceText, { location, whereClause }: InferClause): readonly NamePlace[] {
  const open = source.tokenFrom(location)
  if (open === undefined) return []
  const end = whereClause
    ? source.expressionEnd(open.index, (token) => token.word === 'DO')
    : source.closing(open).index + 1
  return source.tokens.slice(open.index, end).flatMap((token): readonly NamePlace[] => {
    const name = nameOfToken(source.text.slice(token.start, token.end))
    return name === undefined ? [] : [{ name, place: token }]
  })
}

/** The name behind ON CONSTRAINT. */
export function constraintPlace(source: SourceText, { location }: InferClause): Range | undefined {
  const on = source.tokenFrom(location)
  return on && source.token(on.index + 2)
}
