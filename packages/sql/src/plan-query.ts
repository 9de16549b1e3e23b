import type { Node } from 'libpg-query'
import { planSelect } from './read/select.ts'
import { ROOT_SCOPE } from './resolve/scope.ts'
import type { PlanQuery, Work } from './resolve/work.ts'
import { planCopy } from './write/copy.ts'
import { planDataChange } from './write/data-change.ts'
import { planBlock } from './write/do-block.ts'
import { planSetConstraints } from './write/set-constraints.ts'

/** Plans one statement: every edit it needs goes into the work's list. */
export function planStatement(work: Work, query: Node): void {
  if ('CopyStmt' in query) planCopy(work, query.CopyStmt)
  else if ('DoStmt' in query) planBlock(work, query.DoStmt)
  else if ('ConstraintsSetStmt' in query) planSetConstraints(work, query.ConstraintsSetStmt)
  else work.planQuery(work, query, ROOT_SCOPE)
}

/** Plans a query or a data-modifying statement: the one way from a part of a statement back to a whole one. */
export const planQuery: PlanQuery = (work, node, outer, onLeft) =>
  'SelectStmt' in node
    ? planSelect(work, node.SelectStmt, outer, onLeft)
    : (planDataChange(work, node, outer) ?? { names: [], open: false })
