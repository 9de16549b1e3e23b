import { quoteIdentifier } from '@expand-contract/core'
import type { ColumnRef, Node, ResTarget } from 'libpg-query'
import { endsItem, type Range } from '../parse/source-text.ts'
import { namesItself, outputName } from '../resolve/output-name.ts'
import { bracketedRangeOf, type MigratingReference, namesOf, rangeOf, resolve } from '../resolve/reference.ts'
import { starOfCall, starredCall } from '../resolve/row-call.ts'
import {
  type Entry,
  findEntry,
  type OutputColumns,
  ownerOf,
  qualifierOf,
  type Scope,
  type View,
  type VisibleColumn,
} from '../resolve/scope.ts'
import type { Stance } from '../resolve/stance.ts'
import { starredRow, starSql } from '../resolve/star.ts'
import type { Work } from '../resolve/work.ts'
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
  readonly rows?: Stance | undefined
  /** See `OutputColumns`. */
  readonly unplaced?: Stance | undefined
}

export const outputOf = (list: SelectList): OutputColumns => ({
  names: list.items.map((item) => item.name),
  open: list.open,
  rows: list.rows,
  unplaced: list.unplaced,
})

/** Plans the items of a select or RETURNING list: every output keeps its name, and `*` its columns. */
export function planSelectList(work: Work, targets: readonly Node[] | undefined, scope: Scope): SelectList {
  const items: OutputItem[] = []
  const rowsBefore = work.rows.length
  let open = false
  let unplaced: Stance | undefined
  for (const node of targets ?? []) {
    if (!('ResTarget' in node)) continue
    const { val, name, location } = node.ResTarget
    if (val && 'ColumnRef' in val && namesOf(val.ColumnRef).star) {
      const star = planStar(work, val.ColumnRef, scope, node.ResTarget)
      items.push(...star.items)
      open ||= star.open
      unplaced ??= star.unplaced
      continue
    }
    const row = val && 'A_Indirection' in val ? starredRow(val.A_Indirection, scope, 'items') : undefined
    if (row) {
      const range = expressionRange(work, location, false)
      if (range) work.edits.replace(range, row.sql)
      items.push(...row.columns.map((column) => ({ name: column, direct: undefined, expression: undefined })))
      continue
    }
    const returned = val && 'A_Indirection' in val ? starredCall(work, val.A_Indirection) : undefined
    const whole = returned && expressionRange(work, location, false)
    if (returned && whole) {
      walkExpression(work, { FuncCall: returned.call }, scope)
      work.edits.replace(whole, starOfCall(work, returned.row, 'items'))
      for (const column of returned.row.logical.columns)
        items.push({ name: column.name, direct: undefined, expression: undefined })
      continue
    }
    if (val && 'A_Indirection' in val && val.A_Indirection.indirection?.some((part) => 'A_Star' in part)) open = true
    const before = work.edits.count
    const direct = val && 'ColumnRef' in val ? directReference(work, val.ColumnRef, scope) : undefined
    walkValue(work, val, scope)
    const expression = (): Range | undefined => expressionRange(work, location, name !== undefined)
    const named = outputName(node.ResTarget)
    // A scalar sub-select is named by its own item, which keeps its name.
    const subselect = val && 'SubLink' in val && val.SubLink.subLinkType === 'EXPR_SUBLINK'
    const unnamed = name === undefined && !subselect && !namesItself(node.ResTarget)
    const end = work.edits.count > before && unnamed ? expression()?.end : undefined
    if (end !== undefined) work.edits.after(end, ` AS ${quoteIdentifier(named)}`)
    items.push({ name: named, direct, expression })
  }
  return { items, open, rows: work.rows[rowsBefore], unplaced }
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

function planStar(work: Work, ref: ColumnRef, scope: Scope, item: ResTarget): SelectList {
  const { names } = namesOf(ref)
  const entry = names.length > 0 ? findEntry(scope, names.at(-2), names.at(-1) ?? '') : undefined
  const columns: readonly VisibleColumn[] = entry
    ? entry.columns.map((name) => ({ name, entry, merged: undefined }))
    : names.length > 0
      ? []
      : scope.view.columns
  const sql = starSql(work, ref, scope, 'items')
  if (sql !== undefined)
    work.edits.replace(starRange(work, ref, scope.view, item), isTable(ref) ? `SELECT ${sql} FROM` : sql)
  const open = entry ? entry.open : names.length > 0 || scope.view.plain.some((each) => each.open)
  const unplaced = (entry ? [entry] : scope.view.plain).map(guessed).find((stance) => stance !== undefined)
  return { items: columns.map((column) => starItem(column, scope.view)), open, unplaced }
}

const guessed = ({ table, unplaced }: Entry): Stance | undefined =>
  table?.logical.placed === false
    ? table.logical.columns.find(({ stance }) => stance && !stance.hasLogical)?.stance
    : unplaced

/** `TABLE users` has a star that is not written. */
const isTable = (ref: ColumnRef): boolean => ref.location === -1

/** What the columns replace: the star, with its brackets and a name that means nothing, or the key word TABLE. */
function starRange(work: Work, ref: ColumnRef, view: View, { name, location }: ResTarget): Range {
  const { source } = work
  if (!isTable(ref)) {
    if (name !== undefined) return expressionRange(work, location, false) ?? rangeOf(work, ref)
    return bracketedRangeOf(work, ref, source.offset(location))
  }
  const table = source.tokenAt(view.plain[0]?.table?.node?.location)
  for (let index = table.index - 1; index >= 0; index--) {
    const token = source.token(index)
    if (token?.word === 'TABLE') return token
  }
  throw new RangeError('a star that is not written')
}

function starItem(visible: VisibleColumn, view: View): OutputItem {
  const { name } = visible
  const entry = ownerOf(visible)
  const stance = entry?.table?.logical.columns.find((column) => column.name === name)?.stance
  const qualifier = entry && qualifierOf(entry, view)
  const direct =
    entry && stance && qualifier !== undefined && entry.table?.reads(stance) === 'shadow'
      ? { stance, column: name, entry, qualifier }
      : undefined
  return { name, direct, expression: undefined }
}
