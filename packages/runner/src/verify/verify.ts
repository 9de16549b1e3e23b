import { randomUUID } from 'node:crypto'
import { forgetRun, openControl } from '@expand-contract/control'
import type { Migration, Phase } from '@expand-contract/core'
import { driveSteps } from '../engine/drive-steps.ts'
import type { RunnerClient } from '../runner-client.ts'
import type { Findings, Held } from './row-comparer.ts'
import type { TriggerState } from './trigger-state.ts'
import { type VerifyCursor, type VerifyEvent, verifyStep } from './verify-step.ts'

export interface VerifyOptions {
  readonly migration: Migration
  /** A connection of its own. */
  readonly client: RunnerClient
  /** The control schema. @defaultValue 'expand_contract' */
  readonly schema?: string
  /** Who does it, as others see it: `dana@ops-2`. */
  readonly who: string
  /** Keys of rows to remember, of each class. @defaultValue 20 */
  readonly samples?: number
  /** Stops between two ranges; then nothing is recorded. */
  readonly signal?: AbortSignal
  /** Called after each range; must not throw. @defaultValue nothing */
  readonly onEvent?: (event: VerifyEvent) => void
}

export interface Verification extends Findings {
  readonly phase: Phase
  readonly epoch: number
  readonly trigger: TriggerState
  /** No row is out of step, and the sync trigger was on throughout, on every member, and the same. */
  readonly clean: boolean
  readonly ms: number
  /** undefined: they were not counted. */
  readonly held: Held | undefined
  /** Stopped before the end, so that it says nothing of the table. */
  readonly stopped: boolean
}

const STEP_MS = 5_000

/**
 * Compares both columns of every row, range by range, in both directions. Both values stand in one row version, so a row that
 * is written meanwhile is no false alarm. A row that moves from one range to another may be missed, which is sound as long as the
 * trigger keeps rows in step, so that is recorded with the pass. It takes no lock that a statement of the application waits for. It drives
 * `verifyStep`, as other engines may.
 * @throws EC_TABLE_MISSING, EC_BACKFILL_NOT_EXPANDED, and what PostgreSQL says; 42501 where row security would hide rows
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const { migration, client, schema, who, signal, onEvent } = options
  const started = performance.now()
  const leaseToken = randomUUID()
  const { result, ended } = await driveSteps<VerifyCursor>({
    ...{ stepMs: STEP_MS, signal },
    step: (cursor, budgetMs) =>
      verifyStep({
        ...{ migration, leaseToken, budgetMs, cursor, options, onEvent },
        database: {
          ...{ client, operator: { who } },
          ...(schema !== undefined && { controlSchema: schema }),
          ...(signal !== undefined && { signal }),
        },
      }),
  })
  if (ended !== 'done')
    await forgetRun(openControl(client, { schema }), { migration: migration.id, operation: 'verify', leaseToken })
  const { phase, epoch, rows, counts, samples, trigger, clean, held } = result.cursor
  const stopped = ended !== 'done'
  return { ...{ phase, epoch, rows, counts, samples, trigger, clean, stopped, held }, ms: performance.now() - started }
}
