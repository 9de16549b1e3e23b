import { randomUUID } from 'node:crypto'
import type { Migration } from '@expand-contract/core'
import { driveSteps } from '../engine/drive-steps.ts'
import type { RunnerClient } from '../runner-client.ts'
import type { BackfillEvent } from './backfill-event.ts'
import { type BackfillCursor, fillSome, type RunDdl } from './backfill-step.ts'
import type { BackfillPaceOptions } from './backfill-worker.ts'
import { Meter } from './meter.ts'
import type { BackfillProgress } from './ranges.ts'

export interface BackfillOptions extends BackfillPaceOptions {
  readonly migration: Migration
  /** A connection of its own, which runs nothing else meanwhile. Several processes may each run one. */
  readonly client: RunnerClient
  /** The control schema. @defaultValue 'expand_contract' */
  readonly schema?: string
  /** Who does it, as others see it: `dana@ops-2`. */
  readonly worker: string
  /** Stops after this many milliseconds, between two batches; the next run goes on from there. @defaultValue none */
  readonly budgetMs?: number
  /** Stops between two batches. */
  readonly signal?: AbortSignal
  /** Runs DDL under a short lock timeout, trying again. */
  readonly ddl: RunDdl
  /** Called often; must not throw. @defaultValue nothing */
  readonly onEvent?: (event: BackfillEvent) => void
}

export interface BackfillResult {
  /** Why it ended. `taken`: what is left is being filled by other workers. */
  readonly ended: 'done' | 'stopped' | 'budget' | 'taken'
  readonly progress: BackfillProgress
  readonly waitedMs: number
}

/** Each step looks at table, triggers and phase anew, which takes some ten short statements. */
const STEP_MS = 5_000

/**
 * Fills the new columns of all rows that nobody has written since `expand`, block by block, beside the application. It goes on where
 * it stood after it was stopped, killed, or the server was. The end is fixed at the start: rows that come or move behind it are
 * filled by the sync trigger. It drives `backfillStep`, as other engines may.
 * @throws EC_TABLE_MISSING, EC_BACKFILL_NOT_EXPANDED, EC_SYNC_TRIGGER, EC_BACKFILL_TRIGGERS, EC_DECLARATION_CHANGED, and what PostgreSQL says
 */
export async function backfill(options: BackfillOptions): Promise<BackfillResult> {
  const { migration, client, schema, worker, budgetMs, signal, ddl } = options
  const meter = new Meter()
  const leaseToken = randomUUID()
  let waitedMs = 0
  const { result, ended } = await driveSteps<BackfillCursor>({
    ...{ stepMs: STEP_MS, budgetMs, signal, stopAt: ({ waiting }) => waiting?.code === 'workers' },
    async step(cursor, stepMs) {
      const database = { client, operator: { who: worker } }
      const stepped = await fillSome(
        {
          ...{ migration, leaseToken, budgetMs: stepMs, cursor, options },
          database: {
            ...database,
            ...(schema !== undefined && { controlSchema: schema }),
            ...(signal !== undefined && { signal }),
          },
          onEvent: (event) => options.onEvent?.(metered(meter, event)),
        },
        ddl,
      )
      waitedMs += stepped.cursor.waitedMs
      return stepped
    },
  })
  return { ended: ended === 'stopAt' ? 'taken' : ended, progress: result.cursor.progress, waitedMs }
}

function metered(meter: Meter, event: BackfillEvent): BackfillEvent {
  if (event.type === 'progress') return meter.progress(event.progress, event.batch, event.load)
  return event.type === 'wait' ? meter.wait(event.reason, event.waitedMs, event.load) : event
}
