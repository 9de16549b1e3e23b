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
  else context.planQuery(context, query, ROOT_SCOPE)
}

/** Plans a query or a data-modifying statement: the one way from a part of a statement back to a whole one. */
export const planQuery: PlanQuery = (context, node, outer, onLeft) =>
  'SelectStmt' in node
    ? planSelect(context, node.SelectStmt, outer, onLeft)
    : (planDataChange(context, node, outer) ?? { names: [], open: false })
