import { quoteIdentifier } from '@expand-contract/core'
import type { ColumnRef } from 'libpg-query'
import { nameStrings } from '../parse/name-strings.ts'
import type { Range } from '../parse/source-text.ts'
import { columnList, readShadow } from './column-list.ts'
import { type BareColumn, bareColumn, type DecidedMigration, differs } from './decided-migration.ts'
import { leave, type PlanContext } from './plan-context.ts'
import {
  type Entry,
  findEntry,
  freeName,
  ownerOf,
  qualifierOf,
  resolveColumn,
  type Scope,
  sourcesOf,
  type VisibleColumn,
} from './scope.ts'
import { Unprovable } from './unprovable.ts'

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

/** Where a reference stands in the text. */
export function rangeOf(context: PlanContext, ref: ColumnRef): Range {
  const first = context.source.tokenAt(ref.location)
  return { start: first.start, end: context.source.nameEnd(first, ref.fields?.length ?? 1).end }
}

/** The same with the brackets around it, `from` the item that it is: `(u.*)` is `u.*` for PostgreSQL. */
export function bracketedRangeOf(context: PlanContext, ref: ColumnRef, from: number): Range {
  const first = context.source.tokenAt(ref.location)
  return context.source.withBrackets(first, context.source.nameEnd(first, ref.fields?.length ?? 1), from)
}

/** The text of a reference up to the dot before its last part. */
export function qualifierIn(context: PlanContext, ref: ColumnRef): string {
  const first = context.source.tokenAt(ref.location)
  const last = context.source.nameEnd(first, (ref.fields?.length ?? 1) - 1)
  return context.source.text.slice(first.start, last.end)
}

/** `captured`: the name alone would stand for a shadow column. */
export type RowReference = (entry: Entry, captured: boolean) => void

/**
 * Resolves a reference to a column. Names that a shadow column could capture get their table; references to rows are
 * handed to `row`. Returns the migrating column that it stands for, untouched so far.
 */
export function resolve(
  context: PlanContext,
  ref: ColumnRef,
  scope: Scope,
  row: RowReference,
): MigratingReference | undefined {
  const { names, star } = namesOf(ref)
  const name = names.at(-1)
  if (star || name === undefined) {
    const entry = findEntry(scope, names.at(-2), name ?? '')
    if (entry) row(entry, false)
    return undefined
  }
  const start = context.source.offset(ref.location)
  if (names.length > 1) return resolveQualified(context, ref, scope)

  const { column, hidden, uncertain, ambiguous } = resolveColumn(scope, name)
  if (column === undefined) {
    const entry = findEntry(scope, undefined, name)
    const lost = SYSTEM_COLUMNS.has(name) ? nearestDerived(scope) : undefined
    if (lost) throw new Unprovable('read', lost, 'joined-columns', start)
    if (hidden && uncertain) leave(context, new Unprovable('read', hidden, 'unknown-columns', start))
    else if (entry) row(entry, hidden !== undefined)
    return undefined
  }
  if (ambiguous) {
    const absent = migratingCandidate(scope, name)
    if (absent) throw new Unprovable('read', absent, 'ambiguous-column', start)
    return undefined
  }
  const entry = ownerOf(column)
  const decided = entry && migratingDecided(entry, name)
  const shadow = decided && entry?.table?.reads(decided) === 'shadow' ? decided : undefined
  const reason = hidden ?? column.asOn?.decided ?? shadow
  if (uncertain && reason) {
    leave(context, new Unprovable('read', reason, 'unknown-columns', start))
    return undefined
  }
  if (shadow && entry) {
    const qualifier = visibleQualifier(entry, scope)
    if (qualifier === undefined) throw new Unprovable('read', shadow, 'joined-columns', start)
    return { decided: shadow, column: name, entry, qualifier }
  }
  if (reason) {
    const sql = qualifiedSql(column, scope)
    if (sql === undefined) leave(context, new Unprovable('read', reason, 'joined-columns', start))
    else context.edits.replace(rangeOf(context, ref), sql)
  }
  return undefined
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

/** The migration of the column that a reference names, whichever side is read, and SQL that names its table. */
export function migrationOf(
  ref: ColumnRef,
  scope: Scope,
): { readonly decided: DecidedMigration; readonly qualifier: string } | undefined {
  const { names, star } = namesOf(ref)
  const name = names.at(-1)
  if (star || name === undefined) return undefined
  if (names.length > 1) {
    const entry = findEntry(scope, names.at(-3), names.at(-2) ?? '')
    const decided = entry && migratingDecided(entry, name)
    return decided && { decided, qualifier: names.slice(0, -1).map(quoteIdentifier).join('.') }
  }
  const { column, ambiguous } = resolveColumn(scope, name)
  const entry = column && !ambiguous ? ownerOf(column) : undefined
  const decided = entry && migratingDecided(entry, name)
  const qualifier = entry && visibleQualifier(entry, scope)
  return decided && qualifier !== undefined ? { decided, qualifier } : undefined
}

/** The migrating column among several of one name that PostgreSQL would not see: the others would be taken silently. */
function migratingCandidate(scope: Scope, name: string): DecidedMigration | undefined {
  for (let level: Scope | undefined = scope; level; level = level.parent) {
    const found = level.namespace.columns.filter((column) => column.name === name)
    if (found.length > 0)
      return found
        .map((column) => migratingDecided(column.entry, name))
        .find((decided) => decided && !decided.hasLogical)
  }
  return undefined
}

const SYSTEM_COLUMNS = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])

/** The table behind a sub-select that a system column without a table would be of. */
function nearestDerived(scope: Scope): DecidedMigration | undefined {
  for (let level: Scope | undefined = scope; level; level = level.parent) {
    const derived = level.namespace.plain.find((entry) => entry.derived)
    if (derived || level.namespace.plain.some((entry) => entry.table)) return derived?.derived
  }
  return undefined
}

function resolveQualified(context: PlanContext, ref: ColumnRef, scope: Scope): MigratingReference | undefined {
  const { names } = namesOf(ref)
  const [name, table, schema] = [names.at(-1) ?? '', names.at(-2) ?? '', names.at(-3)]
  const entry = findEntry(scope, schema, table)
  if (entry === undefined) return undefined
  if (entry.derived) {
    const range = rangeOf(context, ref)
    if (SYSTEM_COLUMNS.has(name)) throw new Unprovable('read', entry.derived, 'joined-columns', range.start)
    if (schema !== undefined) context.edits.replace(range, `${quoteIdentifier(table)}.${quoteIdentifier(name)}`)
    return undefined
  }
  if (entry.table === undefined) return undefined
  const decided = migratingDecided(entry, name)
  if (decided ? entry.table.reads(decided) === 'logical' : isColumn(entry, name)) return undefined
  const range = rangeOf(context, ref)
  const qualifier = qualifierIn(context, ref)
  if (decided === undefined) {
    attributeNotation(context, entry, { name, qualifier, range, scope })
    return undefined
  }
  return { decided, column: name, entry, qualifier }
}

const isColumn = (entry: Entry, name: string): boolean =>
  entry.columns.includes(name) || entry.table?.logical.hidden.has(name) === true || SYSTEM_COLUMNS.has(name)

interface Attribute {
  readonly name: string
  readonly qualifier: string
  readonly range: Range
  readonly scope: Scope
}

/** `u.to_jsonb` is `to_jsonb(u)` where the table has no such column. */
function attributeNotation(context: PlanContext, entry: Entry, { name, qualifier, range, scope }: Attribute): void {
  if (rowDiffers(entry) === undefined) return
  // Any other name is much rather a mistake than a function of the row, and PostgreSQL says so.
  if (ROW_FUNCTIONS.has(name))
    context.edits.replace(range, `${quoteIdentifier(name)}(${rowSql(entry, qualifier, scope)})`)
}

const migratingDecided = (entry: Entry, name: string): DecidedMigration | undefined =>
  entry.table?.logical.columns.find((column) => column.name === name)?.decided

function visibleQualifier(entry: Entry, scope: Scope): string | undefined {
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
