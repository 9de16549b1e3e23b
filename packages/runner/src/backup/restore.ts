import { setTimeout as delay } from 'node:timers/promises'
import { appendEvent, type Control, openControl, recordPhase } from '@expand-contract/control'
import { quoteIdentifier, shellWord } from '@expand-contract/core'
import { BatchSize } from '../backfill/batch-size.ts'
import { type LockedTransaction, lockedTransaction } from '../execute/locked-transaction.ts'
import { readFacts } from '../read-facts.ts'
import { type BackfillMember, readMembers } from '../rows/member.ts'
import { blockRange, halves, type TidRange } from '../rows/tid-range.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'
import { reporter } from '../runner-event.ts'
import { addColumns } from '../sql/add-column.ts'
import { qualified } from '../sql/sync-names.ts'
import { type SyncShape, syncShape } from '../sql/sync-shape.ts'
import { syncObjects, syncTriggers, triggeredMembers } from '../sql/sync-trigger.ts'
import { syncTriggerProblems } from '../sync-trigger-problems.ts'
import { BACKUP_SETTINGS } from './backup-sql.ts'
import { keylessRestored } from './keyless-counts.ts'
import { isKeyless, touchTriggers } from './keyless-restore-sql.ts'
import { loadRestore } from './load-restore.ts'
import { fillRange } from './restore-batch.ts'
import type { RestoreOptions } from './restore-options.ts'
import { dropRestoreParts, duringRestore, keepRestored, restoredRows } from './restore-sql.ts'

export interface Restored {
  /** All that the table has. */
  readonly rows: number
  /** They have the value that was backed up. */
  readonly exact: number
  /**
   * Without a key: they are not as they were backed up, and every row of the backup that said the same in the new columns had this one
   * old value. undefined: there is a key.
   */
  readonly alike?: number | undefined
  /** Without a key: several old values come into question, and the mapping has made one. undefined: there is a key. */
  readonly ambiguous?: number | undefined
  /** They were changed or have come since: what the mapping makes of the new columns. */
  readonly mapped: number
  /** Of these the mapping has no value. */
  readonly empty: number
  /** In the backup alone: they were deleted; without a key, deleted or changed. */
  readonly gone: number
  /** Rows that could not be written, for a check that they violate or a trigger that refuses. */
  readonly failed: number
  readonly ms: number
}

/**
 * Brings the old columns back: a scratch table from the file; columns, trigger and phase in one short transaction; then values in batches, beside
 * the application; then the trigger as `contract` has it. undefined: it was stopped. Run again, it goes on where it stood.
 * @throws EC_LOCK_NOT_GRANTED, EC_CONTROL_MOVED, EC_NOT_INSTALLED, EC_BACKUP_DAMAGED, EC_BACKUP_OTHER, EC_BACKUP_ROWS
 */
export async function restore(options: RestoreOptions): Promise<Restored | undefined> {
  const run = new RestoreRun(options)
  const started = performance.now()
  if (!options.plan.resumed) {
    await loadRestore(options)
    await run.begin()
  } else await run.keep()
  const failed = await run.fill()
  if (failed === undefined) return undefined
  return run.finish(failed, started)
}

class RestoreRun {
  readonly #options: RestoreOptions
  readonly #control: Control
  readonly #shape: SyncShape

  constructor(options: RestoreOptions) {
    this.#options = options
    this.#control = openControl(options.client, { schema: options.schema })
    this.#shape = options.plan.parts.shape
  }

  /** Columns, trigger and phase together, so that nobody meets one without the other. */
  begin(): Promise<void> {
    const { client, plan, operator, lease } = this.#options
    const { record, parts, backup } = plan
    const shape = this.#shape
    return this.#locked('restore', true, async () => {
      await client.query(
        addColumns(
          shape,
          shape.old.map((column) => ({ ...column, name: column.declared })),
        ),
      )
      for (const { sql } of syncObjects(shape, 'contract', duringRestore(parts))) await client.query(sql)
      for (const member of triggeredMembers(shape))
        for (const { sql } of syncTriggers(shape, member)) await client.query(sql)
      await this.#keepTriggers('create')
      await this.#touchTriggers('create')
      await recordPhase(this.#control, {
        ...{
          ...operator,
          migration: shape.migration.id,
          operation: 'restore',
          from: record.phase,
          epoch: record.epoch,
        },
        ...{ lease, figures: { backup: backup.id, rows: plan.summary.trailer.rows } },
      })
    })
  }

  /** Where an earlier run had no need of them, or another table has come since. */
  async keep(): Promise<void> {
    if (this.#options.plan.shield.keep) await this.#locked('keep', true, () => this.#keepTriggers('create'))
  }

  /** Of rows that no key tells. */
  async #touchTriggers(what: 'create' | 'drop'): Promise<void> {
    const { client, plan } = this.#options
    if (!isKeyless(plan.parts)) return
    for (const sql of touchTriggers(plan.parts)[what]) await client.query(sql)
  }

  async #keepTriggers(what: 'create' | 'drop'): Promise<void> {
    const { client, plan } = this.#options
    if (!plan.shield.keep) return
    for (const member of await readMembers(client, this.#shape.table))
      await client.query(keepRestored(plan.parts, member)[what])
  }

  /** Passes over all blocks, until one finds nothing; rows that could not be written. undefined: stopped. */
  async fill(): Promise<number | undefined> {
    const { client, signal, onProgress } = this.#options
    const size = new BatchSize({ profile: 'gentle' })
    let all = 0
    for (;;) {
      const members = await readMembers(client, this.#shape.table)
      const blocks = members.reduce((sum, member) => sum + member.blocks, 0)
      let [filled, failed, done, again] = [0, 0, 0, false]
      for (const member of members)
        for (let from = 0; from < member.blocks && !again; ) {
          if (signal?.aborted === true) return undefined
          const pages = Math.min(size.pages, member.blocks - from)
          const started = performance.now()
          const outcome = await this.#batch(member, blockRange(from, from + pages))
          if (outcome === 'busy') {
            size.failed()
            await delay(50 + Math.random() * 200)
            continue
          }
          // Its rows are in another file: from the beginning.
          if (outcome === 'rewritten') again = true
          else {
            size.took(pages, performance.now() - started)
            ;[filled, failed, all] = [filled + outcome.rows, failed + outcome.failed, all + outcome.rows]
            from += pages
            done += pages
            onProgress?.(done, blocks, all)
          }
        }
      if (!again && filled === 0) return failed
    }
  }

  /** Halved down to the row that cannot be written, which is passed. */
  async #batch(
    member: BackfillMember,
    range: TidRange,
  ): Promise<{ readonly rows: number; readonly failed: number } | 'busy' | 'rewritten'> {
    const { client, plan } = this.#options
    const outcome = await fillRange(client, { ...plan, member, range })
    if (outcome !== 'refused') return typeof outcome === 'number' ? { rows: outcome, failed: 0 } : outcome
    const both = halves(range)
    if (both === undefined) return { rows: 0, failed: 1 }
    const found = { rows: 0, failed: 0 }
    for (const half of both) {
      const part = await this.#batch(member, half)
      if (typeof part === 'string') return part
      found.rows += part.rows
      found.failed += part.failed
    }
    return found
  }

  /** The trigger as `contract` has it, and what has become of the rows. */
  async finish(failed: number, started: number): Promise<Restored> {
    const { client, plan, operator, schema: controlSchema } = this.#options
    const { migration } = this.#shape
    const counted = await this.#counted()
    const facts = await readFacts(client, migration, { ...(controlSchema !== undefined && { controlSchema }) })
    if (facts.table === undefined) throw new RangeError('the table is not there any more')
    const shape = syncShape(migration, { ...facts, table: facts.table })
    const restored = { ...counted, failed, ms: Math.round(performance.now() - started) }
    // Behind every writer that is in a trigger function which reads the scratch table, or is about to be.
    const lock = `LOCK TABLE ${qualified(facts.table.schema, facts.table.name)} IN ${plan.shield.keep || isKeyless(plan.parts) ? 'ACCESS' : 'SHARE ROW'} EXCLUSIVE MODE`
    await this.#locked('restored', true, async () => {
      await client.query(lock)
      for (const { sql } of syncObjects(shape, 'contract')) await client.query(sql)
      await this.#keepTriggers('drop')
      await this.#touchTriggers('drop')
      for (const sql of dropRestoreParts(shape)) await client.query(sql)
      await appendEvent(this.#control, {
        ...{ ...operator, migration: migration.id, kind: 'restored' },
        figures: { ...restored, rowsLost: 0, backup: plan.backup.id },
      })
    })
    await checkInstalled(client, shape, controlSchema)
    return restored
  }

  async #counted(): Promise<Omit<Restored, 'failed' | 'ms'>> {
    const { client, plan } = this.#options
    const { parts } = plan
    await client.query(
      `BEGIN; ${isKeyless(parts) ? BACKUP_SETTINGS : 'SET LOCAL row_security = off; SET LOCAL statement_timeout = 0'}`,
    )
    try {
      const { rows } = await client.query(isKeyless(parts) ? keylessRestored(parts) : restoredRows(parts))
      const count = (name: string): number => Number(rows[0]?.[name])
      await client.query('COMMIT')
      const [all, exact, mapped, empty] = [count('rows'), count('exact'), count('mapped'), count('empty')]
      const unkeyed = isKeyless(parts) ? { alike: count('alike'), ambiguous: count('ambiguous') } : {}
      return { rows: all, exact, ...unkeyed, mapped, empty, gone: plan.summary.trailer.rows - count('kept') }
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  #locked(name: string, exclusive: boolean, work: LockedTransaction['work']): Promise<void> {
    const { client, signal, onEvent, plan: _, ...options } = this.#options
    const { migration, table } = this.#shape
    return lockedTransaction(client, {
      ...{ ...options, name, migration: migration.id, signal, onEvent: reporter(onEvent), exclusive, work },
      tables: exclusive ? [qualified(table.schema, table.name)] : [],
      application: `expand-contract restore ${migration.id}`,
    })
  }
}

async function checkInstalled(
  client: RunnerClient,
  { migration }: SyncShape,
  controlSchema: string | undefined,
): Promise<void> {
  const facts = await readFacts(client, migration, { ...(controlSchema !== undefined && { controlSchema }) })
  const { table, trigger } = facts
  const problems =
    table === undefined || trigger === undefined
      ? []
      : syncTriggerProblems(syncShape(migration, { ...facts, table }), trigger, 'contract')
  if (problems.length === 0) return
  throw runnerError('EC_NOT_INSTALLED', {
    message: `${migration.id} has its old column ${migration.old.map(({ name }) => quoteIdentifier(name)).join(', ')} back, and its sync trigger is not as it should be: ${problems.map(({ message }) => message).join(' ')}`,
    hint: `Run \`expand-contract verify ${shellWord(migration.id)}\`. Something else may change the table or the function at the same time.`,
    migration: migration.id,
  })
}
