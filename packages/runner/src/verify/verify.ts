import {
  type Control,
  type MigrationRecord,
  openControl,
  readMigration,
  recordVerification,
} from '@expand-contract/control'
import type { Migration, Phase } from '@expand-contract/core'
import { checkDeclaration } from '../phase/check-declaration.ts'
import { readMembers } from '../rows/member.ts'
import { readShape } from '../rows/read-shape.ts'
import { seeingAllRows } from '../rows/seeing-all-rows.ts'
import { checkTableThere } from '../rows/table-missing.ts'
import { END_OF_TABLE, FIRST_ROW, type Tid } from '../rows/tid-range.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'
import type { DifferenceClass } from './differences.ts'
import { type DifferingRow, differing, NO_FINDINGS, RowComparer, together } from './row-comparer.ts'
import { readTriggerState, sameTriggers, type TriggerState } from './trigger-state.ts'

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

export interface VerifyEvent {
  readonly type: 'progress'
  readonly rows: number
  readonly differing: number
  readonly blocksDone: number
  readonly blocks: number
}

export interface Verification {
  readonly phase: Phase
  readonly epoch: number
  readonly rows: number
  /** How many rows are out of step, by how. */
  readonly counts: Readonly<Record<DifferenceClass, number>>
  readonly samples: Readonly<Record<DifferenceClass, readonly DifferingRow[]>>
  readonly trigger: TriggerState
  /** No row is out of step, and the sync trigger was on throughout, on every member, and the same. */
  readonly clean: boolean
  readonly ms: number
  /** Stopped before the end, so that it says nothing of the table. */
  readonly stopped: boolean
}

/**
 * Compares both columns of every row, range by range, in both directions. Both values stand in one row version, so a row that
 * is written meanwhile is no false alarm. A row that moves from one range to another may be missed, which is sound as long as the
 * trigger keeps rows in step, so that is recorded with the pass. It takes no lock that a statement of the application waits for.
 * @throws EC_TABLE_MISSING, EC_BACKFILL_NOT_EXPANDED, EC_DECLARATION_CHANGED, and what PostgreSQL says; 42501 where row security would hide rows
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const { migration, client, schema = 'expand_contract', signal, samples = 20 } = options
  const started = performance.now()
  const { rows: begun } = await client.query('SELECT EXTRACT(epoch FROM pg_catalog.clock_timestamp())::float8 AS at')
  const control = openControl(client, { schema })
  const { phase, epoch } = await readRecord(control, migration, client)
  const { shape } = await readShape(client, migration, schema)
  const members = await readMembers(client, shape.table)
  const before = await readTriggerState(client, shape, phase)
  const comparer = new RowComparer({ client: seeingAllRows(client), shape, phase, samples })
  const blocks = members.reduce((sum, member) => sum + member.blocks, 0)
  let [found, before0] = [NO_FINDINGS, 0]
  for (const member of members) {
    for (let next: Tid = FIRST_ROW; next.block !== END_OF_TABLE.block && signal?.aborted !== true; ) {
      const look = await comparer.look(member, next)
      found = together(found, look.found, samples)
      next = look.next
      const blocksDone = before0 + Math.min(next.block, member.blocks)
      options.onEvent?.({ type: 'progress', rows: found.rows, differing: differing(found), blocksDone, blocks })
    }
    before0 += member.blocks
  }
  const trigger = await readTriggerState(client, shape, phase)
  const stopped = signal?.aborted === true
  const clean = !stopped && differing(found) === 0 && trigger.on && sameTriggers(before, trigger)
  const verification: Verification = {
    ...{ phase, epoch, ...found, trigger, clean, stopped },
    ms: performance.now() - started,
  }
  if (!stopped)
    await recordVerification(control, {
      ...{ migration: migration.id, epoch, startedAt: new Date(Number(begun[0]?.at) * 1_000), rows: found.rows },
      ...{ counts: found.counts, samples: found.samples, triggers: trigger.members, clean, who: options.who },
    })
  return verification
}

async function readRecord(control: Control, migration: Migration, client: RunnerClient): Promise<MigrationRecord> {
  const { id } = migration
  const record = await readMigration(control, id)
  if (record !== undefined && record.phase !== 'off') {
    checkDeclaration(migration, record)
    return record
  }
  await checkTableThere(client, migration)
  throw runnerError('EC_BACKFILL_NOT_EXPANDED', {
    message: `The migration ${id} has not begun.`,
    hint: `Run \`expand-contract expand ${id}\` first.`,
    migration: id,
  })
}
