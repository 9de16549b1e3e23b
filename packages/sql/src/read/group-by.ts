import { quoteIdentifier } from '@expand-contract/core'
import type { ColumnRef, Node, SelectStmt } from 'libpg-query'
import type { Range } from '../parse/source-text.ts'
import { type DecidedMigration, isColumnItself } from '../resolve/decided-migration.ts'
import { findMigrating, migrationOf } from '../resolve/find-reference.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { bareFor, type MigratingReference, namesOf, rangeOf } from '../resolve/reference.ts'
import type { Scope } from '../resolve/scope.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { walkDirect } from './expression.ts'
import type { OutputItem, SelectList } from './select-list.ts'

/** The name of a reference that is one name and nothing else. */
export const singleName = (node: Node | undefined): string | undefined => {
  if (!node || !('ColumnRef' in node)) return undefined
  const { names, star } = namesOf(node.ColumnRef)
  return names.length === 1 && !star ? names[0] : undefined
}

/** A number, which stands for an output column. */
export const isPosition = (node: Node | undefined): boolean =>
  node !== undefined && 'A_Const' in node && node.A_Const.ival !== undefined

/** The items of GROUP BY by themselves: grouping sets and lists in brackets are made of them. */
function groupItems(nodes: readonly Node[] | undefined): readonly Node[] {
  return (nodes ?? []).flatMap((node) => {
    const inner = 'GroupingSet' in node ? node.GroupingSet.content : bracketed(node)
    return inner === undefined ? [node] : groupItems(inner)
  })
}

/** `(a, b)` is a list here, and no row. */
const bracketed = (node: Node): readonly Node[] | undefined =>
  'RowExpr' in node && node.RowExpr.row_format === 'COERCE_IMPLICIT_CAST' ? node.RowExpr.args : undefined

/** GROUP BY names an output column, by position or alias: then the whole level must repeat its expression to the letter. */
export function groupsByOutput(select: SelectStmt, level: Scope): boolean {
  return groupItems(select.groupClause).some((item) => {
    const name = singleName(item)
    return isPosition(item) || (name !== undefined && !level.namespace.columns.some((column) => column.name === name))
  })
}

/**
 * Tells the level which migrating columns are grouped by as an expression. Where the key is grouped by as well, every
 * column of the table may be named anyway.
 */
export function withGrouped(context: PlanContext, select: SelectStmt, level: Scope): Scope {
  const items = groupItems(select.groupClause).flatMap((item) => {
    const output = outputNamed(select, item, level)
    const node = output ?? item
    return 'ColumnRef' in node ? { ref: node.ColumnRef, output } : []
  })
  const names = new Set(items.map(({ ref }) => namesOf(ref).names.at(-1)))
  const grouped = items.flatMap(({ ref, output }) => {
    const found = findMigrating(context, ref, level)
    if (found === undefined || isColumnItself(found.decided, found.column) || bareFor(found, level)) return []
    const key = primaryKey(found.decided)
    // A key that migrates itself stands beside its expression, unless that is grouped by as an output: see `planKey`.
    const keyed = key.length > 0 && key.every((name) => names.has(name)) && !(output && key.includes(found.column))
    return keyed ? [] : found
  })
  return grouped.length === 0 ? level : { ...level, grouped }
}

/** The output item that an item of GROUP BY stands for, by its position or name. */
function outputNamed({ targetList }: SelectStmt, item: Node, level: Scope): Node | undefined {
  const name = singleName(item)
  const target = targetList?.find((each, index) => {
    if (isPosition(item)) return 'A_Const' in item && item.A_Const.ival?.ival === index + 1
    return 'ResTarget' in each && each.ResTarget.name !== undefined && each.ResTarget.name === name
  })
  const input = level.namespace.columns.some((column) => column.name === name)
  return target && 'ResTarget' in target && !input ? target.ResTarget.val : undefined
}

interface Grouping {
  readonly level: Scope
  readonly list: SelectList
  /** Within a grouping set, where a column more would be a group more. */
  readonly nested: boolean
}

/** Plans an item of GROUP BY: a bare name is an input column before it is an output column. */
export function planGroupItem(context: PlanContext, node: Node, grouping: Grouping): void {
  if ('GroupingSet' in node) {
    for (const item of node.GroupingSet.content ?? []) planGroupItem(context, item, { ...grouping, nested: true })
    return
  }
  const list = bracketed(node)
  if (list) {
    for (const item of list) planGroupItem(context, item, grouping)
    return
  }
  if (namesOutput(context, node, grouping)) return
  const found = 'ColumnRef' in node ? findMigrating(context, node.ColumnRef, grouping.level) : undefined
  if (found && 'ColumnRef' in node) planKey(context, node.ColumnRef, found, grouping)
  else {
    walkDirect(context, node, grouping.level)
    if ('ColumnRef' in node) keepKey(context, node.ColumnRef, grouping)
  }
}

/** A logical column that is read, while the key is still on the shadow: the shadow makes the same groups. */
function keepKey(context: PlanContext, ref: ColumnRef, { level, nested }: Grouping): void {
  const found = migrationOf(ref, level)
  if (!found?.decided.hasShadow || !found.decided.writesShadow) return
  const { decided, qualifier } = found
  const key = primaryKey(decided)
  if (!key.some((name) => decided.compiled.shadow.includes(name))) return
  const range = rangeOf(context, ref)
  if (nested) throw new Unprovable('read', decided, 'grouped-by-key', range.start)
  const { shadow } = decided.compiled
  context.edits.after(range.end, shadow.map((name) => `, ${qualifier}.${quoteIdentifier(name)}`).join(''))
}

const primaryKey = (decided: DecidedMigration): readonly string[] =>
  decided.relation.uniqueKeys.find((each) => each.primary)?.columns ?? []

/** True for the name of an output column; it gets its expression where a shadow column could take the name. */
function namesOutput(context: PlanContext, node: Node, { level, list }: Grouping): boolean {
  const name = singleName(node)
  if (name === undefined || !('ColumnRef' in node)) return false
  if (level.namespace.columns.some((column) => column.name === name)) return false
  const [item, ...others] = list.items.filter((each) => each.name === name)
  if (item === undefined) return false
  const capturable = level.namespace.plain.some((entry) => entry.table?.logical.hidden.has(name))
  const expression = capturable ? item.expression?.() : undefined
  if (expression === undefined) return true
  const text = unnamed(context, item, expression)
  const same = others.every((other) => {
    const range = other.expression?.()
    return range !== undefined && unnamed(context, other, range) === text
  })
  context.edits.replace(rangeOf(context, node.ColumnRef), same ? `(${text})` : ambiguous(quoteIdentifier(name)))
  return true
}

/** PostgreSQL calls a name ambiguous (42702) that several outputs share which are not the same; left alone, a shadow column would take it. */
const ambiguous = (name: string): string => `(SELECT ${name} FROM (SELECT 1 AS ${name}, 2 AS ${name}) AS outputs)`

/** The expression of an output item as it is sent. */
function unnamed(context: PlanContext, item: OutputItem, expression: Range): string {
  const text = context.edits.render(expression)
  const name = ` AS ${quoteIdentifier(item.name)}`
  return text.endsWith(name) ? text.slice(0, -name.length) : text
}

/**
 * Columns that are not in GROUP BY hang on a primary key that is. So a migrating key is grouped by the column that the
 * key is on: the shadow where it has moved there, the logical column as well where it has not.
 */
function planKey(context: PlanContext, ref: ColumnRef, found: MigratingReference, { level, nested }: Grouping): void {
  const { decided, column, qualifier } = found
  const key = primaryKey(decided)
  const range = rangeOf(context, ref)
  const { shadow } = decided.compiled
  const moved = key.length === shadow.length && key.every((name) => shadow.includes(name))
  if (moved && !nested && bareFor(found, level) === undefined) {
    context.edits.replace(range, key.map((name) => `${qualifier}.${quoteIdentifier(name)}`).join(', '))
    return
  }
  walkDirect(context, { ColumnRef: ref }, level)
  if (!decided.writesLogical || !key.includes(column)) return
  if (nested) throw new Unprovable('read', decided, 'grouped-by-key', range.start)
  context.edits.after(range.end, `, ${qualifier}.${quoteIdentifier(column)}`)
}
