import type { ReturningClause } from 'libpg-query'
import { outputOf, planSelectList } from '../read/select-list.ts'
import {
  type Entry,
  innerScope,
  joinViews,
  type OutputColumns,
  type Scope,
  type View,
  viewOf,
} from '../resolve/scope.ts'
import type { Work } from '../resolve/work.ts'
import { returningRows, type WriteTarget } from './write-target.ts'

interface Returning {
  readonly target: WriteTarget
  readonly scope: Scope
  /** What FROM or USING brings into view beside the target. */
  readonly from: View | undefined
}

/** Plans RETURNING; tells its output columns. */
export function planReturning(
  work: Work,
  clause: ReturningClause | undefined,
  { target, scope, from }: Returning,
): OutputColumns {
  if (clause === undefined) return { names: [], open: false }
  const view = from ? joinViews(viewOf(target.entry), from) : viewOf(target.entry)
  const level = innerScope(scope, { ...view, entries: [...view.entries, ...rows(target, clause)] })
  return outputOf(planSelectList(work, clause.exprs, level))
}

const rows = (target: WriteTarget, clause: ReturningClause): readonly Entry[] => returningRows(target, clause.options)
