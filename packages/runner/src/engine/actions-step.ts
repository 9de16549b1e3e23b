import { type Control, holdsLease, type Operator, openControl } from '@expand-contract/control'
import { ExpandContractError, type Migration } from '@expand-contract/core'
import { loadParser } from '@expand-contract/sql'
import { lockWait } from '../backfill/backfill-step.ts'
import type { ControlPlace } from '../control-schema.ts'
import type { ExecuteActions } from '../execute/execute-actions.ts'
import type { RunnerClient } from '../runner-client.ts'
import { sqlState } from '../runner-error.ts'
import type { RunnerEvent } from '../runner-event.ts'
import { holdLease, letGo } from './operator-lease.ts'
import { RETRY_MS, type Step, type StepRequest } from './step.ts'
import { StepBudget } from './step-budget.ts'

/** How an operation of actions is to be run, so that it ends with the budget and counts under the lease alone. */
export interface ActionsRun extends ControlPlace, Omit<ExecuteActions, 'operation' | 'handlers'> {
  readonly operator: Operator
  readonly lease: string
}

/** Figures of a step; what has been done stands in the catalog. */
export interface ActionsCursor {
  readonly committed: number
}

/**
 * An operation that plans from what is there, and executes what is missing, as a step. It holds the operator's lease of the migration. It ends
 * between two actions, but not within one: an index is built to its end.
 */
export function actionsStep<Options extends object>(
  operation: string,
  run: (client: RunnerClient, migration: Migration, options: ActionsRun & Partial<Options>) => Promise<unknown>,
): Step<Partial<Options>, ActionsCursor, RunnerEvent> {
  return async (request) => {
    const { migration, database, leaseToken: token } = request
    const { client, controlSchema: schema, operator } = database
    const control = openControl(client, { schema })
    const committed = { count: 0 }
    const cursor = (): ActionsCursor => ({ committed: (request.cursor?.committed ?? 0) + committed.count })
    const held = await holdLease(control, { ...operator, migration: migration.id, operation, token })
    if (held !== undefined) return { done: false, cursor: cursor(), retryAfterMs: RETRY_MS, waiting: held }
    try {
      await loadParser()
      await planned(() => run(client, migration, runOf(request, { control, committed })))
    } catch (error) {
      if (error instanceof BudgetOver || database.signal?.aborted === true)
        return { done: false, cursor: cursor(), retryAfterMs: 0 }
      if (isLeaseLost(error)) {
        const waiting = { code: 'operator', detail: 'another one has taken the lease' }
        return { done: false, cursor: cursor(), retryAfterMs: RETRY_MS, waiting }
      }
      return { done: false, cursor: cursor(), retryAfterMs: RETRY_MS, waiting: lockWait(error) }
    }
    await letGo(control, { migration: migration.id, token })
    return { done: true, cursor: cursor(), retryAfterMs: 0 }
  }
}

/** Something is there already, or not any more, or was made at the same moment. */
const ANOTHER_PLAN: ReadonlySet<string | undefined> = new Set([
  ...['42701', '42P07', '42710', '42723', '42P06', '42703', '42704', '42883', '23505', 'XX000'],
])

/** A worker that has the same token may do the same at once: then what this one has planned is out of date, and is planned anew. */
async function planned(run: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      await run()
      return
    } catch (error) {
      if (tries === 3 || !ANOTHER_PLAN.has(sqlState(error))) throw error
    }
}

class BudgetOver extends Error {}
class LeaseLost extends Error {}

/** Where the phase is recorded, the record says it first. */
const isLeaseLost = (error: unknown): boolean =>
  error instanceof LeaseLost || (ExpandContractError.isInstance(error) && error.code === 'EC_CONTROL_MOVED')

function runOf<Options extends object>(
  {
    migration,
    database,
    leaseToken: token,
    budgetMs,
    options,
    onEvent,
  }: StepRequest<Partial<Options>, ActionsCursor, RunnerEvent>,
  { control, committed }: { readonly control: Control; readonly committed: { count: number } },
): ActionsRun & Partial<Options> {
  const { controlSchema, operator, locks, signal } = database
  const budget = new StepBudget(Math.max(1, budgetMs), signal)
  return {
    ...(options ?? ({} as Partial<Options>)),
    giveUpAfterMs: Math.max(1, budgetMs),
    ...locks,
    ...(controlSchema !== undefined && { controlSchema }),
    ...(signal !== undefined && { signal }),
    ...{ operator, lease: token },
    async fence(_, where) {
      if (where === 'alone' && budget.over === 'budget') throw new BudgetOver()
      if (!(await holdsLease(control, { migration: migration.id, token }))) throw new LeaseLost()
    },
    onEvent(event) {
      // A transaction of several actions, or one action outside of one.
      if (event.type === 'committed' || (event.type === 'done' && event.action.transaction === undefined)) {
        committed.count++
        budget.cameOn()
      }
      onEvent?.(event)
    },
  }
}
