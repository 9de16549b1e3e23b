import { quoteIdentifier } from '@expand-contract/core'
import type { ColumnRef, Node, ResTarget } from 'libpg-query'
import { outputPlace, tableWordPlace } from '../parse/places.ts'
import type { Range } from '../parse/source-text.ts'
import type { DecidedMigration } from '../resolve/decided-migration.ts'
import { findMigrating } from '../resolve/find-reference.ts'
import { namesItself, outputName } from '../resolve/output-name.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { bracketedRangeOf, type MigratingReference, namesOf, rangeOf } from '../resolve/reference.ts'
import { starOfCall, starredCall } from '../resolve/row-call.ts'
import {
  type Entry,
  findEntry,
  type Namespace,
  type OutputColumns,
  ownerOf,
  qualifierOf,
  type Scope,
  type VisibleColumn,
} from '../resolve/scope.ts'
import { starredRow, starSql } from '../resolve/star.ts'
import { walkExpression, walkValue } from './expression.ts'

/** One output column; `direct` when it is nothing but a migrating column that is read from the shadow. */
export interface OutputItem {
  readonly name: string
  readonly direct: MigratingReference | undefined
  /** Where the expression stands in the text; undefined for a column of a star. */
  readonly expression: (() => Range | undefined) | undefined
}

export interface SelectList {
  readonly items: readonly OutputItem[]
  /** A star among them has columns that are not known. */
  readonly open: boolean
  /** See `Entry`. */
  readonly rows?: DecidedMigration | undefined
  /** See `OutputColumns`. */
  readonly unplaced?: DecidedMigration | undefined
}

export const outputOf = (list: SelectList): OutputColumns => ({
  names: list.items.map((item) => item.name),
  open: list.open,
  rows: list.rows,
  unplaced: list.unplaced,
})

/** Plans the items of a select or RETURNING list: every output keeps its name, and `*` its columns. */
export function planSelectList(context: PlanContext, targets: readonly Node[] | undefined, scope: Scope): SelectList {
  const items: OutputItem[] = []
  const rowsBefore = context.rows.length
  let open = false
  let unplaced: DecidedMigration | undefined
  for (const node of targets ?? []) {
    if (!('ResTarget' in node)) continue
    const { val, name, location } = node.ResTarget
    if (val && 'ColumnRef' in val && namesOf(val.ColumnRef).star) {
      const star = planStar(context, val.ColumnRef, scope, node.ResTarget)
      items.push(...star.items)
      open ||= star.open
      unplaced ??= star.unplaced
      continue
    }
    const row = val && 'A_Indirection' in val ? starredRow(val.A_Indirection, scope, 'items') : undefined
    if (row) {
      const range = outputPlace(context.source, location, false)
      if (range) context.edits.replace(range, row.sql)
      items.push(...row.columns.map((column) => ({ name: column, direct: undefined, expression: undefined })))
      continue
    }
    const returned = val && 'A_Indirection' in val ? starredCall(context, val.A_Indirection) : undefined
    const whole = returned && outputPlace(context.source, location, false)
    if (returned && whole) {
      walkExpression(context, { FuncCall: returned.call }, scope)
      context.edits.replace(whole, starOfCall(context, returned.row, 'items'))
      for (const column of returned.row.logical.columns)
        items.push({ name: column.name, direct: undefined, expression: undefined })
      continue
    }
    if (val && 'A_Indirection' in val && val.A_Indirection.indirection?.some((part) => 'A_Star' in part)) open = true
    const before = context.edits.count
    const direct = val && 'ColumnRef' in val ? findMigrating(context, val.ColumnRef, scope) : undefined
    walkValue(context, val, scope)
    const expression = (): Range | undefined => outputPlace(context.source, location, name !== undefined)
    const named = outputName(node.ResTarget)
    // A scalar sub-select is named by its own item, which keeps its name.
    const subselect = val && 'SubLink' in val && val.SubLink.subLinkType === 'EXPR_SUBLINK'
    const unnamed = name === undefined && !subselect && !namesItself(node.ResTarget)
    const end = context.edits.count > before && unnamed ? expression()?.end : undefined
    if (end !== undefined) context.edits.after(end, ` AS ${quoteIdentifier(named)}`)
    items.push({ name: named, direct, expression })
  }
  return { items, open, rows: context.rows[rowsBefore], unplaced }
}

function planStar(context: PlanContext, ref: ColumnRef, scope: Scope, item: ResTarget): SelectList {
  const { names } = namesOf(ref)
  const entry = names.length > 0 ? findEntry(scope, names.at(-2), names.at(-1) ?? '') : undefined
  const columns: readonly VisibleColumn[] = entry
    ? entry.columns.map((name) => ({ name, entry, merged: undefined }))
    : names.length > 0
      ? []
      : scope.namespace.columns
  const sql = starSql(context, ref, scope, 'items')
  if (sql !== undefined)
    context.edits.replace(starRange(context, ref, scope.namespace, item), isTable(ref) ? `SELECT ${sql} FROM` : sql)
  const open = entry ? entry.open : names.length > 0 || scope.namespace.plain.some((each) => each.open)
  const unplaced = (entry ? [entry] : scope.namespace.plain).map(guessed).find((decided) => decided !== undefined)
  return { items: columns.map((column) => starItem(column, scope.namespace)), open, unplaced }
}

const guessed = ({ table, unplaced }: Entry): DecidedMigration | undefined =>
  table?.logical.placed === false
    ? table.logical.columns.find(({ decided }) => decided && !decided.hasLogical)?.decided
    : unplaced

/** `TABLE users` has a star that is not written. */
const isTable = (ref: ColumnRef): boolean => ref.location === -1

/** What the columns replace: the star, with its brackets and a name that means nothing, or the key word TABLE. */
function starRange(context: PlanContext, ref: ColumnRef, namespace: Namespace, { name, location }: ResTarget): Range {
  const { source } = context
  if (!isTable(ref)) {
    if (name !== undefined) return outputPlace(context.source, location, false) ?? rangeOf(context, ref)
    return bracketedRangeOf(context, ref, source.offset(location))
  }
  return tableWordPlace(source, namespace.plain[0]?.table?.node)
}

function starItem(visible: VisibleColumn, namespace: Namespace): OutputItem {
  const { name } = visible
  const entry = ownerOf(visible)
  const decided = entry?.table?.logical.columns.find((column) => column.name === name)?.decided
  const qualifier = entry && qualifierOf(entry, namespace)
  const direct =
    entry && decided && qualifier !== undefined && entry.table?.reads(decided) === 'shadow'
      ? { decided, column: name, entry, qualifier }
      : undefined
  return { name, direct, expression: undefined }
}
