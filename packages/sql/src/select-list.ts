import { quoteIdentifier } from '@expand-contract/core'
import type { ColumnRef, Node } from 'libpg-query'
import { columnList, readShadow } from './column-list.ts'
import { walkExpression } from './expression.ts'
import { outputName } from './output-name.ts'
import { type MigratingReference, namesOf, rangeOf, resolve } from './reference.ts'
import {
  type Entry,
  findEntry,
  type OutputColumns,
  qualifierOf,
  type Scope,
  type View,
  type VisibleColumn,
} from './scope.ts'
import { endsItem, type Range } from './source-text.ts'
import { Unprovable } from './unprovable.ts'
import type { Work } from './work.ts'

/** One output column; `direct` when it is nothing but a migrating column that is read from the shadow. */
export interface OutputItem {
  readonly name: string
  readonly direct: MigratingReference | undefined
  /** The expression in the text; undefined for a column of a star. */
  readonly expression: Range | undefined
}

export interface SelectList {
  readonly items: readonly OutputItem[]
  /** A star among them has columns that are not known. */
  readonly open: boolean
}

export const outputOf = (list: SelectList): OutputColumns => ({
  names: list.items.map((item) => item.name),
  open: list.open,
})

/** Plans the items of a select or RETURNING list: every output keeps its name, and `*` its columns. */
export function planSelectList(work: Work, targets: readonly Node[] | undefined, scope: Scope): SelectList {
  const items: OutputItem[] = []
  let open = false
  for (const node of targets ?? []) {
    if (!('ResTarget' in node)) continue
    const { val, name, location } = node.ResTarget
    if (val && 'ColumnRef' in val && namesOf(val.ColumnRef).star) {
      const star = planStar(work, val.ColumnRef, scope)
      items.push(...star.items)
      open ||= star.open
      continue
    }
    if (val && 'A_Indirection' in val && val.A_Indirection.indirection?.some((part) => 'A_Star' in part)) open = true
    const before = work.edits.count
    const direct = val && 'ColumnRef' in val ? directReference(work, val.ColumnRef, scope) : undefined
    walkExpression(work, val, scope)
    const expression = expressionRange(work, location, name !== undefined)
    const named = outputName(node.ResTarget)
    if (work.edits.count > before && name === undefined && expression !== undefined)
      work.edits.after(expression.end, ` AS ${quoteIdentifier(named)}`)
    items.push({ name: named, direct, expression })
  }
  return { items, open }
}

/** The expression of an item, without its alias. */
function expressionRange(work: Work, location: number | undefined, aliased: boolean): Range | undefined {
  const first = work.source.tokenFrom(location)
  if (first === undefined) return undefined
  const end = work.source.expressionEnd(first.index, endsItem)
  const alias = aliased ? (work.source.token(end - 2)?.word === 'AS' ? 2 : 1) : 0
  return work.source.range(first.index, end - alias)
}

function directReference(work: Work, ref: ColumnRef, scope: Scope): MigratingReference | undefined {
  return resolve(work.dry(), ref, scope, () => {})
}

function planStar(work: Work, ref: ColumnRef, scope: Scope): SelectList {
  const { names } = namesOf(ref)
  const entry = names.length > 0 ? findEntry(scope, names.at(-2), names.at(-1) ?? '') : undefined
  const columns: readonly VisibleColumn[] = entry
    ? entry.columns.map((name) => ({ name, entry, merged: false }))
    : names.length > 0
      ? []
      : scope.view.columns
  const sql = starSql(work, ref, scope, 'items')
  if (sql !== undefined) work.edits.replace(rangeOf(work, ref), sql)
  const open = entry ? entry.open : names.length > 0 || scope.view.plain.some((each) => each.open)
  return { items: columns.map((column) => starItem(column, scope.view)), open }
}

function starItem({ name, entry, merged }: VisibleColumn, view: View): OutputItem {
  const stance = merged ? undefined : entry.table?.logical.columns.find((column) => column.name === name)?.stance
  const qualifier = qualifierOf(entry, view)
  const direct =
    stance && qualifier !== undefined && entry.table?.reads(stance) === 'shadow'
      ? { stance, column: name, entry, qualifier }
      : undefined
  return { name, direct, expression: undefined }
}

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
