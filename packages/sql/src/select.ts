import { quoteIdentifier } from '@expand-contract/core'
import type { Node, SelectStmt } from 'libpg-query'
import { walkDirect, walkExpression } from './expression.ts'
import { fromView } from './from-clause.ts'
import { bareFor, isExact, namesOf, rangeOf, referenceSql, resolve } from './reference.ts'
import { innerScope, type OutputColumns, type Scope } from './scope.ts'
import { type OutputItem, outputOf, planSelectList, type SelectList } from './select-list.ts'
import { Unprovable } from './unprovable.ts'
import { withCtes } from './with-clause.ts'
import type { Work } from './work.ts'

const NO_OUTPUT: OutputColumns = { names: [], open: false }

/** Plans a SELECT or VALUES; see `PlanQuery` for `onLeft`. */
export function planSelect(
  work: Work,
  select: SelectStmt,
  outer: Scope,
  onLeft?: (output: OutputColumns) => void,
): OutputColumns {
  const scope = withCtes(work, select.withClause, outer)
  if (select.op !== undefined && select.op !== 'SETOP_NONE') {
    const output = select.larg ? planSelect(work, select.larg, scope) : NO_OUTPUT
    onLeft?.(output)
    if (select.rarg) planSelect(work, select.rarg, scope)
    walkExpression(work, [select.limitCount, select.limitOffset], scope)
    return output
  }
  if (select.valuesLists) {
    walkExpression(work, select.valuesLists, scope)
    walkExpression(work, [select.limitCount, select.limitOffset], scope)
    const first = select.valuesLists[0]
    const width = first && 'List' in first ? (first.List.items?.length ?? 0) : 0
    return { names: Array.from({ length: width }, (_, index) => `column${index + 1}`), open: false }
  }

  const view = fromView(work, select.fromClause, scope)
  const plain = innerScope(scope, view)
  const level: Scope = select.distinctClause || groupsByOutput(select, plain) ? { ...plain, exact: true } : plain
  const list = planSelectList(work, select.targetList, level)
  walkExpression(work, select.whereClause, plain)
  for (const item of select.groupClause ?? []) groupItem(work, item, { level, list, select })
  walkExpression(work, select.havingClause, level)
  for (const window of select.windowClause ?? []) walkExpression(work, window, level)
  for (const item of select.distinctClause ?? []) orderItem(work, item, level, list)
  for (const item of select.sortClause ?? []) if ('SortBy' in item) orderItem(work, item.SortBy.node, level, list)
  walkExpression(work, [select.limitCount, select.limitOffset], scope)
  return outputOf(list)
}

const singleName = (node: Node | undefined): string | undefined => {
  if (!node || !('ColumnRef' in node)) return undefined
  const { names, star } = namesOf(node.ColumnRef)
  return names.length === 1 && !star ? names[0] : undefined
}

const isPosition = (node: Node | undefined): boolean =>
  node !== undefined && 'A_Const' in node && node.A_Const.ival !== undefined

/** GROUP BY names an output column, by position or alias: then the whole level must repeat its expression to the letter. */
function groupsByOutput(select: SelectStmt, level: Scope): boolean {
  return (select.groupClause ?? []).some((item) => {
    const name = singleName(item)
    return isPosition(item) || (name !== undefined && !level.view.columns.some((column) => column.name === name))
  })
}

interface Grouping {
  readonly level: Scope
  readonly list: SelectList
  readonly select: SelectStmt
}

function groupItem(work: Work, node: Node, grouping: Grouping): void {
  const { level, list } = grouping
  if ('GroupingSet' in node) {
    for (const item of node.GroupingSet.content ?? []) groupItem(work, item, grouping)
    return
  }
  const name = singleName(node)
  const local = name !== undefined && level.view.columns.some((column) => column.name === name)
  if (name !== undefined && !local && node && 'ColumnRef' in node) {
    const item = list.items.find((each) => each.name === name)
    const capturable = level.view.plain.some((entry) => entry.table?.logical.hidden.has(name))
    if (item && capturable && item.expression)
      work.edits.replace(rangeOf(work, node.ColumnRef), `(${unnamed(work, item)})`)
    if (item) return
  }
  if ('ColumnRef' in node) keyIsMigrating(work, node, level)
  walkDirect(work, node, level)
}

/** The expression of an output item as it is sent. */
function unnamed(work: Work, item: OutputItem): string {
  if (item.expression === undefined) throw new RangeError('an output column without an expression')
  const text = work.edits.render(item.expression)
  const name = ` AS ${quoteIdentifier(item.name)}`
  return text.endsWith(name) ? text.slice(0, -name.length) : text
}

/** Columns that hang on a primary key in GROUP BY would be lost with it. */
function keyIsMigrating(work: Work, node: Extract<Node, { ColumnRef: unknown }>, level: Scope): void {
  const found = resolve(work.dry(), node.ColumnRef, level, () => {})
  const key = found?.stance.relation.uniqueKeys.find((each) => each.primary)
  if (found?.stance.hasLogical && key?.columns.includes(found.column))
    throw new Unprovable('read', found.stance, 'grouped-by-key', work.source.offset(node.ColumnRef.location))
}

/** An item of ORDER BY or DISTINCT ON: a bare name or a number is an output column before anything else. */
function orderItem(work: Work, node: Node | undefined, level: Scope, list: SelectList): void {
  const name = singleName(node)
  if (isPosition(node)) return
  if (node && 'ColumnRef' in node && name !== undefined) {
    const items = list.items.filter((item) => item.name === name)
    if (items.length > 0) {
      const [item] = items
      if (items.length === 1 && item?.direct && !isExact(level, item.direct.entry)) {
        const bare = bareFor(item.direct, level)
        if (bare) work.edits.replace(rangeOf(work, node.ColumnRef), referenceSql(item.direct, bare))
      }
      return
    }
  }
  walkDirect(work, node, level)
}
