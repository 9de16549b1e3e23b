import type { ColumnRef, FuncCall, RangeVar } from 'libpg-query'
import { endsItem, type Range, type SourceText, type Token } from './source-text.ts'

/**
 * Where things stand in a text. The parser tells where a name begins; where it ends, and what stands around it, is found by the
 * tokens, here and in the other files `*-places.ts`, and nowhere else.
 */

/** Where a table stands. */
export interface TablePlace {
  /** Its name, with its schema. */
  readonly name: Range
  /** The same with ONLY, the brackets of that, and `*`; its alias left out. */
  readonly whole: Range
}

export function tablePlace(source: SourceText, { location, schemaname, catalogname, inh }: RangeVar): TablePlace {
  const qualifiers = [schemaname, catalogname].filter((part) => part !== undefined).length
  const first = source.tokenAt(location)
  const last = source.nameEnd(first, qualifiers + 1)
  const name = between(first, last)
  const before = source.token(first.index - 1)
  const behind = source.token(last.index + 1)
  if (inh) return { name, whole: behind?.word === '*' ? between(first, behind) : name }
  if (before?.word === 'ONLY') return { name, whole: between(before, last) }
  const only = before && source.token(before.index - 1)
  return { name, whole: only?.word === 'ONLY' && behind ? between(only, behind) : name }
}

/** A table with its alias. One that lists columns has no such place. */
export function aliasedTable(source: SourceText, node: RangeVar): Range {
  const { whole } = tablePlace(source, node)
  if (node.alias === undefined) return whole
  const next = tokenBehind(source, whole)
  return { start: whole.start, end: (next?.word === 'AS' ? source.token(next.index + 1) : next)?.end ?? whole.end }
}

/** Where a reference stands, its star included. */
export const columnPlace = (source: SourceText, ref: ColumnRef): Range => {
  const first = source.tokenAt(ref.location)
  return between(first, source.nameEnd(first, ref.fields?.length ?? 1))
}

/** What stands in front of the last dot of a reference. */
export const qualifierPlace = (source: SourceText, ref: ColumnRef): Range => {
  const first = source.tokenAt(ref.location)
  return between(first, source.nameEnd(first, (ref.fields?.length ?? 1) - 1))
}

/** A call from its name to the bracket that ends its arguments; undefined for what is written otherwise, as CURRENT_DATE is. */
export function callPlace(source: SourceText, { location, funcname }: FuncCall): Range | undefined {
  const first = source.tokenAt(location)
  const open = source.token(source.nameEnd(first, funcname?.length ?? 1).index + 1)
  return open?.word === '(' ? { start: first.start, end: source.closing(open).end } : undefined
}

/** A range with all brackets around it that hold nothing else and begin at `from` or behind. */
export function inBrackets(source: SourceText, range: Range, from = 0): Range {
  const { first, last } = endsOf(source, range)
  const { start, end } = source.withBrackets(first, last, from)
  return { start, end }
}

/** An item of a row with the brackets around it; around a sole one the outermost are those of the row. */
export function rowItemPlace(source: SourceText, range: Range, sole: boolean): Range {
  const { first, last } = endsOf(source, range)
  const { open, close, start, end } = source.withBrackets(first, last)
  return sole && open !== first ? source.range(open.index + 1, close.index) : { start, end }
}

/** From the outermost bracket around a value to the field or star behind it: `(u).name`; undefined where there is none. */
export function selectionPlace(source: SourceText, range: Range): Range | undefined {
  const { first, last } = endsOf(source, range)
  const { open, close } = source.withBrackets(first, last)
  const [dot, end] = [source.token(close.index + 1), source.token(close.index + 2)]
  return open.word === '(' && dot?.word === '.' && end ? between(open, end) : undefined
}

/** The expression of an item of a select or RETURNING list, without its alias. */
export function outputPlace(source: SourceText, location: number | undefined, aliased: boolean): Range | undefined {
  const first = source.tokenFrom(location)
  if (first === undefined) return undefined
  const end = source.expressionEnd(first.index, endsItem)
  const alias = aliased ? (source.token(end - 2)?.word === 'AS' ? 2 : 1) : 0
  return source.range(first.index, end - alias)
}

/** The key word of `TABLE users`. */
export function tableWordPlace(source: SourceText, node: RangeVar | undefined): Range {
  for (let index = source.tokenAt(node?.location).index - 1; index >= 0; index--) {
    const token = source.token(index)
    if (token?.word === 'TABLE') return token
  }
  throw new RangeError('a star that is not written')
}

/** A constant or a parameter, in the brackets that begin where it is said to begin. */
export function constantPlace(source: SourceText, location: number | undefined): Range {
  const first = source.tokenAt(location)
  return { start: first.start, end: first.word === '(' ? source.closing(first).end : first.end }
}

/** The name that a range begins with. */
export const leadingName = (source: SourceText, range: Range): Range => source.startingAt(range.start) ?? range

/** A range with the token in front of it, which is a comma in a list. */
export function withCommaBefore(source: SourceText, { start, end }: Range): Range {
  const first = source.startingAt(start)
  return { start: (first && source.token(first.index - 1))?.start ?? start, end }
}

export const between = (first: Range, last: Range): Range => ({ start: first.start, end: last.end })

export function tokenBehind(source: SourceText, range: Range): Token | undefined {
  return source.token(source.endingAt(range.end).index + 1)
}

function endsOf(source: SourceText, { start, end }: Range): { readonly first: Token; readonly last: Token } {
  const first = source.startingAt(start)
  if (first === undefined) throw new RangeError(`no token starts at ${start}`)
  return { first, last: source.endingAt(end) }
}
