import type { InsertStmt } from 'libpg-query'
import { insertPlaces, insertStart, listedRows } from '../parse/insert-places.ts'
import { walkExpression } from '../read/expression.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import type { OutputColumns, Scope } from '../resolve/scope.ts'
import { checkPlaces } from '../resolve/unprovable.ts'
import { withCtes } from '../resolve/with-clause.ts'
import { planInsertParts } from './insert-parts.ts'
import { planInsertQuery } from './insert-query.ts'
import { insertedRow, planRows } from './insert-rows.ts'
import { planSpread } from './insert-spread.ts'
import { planOnConflict } from './on-conflict.ts'
import { overridingOf } from './overriding.ts'
import { planReturning } from './returning.ts'
import { checkWritten, type WriteTarget, writeTarget } from './write-target.ts'

/** Plans an INSERT; tells what RETURNING puts out. */
export function planInsert(outerWork: PlanContext, insert: InsertStmt, outer: Scope): OutputColumns {
  const context = outerWork.forInsert()
  const scope = withCtes(context, insert.withClause, outer)
  const target = writeTarget(context, insert.relation)
  const names = (insert.cols ?? []).flatMap((column) => ('ResTarget' in column ? [column.ResTarget.name ?? ''] : []))
  const position = context.source.offset(insert.relation?.location)
  checkWritten(context, target, position)

  const values = listedRows(insert)
  if (values) walkExpression(context, values, scope)
  const output = insert.selectStmt && !values ? context.planQuery(context, insert.selectStmt, scope) : undefined
  if (output) checkPlaces(output)
  if (target.decidedMigrations.length > 0) {
    const parts = { insert, target, places: () => insertPlaces(context.source, insert), rows: values, position }
    const { left, add } = planInsertParts(context, parts)
    if (left.decidedMigrations.length > 0) planSource(context, { insert, target: left, names, output })
    add()
  }
  if (insert.onConflictClause) planOnConflict(context, { clause: insert.onConflictClause, target, scope })
  if (context.once.length > 0) addOnceTables(context, insert)
  return planReturning(context, insert.returningClause, { target, scope, from: undefined })
}

interface Source {
  readonly insert: InsertStmt
  readonly target: WriteTarget
  readonly names: readonly string[]
  /** Set for a query. */
  readonly output: OutputColumns | undefined
}

/** What the rows come from gets values for the columns that are added. */
function planSource(context: PlanContext, { insert, target, names, output }: Source): void {
  const places = insertPlaces(context.source, insert)
  const overriding = overridingOf(insert.override)
  const values = listedRows(insert)
  const rows = { target, names, places, overriding }
  if (values) planSpread(context, insert, rows, values) || planRows(context, rows, values)
  else if (insert.selectStmt && output)
    planInsertQuery(context, { target, names, places, overriding, output, select: insert.selectStmt })
  else insertedRow(context, { target, names, places, overriding })
}

function addOnceTables({ source, edits, once }: PlanContext, insert: InsertStmt): void {
  const { start, before } = insertStart(source, insert)
  if (insert.withClause) edits.after(before, `, ${once.join(', ')}`)
  else edits.before(start, `WITH ${once.join(', ')} `)
}
