import type { Node, SelectStmt } from 'libpg-query'
import type { PlanContext } from '../resolve/plan-context.ts'
import { bareFor, isExact, namesOf, rangeOf, referenceSql } from '../resolve/reference.ts'
import { innerScope, type OutputColumns, type Scope } from '../resolve/scope.ts'
import { checkPlaces } from '../resolve/unprovable.ts'
import { withCtes } from '../resolve/with-clause.ts'
import { deriveForStar } from './derived-tables.ts'
import { walkDirect, walkExpression, walkRow } from './expression.ts'
import { planFrom } from './from-clause.ts'
import { groupsByOutput, isPosition, planGroupItem, singleName, withGrouped } from './group-by.ts'
import { checkHiddenKeys } from './hidden-keys.ts'
import { outputOf, planSelectList, type SelectList } from './select-list.ts'

const NO_OUTPUT: OutputColumns = { names: [], open: false }

/** Plans a SELECT or VALUES; see `PlanQuery` for `onLeft`. */
export function planSelect(
  context: PlanContext,
  select: SelectStmt,
  outer: Scope,
  onLeft?: (output: OutputColumns) => void,
): OutputColumns {
  const scope = withCtes(context, select.withClause, outer)
  if (select.op !== undefined && select.op !== 'SETOP_NONE') {
    const output = select.larg ? planSelect(context, select.larg, scope) : NO_OUTPUT
    onLeft?.(output)
    checkPlaces(output)
    if (select.rarg) checkPlaces(planSelect(context, select.rarg, scope))
    walkExpression(context, [select.limitCount, select.limitOffset], scope)
    return output
  }
  if (select.valuesLists) {
    for (const row of select.valuesLists) walkRow(context, itemsOf(row), scope)
    return finish(context, select, scope, valuesList(itemsOf(select.valuesLists[0])))
  }

  deriveForStar(context, select, () => innerScope(scope, planFrom(context.dry(), select.fromClause, scope)))
  const namespace = planFrom(context, select.fromClause, scope)
  const plain = innerScope(scope, namespace)
  if (select.groupClause) checkHiddenKeys(select, namespace)
  const exact = select.distinctClause !== undefined || groupsByOutput(select, plain)
  const level = withGrouped(context, select, exact ? { ...plain, exact } : plain)
  const list = planSelectList(context, select.targetList, level)
  walkExpression(context, select.whereClause, plain)
  for (const item of select.groupClause ?? []) planGroupItem(context, item, { level, list, nested: false })
  walkExpression(context, select.havingClause, level)
  for (const window of select.windowClause ?? []) walkExpression(context, window, level)
  for (const item of select.distinctClause ?? []) orderItem(context, item, level, list)
  return finish(context, select, level, list)
}

const itemsOf = (row: Node | undefined): readonly Node[] => (row && 'List' in row ? (row.List.items ?? []) : [])

/** `u.*` stands for its columns here, so that one row of VALUES may have more of them than items. */
function valuesList(row: readonly Node[]): SelectList {
  const open = row.some((item) => 'ColumnRef' in item && namesOf(item.ColumnRef).star)
  const names = open ? [] : row.map((_, index) => `column${index + 1}`)
  return { items: names.map((name) => ({ name, direct: undefined, expression: undefined })), open }
}

/** What ends SELECT and VALUES alike. */
function finish(context: PlanContext, select: SelectStmt, level: Scope, list: SelectList): OutputColumns {
  for (const item of select.sortClause ?? []) if ('SortBy' in item) orderItem(context, item.SortBy.node, level, list)
  walkExpression(context, [select.limitCount, select.limitOffset], level)
  return outputOf(list)
}

/** An item of ORDER BY or DISTINCT ON: a bare name or a number is an output column before anything else. */
function orderItem(context: PlanContext, node: Node | undefined, level: Scope, list: SelectList): void {
  const name = singleName(node)
  if (isPosition(node)) return
  if (node && 'ColumnRef' in node && name !== undefined) {
    const items = list.items.filter((item) => item.name === name)
    if (items.length > 0) {
      const [item] = items
      if (items.length === 1 && item?.direct && !isExact(level, item.direct.entry)) {
        const bare = bareFor(item.direct, level)
        if (bare) context.edits.replace(rangeOf(context, node.ColumnRef), referenceSql(item.direct, bare))
      }
      return
    }
  }
  walkDirect(context, node, level)
}
