import type { Node } from 'libpg-query'
import { planSelect } from './read/select.ts'
import type { PlanContext, PlanQuery } from './resolve/plan-context.ts'
import { ROOT_SCOPE } from './resolve/scope.ts'
import { planCopy } from './write/copy.ts'
import { planDataChange } from './write/data-change.ts'
import { planBlock } from './write/do-block.ts'
import { planSetConstraints } from './write/set-constraints.ts'

/** Plans one statement: every edit it needs goes into the list of the context. */
export function planStatement(context: PlanContext, query: Node): void {
  if ('CopyStmt' in query) planCopy(context, query.CopyStmt)
  else if ('DoStmt' in query) planBlock(context, query.DoStmt)
  else if ('ConstraintsSetStmt' in query) planSetConstraints(context, query.ConstraintsSetStmt)
  // CREATE TABLE AS EXECUTE carries a query that was planned when it was prepared.
  else if (!('ExecuteStmt' in query)) context.planQuery(context, query, ROOT_SCOPE)
}

/** Plans a query or a data-modifying statement: the one way from a part of a statement back to a whole one. */
export const planQuery: PlanQuery = (context, node, outer, onLeft) => {
  if ('SelectStmt' in node) return planSelect(context, node.SelectStmt, outer, onLeft)
  const output = planDataChange(context, node, outer)
  if (output === undefined) throw new TypeError(`a query is of a kind that none is of: ${Object.keys(node)[0]}`)
  return output
}
