import { quoteIdentifier } from '@expand-contract/core'
import type { ColumnRef, Node } from 'libpg-query'
import { nameStrings } from '../parse/name-strings.ts'
import { columnPlace, inBrackets, qualifierPlace } from '../parse/places.ts'
import type { Range } from '../parse/source-text.ts'
import { columnList, readShadow } from './column-list.ts'
import { type BareColumn, bareColumn, type DecidedMigration, differs } from './decided-migration.ts'
import type { PlanContext } from './plan-context.ts'
import { type Entry, findEntry, freeName, qualifierOf, type Scope, sourcesOf, type VisibleColumn } from './scope.ts'

/** Where something stands is asked, and nothing is edited. */
export type Looking = Pick<PlanContext, 'source'>

/** A reference to a migrating column, resolved. */
export interface MigratingReference {
  readonly decided: DecidedMigration
  readonly column: string
  readonly entry: Entry
  /** SQL in front of the dot. */
  readonly qualifier: string
}

/** The names of a reference; `*` ends it with a star. */
export function namesOf(ref: ColumnRef): { readonly names: readonly string[]; readonly star: boolean } {
  const names = nameStrings(ref.fields)
  return { names, star: (ref.fields ?? []).some((field) => 'A_Star' in field) }
}

export const isStar = (node: Node): boolean => 'ColumnRef' in node && namesOf(node.ColumnRef).star

/** Where a reference stands in the text. */
export const rangeOf = ({ source }: Looking, ref: ColumnRef): Range => columnPlace(source, ref)

/** The same with the brackets around it, `from` the item that it is: `(u.*)` is `u.*` for PostgreSQL. */
export const bracketedRangeOf = ({ source }: Looking, ref: ColumnRef, from: number): Range =>
  inBrackets(source, columnPlace(source, ref), from)

/** The text of a reference up to the dot before its last part. */
export function qualifierIn({ source }: Looking, ref: ColumnRef): string {
  const { start, end } = qualifierPlace(source, ref)
  return source.text.slice(start, end)
}

/**
 * A column with its table in front; one that USING made, as PostgreSQL makes it. `bareWillDo` where it only has to be equal
 * to the column that it stands for.
 */
export function qualifiedSql(column: VisibleColumn, scope: Scope, bareWillDo = false): string | undefined {
  const { name } = column
  const parts = sourcesOf(column).map((entry) => {
    const qualifier = visibleQualifier(entry, scope)
    if (qualifier === undefined) return undefined
    const decided = migratingDecided(entry, name)
    if (decided === undefined || entry.table?.reads(decided) !== 'shadow')
      return `${qualifier}.${quoteIdentifier(name)}`
    const reference = { decided, column: name, entry, qualifier }
    return referenceSql(reference, bareWillDo ? bareFor(reference, scope) : undefined)
  })
  if (parts.some((part) => part === undefined)) return undefined
  const sql = parts.length === 1 ? parts[0] : `COALESCE(${parts.join(', ')})`
  return column.cast === undefined ? sql : `(${sql}::${column.cast.bare})`
}

/** The migration of one of its columns, whichever side is read. */
export const migratingDecided = (entry: Entry, name: string): DecidedMigration | undefined =>
  entry.table?.logical.columns.find((column) => column.name === name)?.decided

/** SQL that names an entry in front of a dot from where it is seen; undefined where another has taken the name. */
export function visibleQualifier(entry: Entry, scope: Scope): string | undefined {
  for (let level: Scope | undefined = scope; level; level = level.parent)
    if (level.namespace.entries.includes(entry)) {
      const seen = entry.name === undefined ? undefined : findEntry(scope, undefined, entry.name)
      if (seen !== entry && seen?.schema === entry.schema) return undefined
      return qualifierOf(entry, level.namespace)
    }
  return undefined
}

/** The level that an entry belongs to asks for the exact logical expression, so that it matches one elsewhere. */
export function isExact(scope: Scope, entry: Entry): boolean {
  for (let level: Scope | undefined = scope; level; level = level.parent)
    if (level.namespace.entries.includes(entry)) return level.exact === true
  return false
}

/** The bare shadow column for a reference, where it may stand for the logical one. */
export function bareFor(reference: MigratingReference, scope: Scope): BareColumn | undefined {
  return isExact(scope, reference.entry) ? undefined : bareColumn(reference.decided, reference.column)
}

/** SQL for a migrating column: the bare shadow column where that is the same, else the logical expression. */
export function referenceSql(reference: MigratingReference, bare: BareColumn | undefined): string {
  const { decided, column, entry, qualifier } = reference
  if (bare) return `${qualifier}.${quoteIdentifier(bare.column)}`
  return readShadow(decided, column, entry.table ?? { reads: (each) => each.read, nullable: true }, qualifier)
}

/** A whole row with exactly its logical columns, NULL where an outer join found no partner. */
export function rowSql(entry: Entry, qualifier: string, scope: Scope): string {
  const { table } = entry
  if (table === undefined) throw new RangeError('not a migrating table')
  const where = table.nullable ? ` WHERE ${qualifier}.tableoid IS NOT NULL` : ''
  const row = freeName(scope, 'ec')
  return `(SELECT ${row} FROM (SELECT ${columnList(table.logical, table, qualifier)}${where}) AS ${row})`
}

/** The columns of the table are not exactly those that the application knows. */
export function rowDiffers(entry: Entry): DecidedMigration | undefined {
  return entry.table?.logical.columns.flatMap(({ decided }) => decided ?? []).find(differs)
}

/** Functions that take any row for what it holds; others may ask for the table's own row type. */
export const ROW_FUNCTIONS = new Set(
  'row_to_json to_json to_jsonb json_agg jsonb_agg json_build_object jsonb_build_object json_build_array jsonb_build_array json_object_agg jsonb_object_agg array_agg array_to_json count num_nulls num_nonnulls concat concat_ws format lag lead first_value last_value nth_value any_value'.split(
    ' ',
  ),
)

/** A migration whose columns are read from the shadow in this row. */
export function readsShadow(entry: Entry): DecidedMigration | undefined {
  const { table } = entry
  return table?.logical.columns
    .flatMap(({ decided }) => decided ?? [])
    .find((decided) => table.reads(decided) === 'shadow')
}
