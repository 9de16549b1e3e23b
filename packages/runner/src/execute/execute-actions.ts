import type { Action, BatchesAction, RecordPhaseAction, WaitAction } from '../action.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError, sqlState } from '../runner-error.ts'
import { type RunnerEvent, reporter } from '../runner-event.ts'
import { MOVED_ON } from '../sql/still-off.ts'
import type { LockOptions } from './lock-options.ts'
import { lockedTransaction } from './locked-transaction.ts'
import { loneStatement } from './lone-statement.ts'

/** What executes the kinds of actions that are more than a statement. */
export interface ActionHandlers {
  /** Writes a phase down, by the connection whose transaction is open; it may be called again when a try has failed. */
  recordPhase(client: RunnerClient, action: RecordPhaseAction): Promise<void>
  batches?(action: BatchesAction): Promise<void>
  wait?(action: WaitAction): Promise<void>
}

export interface ExecuteActions extends LockOptions {
  /** Names the plan in `application_name`: `expand-contract expand users.full_name`. */
  readonly operation: string
  readonly handlers: ActionHandlers
  /** Called at the end of each transaction, and ahead of each action outside of one; what it throws ends it there. @defaultValue nothing */
  readonly fence?: ((client: RunnerClient, where: 'transaction' | 'alone') => Promise<void>) | undefined
  /** Another connection, by which it is seen who is waited for outside of transactions. @defaultValue none: it is told afterwards */
  readonly beside?: RunnerClient
  /** Ends it between two statements; what has been committed stays, and running the plan anew goes on from there. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: RunnerEvent) => void
}

/**
 * Executes a plan, in order. Neighbours of one transaction are committed together or not at all, and are tried again together while a lock is
 * not to be had.
 * @throws EC_LOCK_NOT_GRANTED; errors of the database as they are; the reason of the signal
 */
export async function executeActions(
  client: RunnerClient,
  actions: readonly Action[],
  options: ExecuteActions,
): Promise<void> {
  const report = reporter(options.onEvent)
  for (const group of groupsOf(actions)) {
    options.signal?.throwIfAborted()
    const [first] = group
    if (first === undefined) continue
    const { transaction, migration } = first
    if (transaction === undefined) {
      await options.fence?.(client, 'alone')
      for (const action of group)
        await timed(action, report, () => runAlone(client, action, { ...options, onEvent: report }))
      continue
    }
    await lockedTransaction(client, {
      ...options,
      ...{ name: transaction, migration, onEvent: report, signal: options.signal },
      application: `expand-contract ${options.operation} ${migration}`,
      tables: [...new Set(group.flatMap(({ tables }) => tables))],
      exclusive: group.some(({ lock }) => lock === 'ACCESS EXCLUSIVE'),
      work: async () => {
        await options.fence?.(client, 'alone')
        for (const action of group) await timed(action, report, () => runWithin(client, action, options))
      },
    })
  }
}

/** Neighbours of one transaction; each action outside of one is alone. */
function groupsOf(actions: readonly Action[]): readonly (readonly Action[])[] {
  const groups: Action[][] = []
  for (const action of actions) {
    const last = groups.at(-1)
    if (last !== undefined && action.transaction !== undefined && last[0]?.transaction === action.transaction)
      last.push(action)
    else groups.push([action])
  }
  return groups
}

async function timed(action: Action, report: (event: RunnerEvent) => void, run: () => Promise<void>): Promise<void> {
  const began = Date.now()
  report({ type: 'started', action })
  await run()
  report({ type: 'done', action, ms: Date.now() - began })
}

function raiseFor({ migration }: Action, cause: unknown): never {
  if (sqlState(cause) !== MOVED_ON) throw cause
  throw runnerError('EC_CONTROL_MOVED', {
    message: `The migration ${JSON.stringify(migration)} was not changed: it was expected to be in off, and another operator has begun it anew since.`,
    hint: 'Look at it again (`expand-contract status`), and begin anew from there.',
    migration,
    cause,
  })
}

async function runWithin(client: RunnerClient, action: Action, { handlers, signal }: ExecuteActions): Promise<void> {
  signal?.throwIfAborted()
  if (action.kind === 'sql') await client.query(action.sql).catch((error) => raiseFor(action, error))
  else if (action.kind === 'record-phase') await handlers.recordPhase(client, action)
  else throw new RangeError(`an action of the kind ${action.kind} is no part of a transaction`)
}

async function runAlone(
  client: RunnerClient,
  action: Action,
  { handlers, ...options }: ExecuteActions & { readonly onEvent: (event: RunnerEvent) => void },
): Promise<void> {
  if (action.kind === 'sql') await loneStatement(client, action, options)
  else if (action.kind === 'record-phase') await handlers.recordPhase(client, action)
  else if (action.kind === 'batches' && handlers.batches) await handlers.batches(action)
  else if (action.kind === 'wait' && handlers.wait) await handlers.wait(action)
  else throw new RangeError(`nothing was given that executes actions of the kind ${action.kind}`)
}
