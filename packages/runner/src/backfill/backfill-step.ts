import { type Control, openControl, setBackfill } from '@expand-contract/control'
import { ExpandContractError } from '@expand-contract/core'
import { RETRY_MS, type StepRequest, type StepResult, type StepWait } from '../engine/step.ts'
import { StepBudget } from '../engine/step-budget.ts'
import { lockedTransaction } from '../execute/locked-transaction.ts'
import { reporter } from '../runner-event.ts'
import type { BackfillEvent } from './backfill-event.ts'
import { type BackfillPace, type BackfillPaceOptions, BackfillWorker, type WorkerRest } from './backfill-worker.ts'
import { type PreparedRows, prepareRows } from './prepare.ts'
import { type BackfillProgress, divide, readProgress } from './ranges.ts'
import { keepTrigger } from './user-triggers.ts'

export interface BackfillCursor {
  readonly progress: BackfillProgress
  /** How long this step has waited, in milliseconds. */
  readonly waitedMs: number
  readonly pace: BackfillPace | undefined
}

export type BackfillStepRequest = StepRequest<BackfillPaceOptions, BackfillCursor, BackfillEvent>

/** Runs DDL under a short lock timeout, trying again. */
export type RunDdl = (text: string) => Promise<void>

/**
 * Fills some rows. Any number of workers may do steps at once, each with a token of its own: ranges of blocks are leased to tokens. A step that is
 * delivered twice under one token fills no row twice.
 * @throws EC_TABLE_MISSING, EC_BACKFILL_NOT_EXPANDED, EC_SYNC_TRIGGER, EC_BACKFILL_TRIGGERS, and what PostgreSQL says
 */
export async function backfillStep(request: BackfillStepRequest): Promise<StepResult<BackfillCursor>> {
  try {
    return await fillSome(request, ddlOf(request, 'backfill'))
  } catch (error) {
    const waiting = lockWait(error)
    const { client, controlSchema: schema } = request.database
    const progress = await readProgress(openControl(client, { schema }), request.migration.id)
    return {
      done: false,
      cursor: { progress, waitedMs: 0, pace: request.cursor?.pace },
      retryAfterMs: RETRY_MS,
      waiting,
    }
  }
}

/** DDL of a step: it is given up when the budget is over. */
export function ddlOf(
  { migration, database, budgetMs }: Pick<BackfillStepRequest, 'migration' | 'database' | 'budgetMs'>,
  name: string,
): RunDdl {
  const { client, locks, signal } = database
  return (text) =>
    lockedTransaction(client, {
      ...{
        giveUpAfterMs: Math.max(1, budgetMs),
        ...locks,
        name,
        migration: migration.id,
        tables: [],
        exclusive: false,
      },
      ...{ signal, onEvent: reporter(undefined), work: async () => void (await client.query(text)) },
    })
}

/** What a step says that did not get a lock; other errors are thrown on. */
export function lockWait(error: unknown): StepWait {
  if (ExpandContractError.isInstance(error) && error.code === 'EC_LOCK_NOT_GRANTED')
    return { code: 'lock', detail: error.message }
  throw error
}

/** The step, with DDL as the caller runs it. */
export async function fillSome(request: BackfillStepRequest, ddl: RunDdl): Promise<StepResult<BackfillCursor>> {
  const { migration, database, leaseToken: token, budgetMs, options = {}, cursor, onEvent } = request
  const { client, controlSchema: schema = 'expand_contract', operator, signal } = database
  const control = openControl(client, { schema })
  const budget = new StepBudget(budgetMs, signal)
  let waitedMs = 0
  let pace = cursor?.pace
  for (;;) {
    const prepared = await prepareRows(client, { migration, schema, ddl, phases: ['expand', 'switch'] })
    const before = await readProgress(control, migration.id)
    await divide(control, migration.id, prepared.members)
    if (cursor === undefined) await tellStart(control, { request, prepared, resumed: before.blocksDone > 0 })
    const worker = new BackfillWorker({
      ...{ migration, client, control, prepared, token, worker: operator.who, options, pace, budget, signal, onEvent },
    })
    const rest = await worker.run()
    waitedMs += worker.waitedMs
    pace = worker.pace
    if (rest === 'rewritten') continue
    const progress = await readProgress(control, migration.id)
    if (progress.done) await finish(control, { request, prepared, ddl })
    return { done: progress.done, cursor: { progress, waitedMs, pace }, ...restOf(rest, worker, progress.done) }
  }
}

function restOf(rest: WorkerRest, worker: BackfillWorker, done: boolean): Omit<StepResult<never>, 'done' | 'cursor'> {
  if (done) return { retryAfterMs: 0 }
  if (rest === 'left')
    return { retryAfterMs: RETRY_MS, waiting: { code: 'workers', detail: 'others have the ranges that are open' } }
  const { waiting, earlyMs } = worker
  return waiting === undefined
    ? { retryAfterMs: Math.round(earlyMs) }
    : { retryAfterMs: RETRY_MS, waiting: { code: waiting.code, detail: waiting.detail } }
}

async function tellStart(
  control: Control,
  about: { readonly request: BackfillStepRequest; readonly prepared: PreparedRows; readonly resumed: boolean },
): Promise<void> {
  const { request, prepared, resumed } = about
  const progress = await readProgress(control, request.migration.id)
  const members = prepared.members.map(({ relation }) => relation)
  request.onEvent?.({ type: 'start', resumed, progress, members })
}

/** Several workers may come here; what is gone is gone. */
async function finish(
  control: Control,
  about: { readonly request: BackfillStepRequest; readonly prepared: PreparedRows; readonly ddl: RunDdl },
): Promise<void> {
  const { request, prepared, ddl } = about
  await setBackfill(control, { migration: request.migration.id, finished: true })
  if (prepared.shield.keep) for (const member of prepared.members) await ddl(keepTrigger(prepared.shape, member).drop)
}
