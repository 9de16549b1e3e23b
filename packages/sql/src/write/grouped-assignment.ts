import { type GroupPlaces, groupPlaces } from '../parse/assignment-places.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { decidedMigrationOf, type Group, numberedItems, type Place } from './group-targets.ts'
import { planRow } from './grouped-row.ts'

/** Plans `(a, b) = (SELECT …)` and `(a, b) = ROW(…)` where one of the targets is migrating. */
export function planGroup(context: PlanContext, plan: Group): void {
  const { source } = context
  const [first] = plan.group
  const reference = first?.val && 'MultiAssignRef' in first.val ? first.val.MultiAssignRef : undefined
  if (first === undefined || reference === undefined) return
  // PostgreSQL refuses any other source (0A000).
  const { source: values } = reference
  const isQuery = values && 'SubLink' in values && values.SubLink.subLinkType === 'EXPR_SUBLINK'
  const row = values && 'RowExpr' in values ? (values.RowExpr.args ?? []) : undefined
  if (!isQuery && row === undefined) return
  for (const item of plan.group) {
    const decided = item.indirection && decidedMigrationOf(plan.decidedMigrations, item.name ?? '')
    if (decided) throw new Unprovable('write', decided, 'subscript-assignment', source.offset(item.location))
  }
  const parts = groupPlaces(source, plan.group, row !== undefined)
  const places = plan.group.flatMap((item, index): readonly Place[] => {
    const name = parts.targets[index]
    return name ? [{ column: item.name ?? '', name, whole: item.indirection === undefined }] : []
  })
  if (row) planRow(context, plan, { places, nodes: row, parts })
  else planQuery(context, plan, places, parts)
}

/** The query goes behind columns with numbers; a query without a row assigns NULL, as before. */
function planQuery(context: PlanContext, plan: Group, places: readonly Place[], { source }: GroupPlaces): void {
  const { edits } = context
  const columns = places.map((_, index) => `c${index + 1}`).join(', ')
  const list = numberedItems(context, plan, places)
  edits.before(source.start, `(SELECT ${list} FROM (VALUES (0)) AS ec_one LEFT JOIN `)
  edits.after(source.end, ` AS ec(${columns}) ON true)`)
}
