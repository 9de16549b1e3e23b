import { quoteIdentifier } from '@expand-contract/core'
import type { ColumnRef } from 'libpg-query'
import type { DecidedMigration } from './decided-migration.ts'
import {
  type Looking,
  type MigratingReference,
  migratingDecided,
  namesOf,
  qualifiedSql,
  qualifierIn,
  ROW_FUNCTIONS,
  rowDiffers,
  rowSql,
  visibleQualifier,
} from './reference.ts'
import { type Entry, findEntry, ownerOf, resolveColumn, type Scope } from './scope.ts'
import { Unprovable } from './unprovable.ts'

/** What a reference is found to be; undefined where it means what it meant. */
export type FoundReference =
  | { readonly kind: 'migrating'; readonly reference: MigratingReference }
  /** `captured`: the name alone would stand for a shadow column. */
  | { readonly kind: 'row'; readonly entry: Entry; readonly captured: boolean }
  /** It means what it meant where it is written so: a shadow column could capture the name alone. */
  | { readonly kind: 'rewritten'; readonly sql: string }
  /** It can stay where the logical side is read. */
  | { readonly kind: 'unproven'; readonly problem: Unprovable }
  | undefined

/** Resolves a reference to a column, or to a row. */
export function findReference(context: Looking, ref: ColumnRef, scope: Scope): FoundReference {
  const { names, star } = namesOf(ref)
  const name = names.at(-1)
  if (star || name === undefined) {
    const entry = findEntry(scope, names.at(-2), name ?? '')
    return entry && { kind: 'row', entry, captured: false }
  }
  if (names.length > 1) return findQualified(context, ref, scope)

  const start = context.source.offset(ref.location)
  const { column, hidden, uncertain, ambiguous } = resolveColumn(scope, name)
  if (column === undefined) {
    const lost = SYSTEM_COLUMNS.has(name) ? nearestDerived(scope) : undefined
    if (lost) throw new Unprovable('read', lost, 'joined-columns', start)
    if (hidden && uncertain) return unproven(hidden, 'unknown-columns', start)
    const entry = findEntry(scope, undefined, name)
    return entry && { kind: 'row', entry, captured: hidden !== undefined }
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
  if (uncertain && reason) return unproven(reason, 'unknown-columns', start)
  if (shadow && entry) {
    const qualifier = visibleQualifier(entry, scope)
    if (qualifier === undefined) throw new Unprovable('read', shadow, 'joined-columns', start)
    return { kind: 'migrating', reference: { decided: shadow, column: name, entry, qualifier } }
  }
  if (reason === undefined) return undefined
  const sql = qualifiedSql(column, scope)
  return sql === undefined ? unproven(reason, 'joined-columns', start) : { kind: 'rewritten', sql }
}

const unproven = (
  decided: DecidedMigration,
  code: 'unknown-columns' | 'joined-columns',
  start: number,
): FoundReference => ({ kind: 'unproven', problem: new Unprovable('read', decided, code, start) })

/** The migrating column that a reference stands for, where it is read from the shadow. */
export function findMigrating(context: Looking, ref: ColumnRef, scope: Scope): MigratingReference | undefined {
  const found = findReference(context, ref, scope)
  return found?.kind === 'migrating' ? found.reference : undefined
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

function findQualified(context: Looking, ref: ColumnRef, scope: Scope): FoundReference {
  const { names } = namesOf(ref)
  const [name, table, schema] = [names.at(-1) ?? '', names.at(-2) ?? '', names.at(-3)]
  const entry = findEntry(scope, schema, table)
  if (entry === undefined) return undefined
  if (entry.derived) {
    const start = context.source.offset(ref.location)
    if (SYSTEM_COLUMNS.has(name)) throw new Unprovable('read', entry.derived, 'joined-columns', start)
    return schema === undefined
      ? undefined
      : { kind: 'rewritten', sql: `${quoteIdentifier(table)}.${quoteIdentifier(name)}` }
  }
  if (entry.table === undefined) return undefined
  const decided = migratingDecided(entry, name)
  if (decided ? entry.table.reads(decided) === 'logical' : isColumn(entry, name)) return undefined
  const qualifier = qualifierIn(context, ref)
  if (decided) return { kind: 'migrating', reference: { decided, column: name, entry, qualifier } }
  return attributeNotation(entry, name, qualifier, scope)
}

const isColumn = (entry: Entry, name: string): boolean =>
  entry.columns.includes(name) || entry.table?.logical.hidden.has(name) === true || SYSTEM_COLUMNS.has(name)

/**
 * `u.to_jsonb` is `to_jsonb(u)` where the table has no such column. Any other name is much rather a mistake than a function of
 * the row, and PostgreSQL says so.
 */
function attributeNotation(entry: Entry, name: string, qualifier: string, scope: Scope): FoundReference {
  if (rowDiffers(entry) === undefined || !ROW_FUNCTIONS.has(name)) return undefined
  return { kind: 'rewritten', sql: `${quoteIdentifier(name)}(${rowSql(entry, qualifier, scope)})` }
}
