import type { DeleteStmt, Node, UpdateStmt } from 'libpg-query'
import { walkExpression } from '../read/expression.ts'
import { fromView } from '../read/from-clause.ts'
import { innerScope, joinViews, type OutputColumns, type Scope, viewOf } from '../resolve/scope.ts'
import { withCtes } from '../resolve/with-clause.ts'
import type { Work } from '../resolve/work.ts'
import { planAssignments } from './assignments.ts'
import { planInsert } from './insert.ts'
import { planMerge } from './merge.ts'
import { planReturning } from './returning.ts'
import { checkWritten, writeTarget } from './write-target.ts'

/** Plans INSERT, UPDATE, DELETE or MERGE; undefined for another statement. Tells what RETURNING puts out. */
export function planDataChange(work: Work, node: Node, outer: Scope): OutputColumns | undefined {
  if ('InsertStmt' in node) return planInsert(work, node.InsertStmt, outer)
  if ('UpdateStmt' in node) return planUpdate(work, node.UpdateStmt, outer)
  if ('DeleteStmt' in node) return planDelete(work, node.DeleteStmt, outer)
  if ('MergeStmt' in node) return planMerge(work, node.MergeStmt, outer)
  return undefined
}

function planUpdate(work: Work, update: UpdateStmt, outer: Scope): OutputColumns {
  const scope = withCtes(work, update.withClause, outer)
  const target = writeTarget(work, update.relation)
  checkWritten(work, target, [], work.source.offset(update.relation?.location))
  const from = fromView(work, update.fromClause, scope)
  const level = innerScope(scope, joinViews(viewOf(target.entry), from))
  planAssignments(work, { targets: update.targetList ?? [], level, target })
  walkExpression(work, update.whereClause, level)
  return planReturning(work, update.returningClause, { target, scope, from })
}

function planDelete(work: Work, node: DeleteStmt, outer: Scope): OutputColumns {
  const scope = withCtes(work, node.withClause, outer)
  const target = writeTarget(work, node.relation)
  const from = fromView(work, node.usingClause, scope)
  walkExpression(work, node.whereClause, innerScope(scope, joinViews(viewOf(target.entry), from)))
  return planReturning(work, node.returningClause, { target, scope, from })
}
