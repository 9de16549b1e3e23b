import { randomUUID } from 'node:crypto'
import { type Operator, openControl, releaseLease } from '@expand-contract/control'
import type { Migration, Phase } from '@expand-contract/core'
import { driveSteps } from '../engine/drive-steps.ts'
import { readMembers } from '../rows/member.ts'
import { readShape } from '../rows/read-shape.ts'
import { END_OF_TABLE, FIRST_ROW, type Tid } from '../rows/tid-range.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'
import { NO_FINDINGS, RowComparer, together } from '../verify/row-comparer.ts'
import { FOLLOWS, type RepairableClass, type RepairCursor, recordOf, repairSome } from './repair-step.ts'

export interface RepairOptions {
  readonly migration: Migration
  /** A connection of its own. */
  readonly client: RunnerClient
  /** The control schema. @defaultValue 'expand_contract' */
  readonly schema?: string
  readonly operator: Operator
  /** The token of the lease of the migration. @defaultValue one is taken */
  readonly lease?: string
  /** Counts the rows that would be written, and writes none. @defaultValue false */
  readonly dryRun?: boolean
  /** Rows of this class alone. One that a phase does not write, as `way_back` before `contract`, has none. @defaultValue all */
  readonly class?: RepairableClass | undefined
  /** Stops between two batches; run again, it does the rest. */
  readonly signal?: AbortSignal
  /** Runs DDL under a short lock timeout, trying again. */
  readonly ddl: (text: string) => Promise<void>
  /** Called after each batch; must not throw. @defaultValue nothing */
  readonly onProgress?: (blocksDone: number, blocks: number, rows: number) => void
}

export interface RepairResult {
  readonly phase: Phase
  /** Rows that were written, or would be. */
  readonly rows: number
  /** Rows that no value can be found for. */
  readonly failed: number
  readonly stopped: boolean
}

const STEP_MS = 5_000

/**
 * Puts rows in step again by the conflict rule: the authoritative side of the phase counts, the old one up to `switch`, the new one in
 * `contract`. It raises the epoch before it writes, so what was verified before proves nothing any more. In batches and by the rules of the backfill:
 * no trigger of the application sees it. In `contract` a row whose new column says what the old one does is in step, though a mapping that loses something
 * would not bring it back: the exact value stays.
 * It drives `repairStep`, as other engines may.
 * @throws EC_BACKFILL_NOT_EXPANDED, EC_TABLE_MISSING, EC_SYNC_TRIGGER, EC_BACKFILL_TRIGGERS, EC_CONTROL_MOVED
 */
export async function repair(options: RepairOptions): Promise<RepairResult> {
  const { migration, client, schema, operator, ddl, dryRun = false, signal, onProgress } = options
  const { phase } = await recordOf(openControl(client, { schema }), migration)
  if (dryRun) return { phase, ...(await countRows(options, phase)) }
  const leaseToken = options.lease ?? randomUUID()
  const { result, ended } = await driveSteps<RepairCursor>({
    ...{ stepMs: STEP_MS, signal, stopAt: ({ waiting }) => waiting !== undefined },
    step: (cursor, budgetMs) =>
      repairSome(
        {
          ...{ migration, leaseToken, budgetMs, cursor, options: { class: options.class } },
          database: {
            ...{ client, operator },
            ...(schema !== undefined && { controlSchema: schema }),
            ...(signal !== undefined && { signal }),
          },
          onEvent: ({ blocksDone, blocks, rows }) => onProgress?.(blocksDone, blocks, rows),
        },
        ddl,
      ),
  })
  const { cursor, waiting } = result
  if (ended === 'stopAt')
    throw runnerError('EC_CONTROL_MOVED', {
      message: `The repair of ${migration.id} has not the lease of the migration (${waiting?.detail ?? ''}).`,
      hint: 'Wait for the other operator, and run it again: it does the rest.',
      migration: migration.id,
    })
  if (ended !== 'done' && options.lease === undefined)
    await releaseLease(openControl(client, { schema }), { migration: migration.id, token: leaseToken })
  return { phase, rows: cursor.rows, failed: cursor.failed, stopped: ended !== 'done' }
}

/** The classes whose rows are written, by the side that follows. */
const WRITES: Readonly<Record<'old' | 'new', readonly RepairableClass[]>> = {
  new: ['new_missing', 'new_orphan', 'differs'],
  old: ['way_back'],
}

/** What a look at all rows finds; those that no value fits are not counted as rows to be written. */
async function countRows(
  { client, migration, schema = 'expand_contract', signal, class: only }: RepairOptions,
  phase: Phase,
): Promise<Pick<RepairResult, 'rows' | 'failed' | 'stopped'>> {
  const { shape, trigger } = await readShape(client, migration, schema)
  const helper = trigger?.helperHash !== undefined
  const comparer = new RowComparer({ client, shape, phase, samples: 0, helper })
  let counts = NO_FINDINGS
  for (const member of await readMembers(client, shape.table))
    for (let next: Tid = FIRST_ROW; next.block !== END_OF_TABLE.block && signal?.aborted !== true; ) {
      const look = await comparer.look(member, next)
      counts = together(counts, look.found, 0)
      next = look.next
    }
  const written = WRITES[FOLLOWS[phase]].filter((name) => only === undefined || name === only)
  const rows = written.reduce((sum, name) => sum + counts.counts[name], 0)
  return { rows, failed: counts.counts.unconvertible, stopped: signal?.aborted === true }
}
