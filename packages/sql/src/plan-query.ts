import { planSelect } from './read/select.ts'
import type { PlanQuery } from './resolve/work.ts'
import { planDataChange } from './write/data-change.ts'

/** Plans a query or a data-modifying statement: the one way from a part of a statement back to a whole one. */
export const planQuery: PlanQuery = (work, node, outer, onLeft) =>
  'SelectStmt' in node
    ? planSelect(work, node.SelectStmt, outer, onLeft)
    : (planDataChange(work, node, outer) ?? { names: [], open: false })
