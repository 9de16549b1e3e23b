import { quoteIdentifier } from '@expand-contract/core'
import type { A_Indirection, ColumnRef } from 'libpg-query'
import { checkOrder, columnList, readShadow } from './column-list.ts'
import type { PlanContext } from './plan-context.ts'
import { namesOf, qualifiedSql, qualifierIn } from './reference.ts'
import {
  type Entry,
  findEntry,
  type Namespace,
  ownerOf,
  qualifierOf,
  resolveColumn,
  type Scope,
  type VisibleColumn,
} from './scope.ts'
import { Unprovable } from './unprovable.ts'

/**
 * The columns that a star stands for, or undefined where it can stay: no migrating table is behind it. `values` leaves
 * the names out, for rows.
 */
export function starSql(
  context: PlanContext,
  ref: ColumnRef,
  scope: Scope,
  form: 'items' | 'values',
): string | undefined {
  const { names } = namesOf(ref)
  if (names.length === 0) return allColumns(context, ref, scope, form)
  const entry = findEntry(scope, names.at(-2), names.at(-1) ?? '')
  if (!entry?.table) {
    return entry?.derived && names.length > 1 ? `${quoteIdentifier(names.at(-1) ?? '')}.*` : undefined
  }
  return entryColumns(entry, qualifierIn(context, ref), form)
}

/** `(u).*` is `u.*` where `u` is a migrating table. */
export function starredRow(
  { arg, indirection }: A_Indirection,
  scope: Scope,
  form: 'items' | 'values',
): { readonly sql: string; readonly columns: readonly string[] } | undefined {
  const only = indirection?.length === 1 ? indirection[0] : undefined
  if (!only || !('A_Star' in only) || !arg || !('ColumnRef' in arg)) return undefined
  const { names, star } = namesOf(arg.ColumnRef)
  const name = names.at(-1) ?? ''
  if (!star && names.length === 1 && resolveColumn(scope, name).column) return undefined
  const entry = findEntry(scope, names.at(-2), name)
  if (!entry?.table) return undefined
  return { sql: entryColumns(entry, names.map(quoteIdentifier).join('.'), form), columns: entry.columns }
}

function entryColumns(entry: Entry, qualifier: string, form: 'items' | 'values'): string {
  const { table } = entry
  if (table === undefined) return `${qualifier}.*`
  if (form === 'items') return columnList(table.logical, table, qualifier)
  checkOrder(table.logical)
  return table.logical.columns
    .map(({ name, decided }) =>
      decided && table.reads(decided) === 'shadow'
        ? readShadow(decided, name, table, qualifier)
        : `${qualifier}.${quoteIdentifier(name)}`,
    )
    .join(', ')
}

/** A star alone, where a migrating table is behind it. */
function allColumns(context: PlanContext, ref: ColumnRef, scope: Scope, form: 'items' | 'values'): string | undefined {
  const { namespace } = scope
  if (!namespace.plain.some((entry) => entry.table)) return undefined
  return columnsOfAll(scope, form) ?? refuse(context, ref, namespace)
}

/**
 * Every column in view, as a star alone has them: with USING each of them once, the merged ones first. undefined where
 * they cannot all be named.
 */
export function columnsOfAll(scope: Scope, form: 'items' | 'values'): string | undefined {
  const { namespace } = scope
  const merges = namespace.columns.some((column) => column.merged)
  const known = namespace.plain.every((entry) => qualifierOf(entry, namespace) !== undefined && !(merges && entry.open))
  if (!known) return undefined
  if (!merges)
    return namespace.plain.map((entry) => entryColumns(entry, qualifierOf(entry, namespace) ?? '', form)).join(', ')
  const mergedEntries = new Set(namespace.columns.flatMap((column) => column.merged ?? []))
  const parts = namespace.columns.map((column) => {
    const { entry, merged, name } = column
    // A source that has nothing to do with either keeps its star: it may have a name twice.
    if (!merged && !entry.table && !mergedEntries.has(entry)) return `${qualifierOf(entry, namespace)}.*`
    const twice = !merged && entry.columns.filter((other) => other === name).length > 1
    // PostgreSQL 14 has another name than this for some.
    return twice || name === '?column?' ? undefined : visibleColumn(column, scope, form)
  })
  if (parts.some((part) => part === undefined)) return undefined
  return parts.filter((part, index) => !part?.endsWith('.*') || parts.indexOf(part) === index).join(', ')
}

/** A merged column goes by its bare name, unless another column has that as well. */
function visibleColumn(column: VisibleColumn, scope: Scope, form: 'items' | 'values'): string | undefined {
  const { namespace } = scope
  const { name, asOn } = column
  const entry = ownerOf(column)
  if (entry) return ownColumn(entry, name, qualifierOf(entry, namespace) ?? '', form)
  const taken =
    asOn !== undefined ||
    namespace.columns.filter((other) => other.name === name).length > 1 ||
    namespace.plain.some((other) => other.table?.logical.hidden.has(name))
  if (!taken) return quoteIdentifier(name)
  const sql = qualifiedSql(column, scope)
  return sql !== undefined && form === 'items' ? `${sql} AS ${quoteIdentifier(name)}` : sql
}

function ownColumn(entry: Entry, name: string, qualifier: string, form: 'items' | 'values'): string {
  const decided = entry.table?.logical.columns.find((column) => column.name === name)?.decided
  if (!decided || entry.table?.reads(decided) !== 'shadow') return `${qualifier}.${quoteIdentifier(name)}`
  const value = readShadow(decided, name, entry.table, qualifier)
  return form === 'items' ? `${value} AS ${quoteIdentifier(name)}` : value
}

function refuse(context: PlanContext, ref: ColumnRef, namespace: Namespace): never {
  const decided = namespace.plain.flatMap(
    (entry) => entry.table?.logical.columns.flatMap((column) => column.decided ?? []) ?? [],
  )[0]
  if (decided === undefined) throw new RangeError('no migrating table behind the star')
  throw new Unprovable('read', decided, 'unknown-columns', context.source.offset(ref.location))
}
