import type { SyncTriggerState } from './facts.ts'
import { textHash } from './read-sync-trigger.ts'
import { cannotFail } from './sql/mapping-sql.ts'
import { type SyncPhase, syncFunction } from './sql/sync-function.ts'
import { syncNames } from './sql/sync-names.ts'
import type { SyncShape } from './sql/sync-shape.ts'
import { syncHelper } from './sql/sync-trigger.ts'

/** What is wrong with a sync trigger, so that columns can part. */
export interface SyncTriggerProblem {
  readonly code: 'missing' | 'not-always' | 'function-differs' | 'helper-differs' | 'no-counter'
  /** The table where it is so; undefined for what the triggers share. */
  readonly table: string | undefined
  readonly message: string
}

/**
 * Compares what the database has with what there must be: a trigger that fires ALWAYS on every member, and functions of exactly the text
 * that a phase has. `pg_restore --disable-triggers` leaves `O` where `A` was, a child by inheritance never gets a trigger, a partition loses
 * it when it is detached, and a default that was changed since stands in the function as it was.
 */
export function syncTriggerProblems(
  shape: SyncShape,
  state: SyncTriggerState,
  phase: SyncPhase = 'expand',
): readonly SyncTriggerProblem[] {
  const { trigger, firstTrigger, function: fn, helper } = syncNames(shape.migration)
  const wanted = shape.between.length === 0 ? [trigger] : [firstTrigger, trigger]
  const found: SyncTriggerProblem[] = []
  for (const { schema, table, triggers } of state.members)
    for (const name of wanted) {
      const enabled = Object.hasOwn(triggers, name) ? triggers[name] : undefined
      const where = `${schema}.${table}`
      if (enabled === undefined)
        found.push({ code: 'missing', table: where, message: `${where} has no trigger ${JSON.stringify(name)}.` })
      else if (enabled !== 'A')
        found.push({
          code: 'not-always',
          table: where,
          message: `The trigger ${JSON.stringify(name)} of ${where} is not ENABLE ALWAYS (tgenabled is ${JSON.stringify(enabled)}).`,
        })
    }
  if (state.functionHash !== textHash(syncFunction(shape, phase).body))
    found.push({
      code: 'function-differs',
      table: undefined,
      message: `The function ${JSON.stringify(fn)} is ${state.functionHash === undefined ? 'not there' : `not that of the phase ${phase}, the declaration and the columns as they are`}.`,
    })
  if (!cannotFail(shape) && state.helperHash !== textHash(syncHelper(shape).body))
    found.push({
      code: 'helper-differs',
      table: undefined,
      message: `The function ${JSON.stringify(helper)}, by which WHEN tells a row in step, is ${state.helperHash === undefined ? 'not there' : 'another one'}.`,
    })
  if (state.bypassed === undefined || !state.sampleTable)
    found.push({
      code: 'no-counter',
      table: undefined,
      message: 'The counter of writers that bypass the application, or the table of its samples, is not there.',
    })
  return found
}
