import type { InsertStmt, Node } from 'libpg-query'
import { walkExpression } from '../read/expression.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import type { OutputColumns, Scope } from '../resolve/scope.ts'
import { checkPlaces } from '../resolve/unprovable.ts'
import { withCtes } from '../resolve/with-clause.ts'
import { type InsertLayout, overridingToken } from './insert-columns.ts'
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

  const values = listsValues(insert)
  if (values) walkExpression(context, values, scope)
  const output = insert.selectStmt && !values ? context.planQuery(context, insert.selectStmt, scope) : undefined
  if (output) checkPlaces(output)
  if (target.decidedMigrations.length > 0) {
    const parts = { insert, target, layout: () => layoutOf(context, insert), rows: values, position }
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
  const layout = layoutOf(context, insert)
  const overriding = overridingOf(insert.override)
  const values = listsValues(insert)
  const rows = { target, names, layout, overriding }
  if (values) planSpread(context, insert, rows, values) || planRows(context, rows, values)
  else if (insert.selectStmt && output)
    planInsertQuery(context, { target, names, layout, overriding, output, select: insert.selectStmt })
  else insertedRow(context, { target, names, layout, overriding })
}

function addOnceTables(context: PlanContext, insert: InsertStmt): void {
  const { source, edits, once } = context
  const keyword = source.token(source.tokenAt(insert.relation?.location).index - 2)
  const before = keyword && source.token(keyword.index - 1)
  if (insert.withClause && before) edits.after(before.end, `, ${once.join(', ')}`)
  else edits.before(keyword?.start ?? 0, `WITH ${once.join(', ')} `)
}

function layoutOf(context: PlanContext, insert: InsertStmt): InsertLayout {
  const { source } = context
  const { relation, cols } = insert
  if (relation === undefined) throw new RangeError('an INSERT without a table')
  const name = source.tableEnd(relation)
  // An alias needs its AS here.
  const table = (relation.alias && source.token(name.index + 2)) ?? name
  const next = source.token(table.index + 1)
  const list = cols && next?.word === '(' ? next : undefined
  let at = list ? source.closing(list).index + 1 : table.index + 1
  const overriding = overridingToken(source.token(at))
  if (overriding) at += 3
  const end = source.token(sourceEnd(context, at))
  if (listsValues(insert)) while (source.token(at)?.word === '(') at++
  return { table, list, overriding, source: source.token(at), end }
}

/** The rows of plain VALUES; a WITH of their own makes it a query. */
function listsValues({ selectStmt }: InsertStmt): readonly Node[] | undefined {
  const select = selectStmt && 'SelectStmt' in selectStmt ? selectStmt.SelectStmt : undefined
  return select?.withClause ? undefined : select?.valuesLists
}

/** ON CONFLICT, RETURNING or the end; ON alone also stands in a join. */
function sourceEnd(context: PlanContext, from: number): number {
  return context.source.expressionEnd(from, (token) => {
    if (token.word === 'RETURNING') return true
    return token.word === 'ON' && context.source.token(token.index + 1)?.word === 'CONFLICT'
  })
}
