import type { InsertStmt, MergeStmt, Node } from 'libpg-query'
import { aliasedTable, between, tokenBehind } from './places.ts'
import type { Range, SourceText, Token } from './source-text.ts'

/** Where the parts of an INSERT stand. */
export interface InsertPlaces {
  /** What a column list stands behind: the table with its alias, or INSERT in a MERGE. */
  readonly table: Range
  /** The columns of the list; undefined without one. */
  readonly columns: readonly Range[] | undefined
  /** OVERRIDING, and the word behind it. */
  readonly overriding: { readonly start: number; readonly word: Range } | undefined
  /** VALUES with its rows, without brackets around both; DEFAULT VALUES; or the query. */
  readonly source: Range
}

export function insertPlaces(source: SourceText, insert: InsertStmt): InsertPlaces {
  const { relation, cols } = insert
  if (relation === undefined) throw new RangeError('an INSERT without a table')
  const { behind, ...head } = headPlaces(source, aliasedTable(source, relation), cols !== undefined)
  const end = sourceEnd(source, behind) - 1
  let brackets = 0
  if (listedRows(insert)) while (source.token(behind + brackets)?.word === '(') brackets++
  return { ...head, source: source.range(behind + brackets, end - brackets + 1) }
}

/** The rows of plain VALUES; a WITH of their own makes it a query. */
export function listedRows({ selectStmt }: InsertStmt): readonly Node[] | undefined {
  const select = selectStmt && 'SelectStmt' in selectStmt ? selectStmt.SelectStmt : undefined
  return select?.withClause ? undefined : select?.valuesLists
}

interface HeadPlaces extends Omit<InsertPlaces, 'source'> {
  /** Index of the token behind. */
  readonly behind: number
}

function headPlaces(source: SourceText, table: Range, listed: boolean): HeadPlaces {
  const next = tokenBehind(source, table)
  if (next === undefined) throw new RangeError('an INSERT without a source')
  const list = listed && next.word === '(' ? next : undefined
  const at = list ? source.closing(list).index + 1 : next.index
  // OVERRIDING SYSTEM VALUE: a query or a table cannot begin with this word.
  const [first, word] = [source.token(at), source.token(at + 1)]
  const overriding = first?.word === 'OVERRIDING' && word ? { start: first.start, word } : undefined
  return { table, columns: list && source.elements(list), overriding, behind: overriding ? at + 3 : at }
}

/** Index of ON CONFLICT, RETURNING or the end; ON alone also stands in a join. */
function sourceEnd(source: SourceText, from: number): number {
  return source.expressionEnd(from, (token) => {
    if (token.word === 'RETURNING') return true
    return token.word === 'ON' && source.token(token.index + 1)?.word === 'CONFLICT'
  })
}

/** The values of each of so many rows. */
export function rowPlaces(source: SourceText, places: InsertPlaces, rows: number): readonly (readonly Range[])[] {
  let open: Token | undefined = firstRow(source, places)
  return Array.from({ length: rows }, () => {
    if (open === undefined) throw new RangeError('a row without a bracket')
    const values = source.elements(open)
    open = source.token(source.closing(open).index + 2)
    return values
  })
}

function firstRow(source: SourceText, places: InsertPlaces): Token | undefined {
  const values = source.startingAt(places.source.start)
  return values && source.token(values.index + 1)
}

/** Where the brackets of a sole row stand: VALUES with the first, and the second. */
export function rowBrackets(source: SourceText, places: InsertPlaces): { readonly head: Range; readonly close: Range } {
  const open = firstRow(source, places)
  if (open === undefined) throw new RangeError('a row without a bracket')
  return { head: between(places.source, open), close: source.closing(open) }
}

/** Where INSERT INTO begins, and where what stands before it ends. */
export function insertStart(
  source: SourceText,
  insert: InsertStmt,
): { readonly start: number; readonly before: number } {
  const keyword = source.token(source.tokenAt(insert.relation?.location).index - 2)
  if (keyword === undefined) throw new RangeError('an INSERT without its words')
  return { start: keyword.start, before: source.token(keyword.index - 1)?.end ?? keyword.start }
}

/** The WHEN of each clause of a MERGE, those of CASE left out. */
export function mergeWhenPlaces(source: SourceText, { relation }: MergeStmt): readonly Range[] {
  const places: Token[] = []
  for (let at = source.tokenAt(relation?.location).index; at < source.tokens.length; ) {
    const token = source.token(source.expressionEnd(at, ({ word }) => word === 'WHEN'))
    if (token?.word !== 'WHEN') break
    places.push(token)
    at = token.index
  }
  return places
}

/** Where the parts of `WHEN … THEN INSERT (…) VALUES (…)` stand. */
export function mergeInsertPlaces(source: SourceText, when: Range): InsertPlaces {
  const from = (source.startingAt(when.start)?.index ?? 0) + 1
  const insert = source.token(source.expressionEnd(from, ({ word }) => word === 'INSERT'))
  if (insert === undefined) throw new RangeError('a MERGE clause without INSERT')
  const { behind, ...head } = headPlaces(source, between(insert, insert), true)
  const [first, second] = [source.token(behind), source.token(behind + 1)]
  if (first === undefined || second === undefined) throw new RangeError('a MERGE clause without values')
  return { ...head, source: between(first, second.word === '(' ? source.closing(second) : second) }
}
