import type { ReturningClause } from 'libpg-query'
import { outputOf, planSelectList } from '../read/select-list.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import {
  type Entry,
  innerScope,
  joinNamespaces,
  type Namespace,
  namespaceOf,
  type OutputColumns,
  type Scope,
} from '../resolve/scope.ts'
import { returningRows, type WriteTarget } from './write-target.ts'

interface Returning {
  readonly target: WriteTarget
  readonly scope: Scope
  /** What FROM or USING brings into view beside the target. */
  readonly from: Namespace | undefined
}

/** Plans RETURNING; tells its output columns. */
export function planReturning(
  context: PlanContext,
  clause: ReturningClause | undefined,
  { target, scope, from }: Returning,
): OutputColumns {
  if (clause === undefined) return { names: [], open: false }
  const namespace = from ? joinNamespaces(namespaceOf(target.entry), from) : namespaceOf(target.entry)
  const level = innerScope(scope, { ...namespace, entries: [...namespace.entries, ...rows(target, clause)] })
  return outputOf(planSelectList(context, clause.exprs, level))
}

const rows = (target: WriteTarget, clause: ReturningClause): readonly Entry[] => returningRows(target, clause.options)
