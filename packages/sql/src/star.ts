import { quoteIdentifier } from '@expand-contract/core'
import type { ColumnRef } from 'libpg-query'
import { columnList, readShadow } from './column-list.ts'
import { namesOf, rangeOf } from './reference.ts'
import { type Entry, findEntry, qualifierOf, type Scope, type View } from './scope.ts'
import { Unprovable } from './unprovable.ts'
import type { Work } from './work.ts'

/**
 * The columns that a star stands for, or undefined where it can stay: no migrating table is behind it. `values` leaves
 * the names out, for rows.
 */
export function starSql(work: Work, ref: ColumnRef, scope: Scope, form: 'items' | 'values'): string | undefined {
  const { names } = namesOf(ref)
  if (names.length === 0) return allColumns(work, ref, scope.view, form)
  const entry = findEntry(scope, names.at(-2), names.at(-1) ?? '')
  if (!entry?.table) {
    return entry?.derived && names.length > 1 ? `${quoteIdentifier(names.at(-1) ?? '')}.*` : undefined
  }
  const range = rangeOf(work, ref)
  const star = work.source.token(work.source.tokenAt(ref.location).index + 2 * names.length - 1)
  return entryColumns(entry, work.source.text.slice(range.start, star?.start ?? range.end), form)
}

function entryColumns(entry: Entry, qualifier: string, form: 'items' | 'values'): string {
  const { table } = entry
  if (table === undefined) return `${qualifier}.*`
  if (form === 'items') return columnList(table.logical, table, qualifier)
  return table.logical.columns
    .map(({ name, stance }) =>
      stance && table.reads(stance) === 'shadow'
        ? readShadow(stance, name, table, qualifier)
        : `${qualifier}.${quoteIdentifier(name)}`,
    )
    .join(', ')
}

/** A star alone covers every entry; the columns of USING come first, and only once. */
function allColumns(work: Work, ref: ColumnRef, view: View, form: 'items' | 'values'): string | undefined {
  const migrating = view.plain.find((entry) => entry.table)?.table
  if (!migrating) return undefined
  const merged = view.columns.filter((column) => column.merged)
  const parts = merged.map(({ name }) => quoteIdentifier(name))
  for (const entry of view.plain) {
    const qualifier = qualifierOf(entry, view)
    const own = view.columns.filter((column) => column.entry === entry && !column.merged)
    const hasMerged = merged.length > 0
    if (!hasMerged && qualifier !== undefined) parts.push(entryColumns(entry, qualifier, form))
    else if (entry.open || qualifier === undefined) refuse(work, ref, view)
    else parts.push(...own.map(({ name }) => ownColumn(entry, name, qualifier, form)))
  }
  return parts.join(', ')
}

function ownColumn(entry: Entry, name: string, qualifier: string, form: 'items' | 'values'): string {
  const stance = entry.table?.logical.columns.find((column) => column.name === name)?.stance
  if (!stance || entry.table?.reads(stance) !== 'shadow') return `${qualifier}.${quoteIdentifier(name)}`
  const value = readShadow(stance, name, entry.table, qualifier)
  return form === 'items' ? `${value} AS ${quoteIdentifier(name)}` : value
}

function refuse(work: Work, ref: ColumnRef, view: View): never {
  const stance = view.plain.flatMap(
    (entry) => entry.table?.logical.columns.flatMap((column) => column.stance ?? []) ?? [],
  )[0]
  if (stance === undefined) throw new RangeError('no migrating table behind the star')
  throw new Unprovable('read', stance, 'unknown-columns', work.source.offset(ref.location))
}
