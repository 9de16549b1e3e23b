import { quoteIdentifier } from '@expand-contract/core'
import type { Tolerance } from '../tolerance.ts'
import type { Family, Model, ModelTable } from './model.ts'
import type { Select } from './statement.ts'

/** `other`: results that no expression is built of, such as rows and arrays. */
export interface OutColumn {
  readonly name: string
  readonly family: Family | 'other'
}

export interface ScopeSource {
  /** As it goes into SQL. */
  readonly alias: string
  readonly columns: readonly OutColumn[]
}

/** What names stand for at one place of a statement. */
export interface Scope {
  readonly sources: readonly ScopeSource[]
  /** Names that USING or NATURAL has made one column of. */
  readonly merged: ReadonlySet<string>
  readonly outer: Scope | undefined
}

export const EMPTY_SCOPE: Scope = { sources: [], merged: new Set(), outer: undefined }

export interface CommonTable {
  readonly name: string
  readonly columns: readonly OutColumn[]
}

export interface PrintedQuery {
  readonly sql: string
  readonly columns: readonly OutColumn[]
  /** The rows have one order only. */
  readonly ordered: boolean
}

type PrintQuery = (printing: Printing, select: Select, outer: Scope | undefined) => PrintedQuery

/** What is collected while one statement is printed. */
export interface Printing {
  readonly model: Model
  readonly major: number
  readonly values: string[]
  readonly parameters: { readonly family: Family; readonly sql: string }[]
  readonly common: CommonTable[]
  /** What the forms that were printed may do otherwise than on the twin. */
  readonly tolerates: Tolerance[]
  nextAlias: number
  /** Prints a query in FROM. */
  readonly printQuery: PrintQuery
}

export const newPrinting = (model: Model, major: number, printQuery: PrintQuery): Printing => ({
  ...{ model, major, values: [], parameters: [], common: [], tolerates: [], nextAlias: 1, printQuery },
})

export const q = quoteIdentifier

/** The element that a number picks; there must be one. */
export function picked<T>(list: readonly T[], pick: number): T {
  const found = list[pick % list.length]
  if (found === undefined) throw new Error('Nothing to pick from')
  return found
}

export const tableColumns = (table: ModelTable): readonly OutColumn[] => [
  { name: 'id', family: 'number' },
  ...table.columns,
]

/** Every way to name a column of the family: unambiguous ones only, the innermost scope first. */
export function namesOf(scope: Scope, family: Family, bare: boolean): readonly string[] {
  const names: string[] = []
  const inner = new Set<string>()
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const level = at
    for (const { alias, columns } of level.sources)
      for (const column of columns) {
        if (column.family !== family) continue
        if (columns.filter((other) => other.name === column.name).length > 1) continue
        const alone = level.merged.has(column.name) || countIn(level, column.name) === 1
        if (bare && alone && !inner.has(column.name)) names.push(q(column.name))
        else if (!hides(scope, level, alias)) names.push(`${alias}.${q(column.name)}`)
      }
    for (const source of level.sources) for (const column of source.columns) inner.add(column.name)
  }
  return names
}

const countIn = (scope: Scope, name: string): number =>
  scope.sources.flatMap((source) => source.columns).filter((column) => column.name === name).length

/** True when a source of an inner scope has the same alias. */
function hides(from: Scope, level: Scope, alias: string): boolean {
  for (let at: Scope | undefined = from; at !== undefined && at !== level; at = at.outer)
    if (at.sources.some((source) => source.alias === alias)) return true
  return false
}
