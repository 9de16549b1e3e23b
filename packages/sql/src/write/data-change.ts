import type { DeleteStmt, Node, UpdateStmt } from 'libpg-query'
import { walkExpression } from '../read/expression.ts'
import { planFrom } from '../read/from-clause.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { innerScope, joinNamespaces, namespaceOf, type OutputColumns, type Scope } from '../resolve/scope.ts'
import { withCtes } from '../resolve/with-clause.ts'
import { planAssignments } from './assignments.ts'
import { planInsert } from './insert.ts'
import { planMerge } from './merge.ts'
import { planReturning } from './returning.ts'
import { checkWritten, writeTarget } from './write-target.ts'

/** Plans INSERT, UPDATE, DELETE or MERGE; undefined for another statement. Tells what RETURNING puts out. */
export function planDataChange(context: PlanContext, node: Node, outer: Scope): OutputColumns | undefined {
  if ('InsertStmt' in node) return planInsert(context, node.InsertStmt, outer)
  if ('UpdateStmt' in node) return planUpdate(context, node.UpdateStmt, outer)
  if ('DeleteStmt' in node) return planDelete(context, node.DeleteStmt, outer)
  if ('MergeStmt' in node) return planMerge(context, node.MergeStmt, outer)
  return undefined
}

function planUpdate(context: PlanContext, update: UpdateStmt, outer: Scope): OutputColumns {
  const scope = withCtes(context, update.withClause, outer)
  const target = writeTarget(context, update.relation)
  checkWritten(context, target, context.source.offset(update.relation?.location))
  const from = planFrom(context, update.fromClause, scope)
  const level = innerScope(scope, joinNamespaces(namespaceOf(target.entry), from))
  planAssignments(context, { targets: update.targetList ?? [], level, target })
  walkExpression(context, update.whereClause, level)
  return planReturning(context, update.returningClause, { target, scope, from })
}

function planDelete(context: PlanContext, node: DeleteStmt, outer: Scope): OutputColumns {
  const scope = withCtes(context, node.withClause, outer)
  const target = writeTarget(context, node.relation)
  const from = planFrom(context, node.usingClause, scope)
  walkExpression(context, node.whereClause, innerScope(scope, joinNamespaces(namespaceOf(target.entry), from)))
  return planReturning(context, node.returningClause, { target, scope, from })
}
