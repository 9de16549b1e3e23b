import { setTimeout as delay } from 'node:timers/promises'
import {
  advanceRun,
  beginRun,
  type Control,
  holdsLease,
  type MigrationRecord,
  openControl,
  type RunKey,
  type RunRecord,
  readMigration,
  readRun,
  recordPhase,
} from '@expand-contract/control'
import { type Migration, type Phase, quoteIdentifier, shellWord } from '@expand-contract/core'
import { ddlOf, lockWait, type RunDdl } from '../backfill/backfill-step.ts'
import { BatchSize } from '../backfill/batch-size.ts'
import { prepareRows } from '../backfill/prepare.ts'
import { fillBlocks, fillRows } from '../backfill/run-batch.ts'
import type { BackfillTask } from '../backfill/task.ts'
import { keepTrigger } from '../backfill/user-triggers.ts'
import { holdLease, letGo } from '../engine/operator-lease.ts'
import { RETRY_MS, type StepRequest, type StepResult, type StepWait } from '../engine/step.ts'
import { StepBudget } from '../engine/step-budget.ts'
import { checkDeclaration } from '../phase/check-declaration.ts'
import { type BackfillMember, readMembers } from '../rows/member.ts'
import { runnerError } from '../runner-error.ts'
import { outOfStep } from '../sql/sync-trigger.ts'
import { type DifferenceClass, differencesOf } from '../verify/differences.ts'

/** The side that follows the other: where they differ, it is the authoritative one that counts. */
export const FOLLOWS: Readonly<Record<Phase, 'old' | 'new'>> = {
  off: 'new',
  expand: 'new',
  switch: 'new',
  contract: 'old',
  hold: 'old',
  dropped: 'old',
}

/** How a row can be out of step that a value can be found for. */
export type RepairableClass = Exclude<DifferenceClass, 'unconvertible'>

export interface RepairStepOptions {
  /** Rows of this class alone. One that a phase does not write, as `way_back` before `contract`, has none. @defaultValue all */
  readonly class?: RepairableClass | undefined
}

export interface RepairCursor {
  readonly phase: Phase
  /** The one that it has begun. */
  readonly epoch: number
  /** Rows that were written. */
  readonly rows: number
  /** Rows that no value can be found for. */
  readonly failed: number
  /** The member that it is at, its file, the first block that is not done, and that behind the last. Members with lesser oids are done. */
  readonly at:
    | { readonly oid: number; readonly filenode: number; readonly block: number; readonly end: number }
    | undefined
}

export interface RepairEvent {
  readonly type: 'progress'
  /** Of the member that it is at. */
  readonly blocksDone: number
  readonly blocks: number
  /** In all. */
  readonly rows: number
}

export type RepairStepRequest = StepRequest<RepairStepOptions, RepairCursor, RepairEvent>

/**
 * Puts some rows in step again, under the operator's lease of the migration. A token is a run: where it stands is written in the transaction of
 * the rows, and only while the lease has that token.
 * @throws EC_BACKFILL_NOT_EXPANDED, EC_TABLE_MISSING, EC_SYNC_TRIGGER, EC_BACKFILL_TRIGGERS, EC_CONTROL_MOVED
 */
export async function repairStep(request: RepairStepRequest): Promise<StepResult<RepairCursor>> {
  try {
    return await repairSome(request, ddlOf(request, 'repair'))
  } catch (error) {
    const waiting = lockWait(error)
    const { phase, epoch } = await recordOf(
      openControl(request.database.client, { schema: request.database.controlSchema }),
      request.migration,
    )
    return waits(request.cursor ?? { phase, epoch, rows: 0, failed: 0, at: undefined }, waiting)
  }
}

const waits = (cursor: RepairCursor, waiting: StepWait): StepResult<RepairCursor> => ({
  ...{ done: false, cursor, retryAfterMs: RETRY_MS, waiting },
})

const LOST: StepWait = { code: 'operator', detail: 'another one has taken the lease' }

/** The step, with DDL as the caller runs it. */
export async function repairSome(request: RepairStepRequest, ddl: RunDdl): Promise<StepResult<RepairCursor>> {
  const { migration, database, leaseToken: token, budgetMs, onEvent } = request
  const { client, controlSchema: schema = 'expand_contract', operator, signal } = database
  const control = openControl(client, { schema })
  const budget = new StepBudget(budgetMs, signal)
  const key = { migration: migration.id, operation: 'repair', leaseToken: token }
  const known = await readRun<RepairCursor>(control, key)
  if (known?.finishedAt !== undefined) return { done: true, cursor: known.cursor, retryAfterMs: 0 }
  const record = await recordOf(control, migration)
  const start = { phase: record.phase, epoch: record.epoch + 1, rows: 0, failed: 0, at: undefined }
  const held = await holdLease(control, { ...operator, migration: migration.id, operation: 'repair', token })
  if (held !== undefined) return waits(known?.cursor ?? start, held)
  const side = FOLLOWS[record.phase]
  const phases = ['expand', 'switch', 'contract'] as const
  const prepared = await prepareRows(client, { migration, schema, ddl, phases, side })
  const { class: name } = request.options ?? {}
  const { shape } = prepared
  const apart = side === 'old' ? outOfStep(shape, quoteIdentifier) : undefined
  const only = name === undefined ? apart : differencesOf(shape, record.phase)[name]
  const repair = new RepairRun(control, { ...prepared, side, token, only }, key)
  let run = known ?? (await repair.begin({ request, record, start }))
  if (run.cursor.epoch !== record.epoch && known !== undefined) throw moved(migration, run.cursor.epoch, record)
  while (run.finishedAt === undefined) {
    const members = await readMembers(client, migration.table)
    const member = nextMember(members, run.cursor)
    if (member !== undefined && budget.over !== undefined) return { done: false, cursor: run.cursor, retryAfterMs: 0 }
    if (member === undefined && prepared.shield.keep)
      for (const each of prepared.members) await ddl(keepTrigger(prepared.shape, each).drop)
    const next = member === undefined ? await repair.finish(run) : await repair.batch(run, member, signal)
    if (next === undefined) return waits(run.cursor, LOST)
    if (next.serial !== run.serial) budget.cameOn()
    run = next
    if (member !== undefined)
      onEvent?.({
        type: 'progress',
        blocksDone: run.cursor.at?.block ?? 0,
        blocks: run.cursor.at?.end ?? member.blocks,
        rows: run.cursor.rows,
      })
  }
  await letGo(control, { migration: migration.id, token })
  return { done: true, cursor: run.cursor, retryAfterMs: 0 }
}

type Run = RunRecord<RepairCursor>

interface RepairBegin {
  readonly request: RepairStepRequest
  readonly record: MigrationRecord
  readonly start: RepairCursor
}

class RepairRun {
  readonly #control: Control
  readonly #task: BackfillTask
  readonly #key: RunKey
  readonly #size = new BatchSize({ profile: 'gentle' })
  #most = Number.POSITIVE_INFINITY

  constructor(control: Control, task: BackfillTask, key: RunKey) {
    this.#control = control
    this.#task = task
    this.#key = key
  }

  /** The epoch is raised once for a run, before it writes a row. */
  async begin({ request: { database }, record, start }: RepairBegin): Promise<Run> {
    const { client } = database
    const { migration, leaseToken: lease } = this.#key
    await client.query('BEGIN')
    try {
      const { phase: from, epoch } = record
      const begun = await beginRun(this.#control, { ...this.#key, worker: database.operator.who, cursor: start })
      if (begun !== undefined)
        await recordPhase(this.#control, { ...database.operator, migration, operation: 'repair', from, epoch, lease })
      await client.query('COMMIT')
      return begun ?? (await this.#now())
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  /** undefined where the lease is another's. */
  async batch(run: Run, member: BackfillMember, signal: AbortSignal | undefined): Promise<Run | undefined> {
    const { oid, filenode } = member
    const { cursor, serial } = run
    // Rows that come meanwhile are in step; and it has other blocks since it was rewritten.
    const here =
      cursor.at?.oid === oid && cursor.at.filenode === filenode ? cursor.at : { block: 0, end: member.blocks }
    const { block: from, end } = here
    const pages = Math.min(this.#size.pages, this.#most, end - from)
    let settled: Run | undefined
    const settle = async (rows: number, failed: number): Promise<boolean> => {
      const counted = { rows: cursor.rows + rows, failed: cursor.failed + failed }
      const next = { ...cursor, ...counted, at: { oid, filenode, block: from + pages, end } }
      settled = await advanceRun(this.#control, { ...this.#key, serial, cursor: next, exclusive: true })
      return settled !== undefined
    }
    const longestMs = pages === 1 ? undefined : this.#size.longestMs
    const batch = { member, from, to: from + pages, durable: from + pages === end, longestMs, settle }
    const started = performance.now()
    const tried = await fillBlocks(this.#control, this.#task, batch)
    const alone = tried.kind === 'refused' && pages === 1
    const outcome = alone ? await fillRows(this.#control, this.#task, batch) : tried
    if (outcome.kind === 'filled') {
      if (this.#most === Number.POSITIVE_INFINITY) this.#size.took(pages, performance.now() - started)
      else this.#most *= 2
      return settled
    }
    if (outcome.kind === 'refused') this.#most = Math.max(1, Math.floor(pages / 2))
    else if (outcome.kind === 'busy') await this.#busy(signal)
    else return (await this.#leased()) ? this.#now() : undefined
    return run
  }

  async finish(run: Run): Promise<Run | undefined> {
    const { cursor, serial } = run
    const ended = await advanceRun(this.#control, { ...this.#key, serial, cursor, finished: true, exclusive: true })
    return ended ?? ((await this.#leased()) ? this.#now() : undefined)
  }

  #leased(): Promise<boolean> {
    const { migration, leaseToken: token } = this.#key
    return holdsLease(this.#control, { migration, token })
  }

  async #now(): Promise<Run> {
    const run = await readRun<RepairCursor>(this.#control, this.#key)
    if (run === undefined) throw new RangeError('the run was deleted meanwhile')
    return run
  }

  async #busy(signal: AbortSignal | undefined): Promise<void> {
    this.#size.failed()
    await delay(50 + Math.random() * 200, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
  }
}

/** The one that the cursor is in, or the first behind it, as long as it has blocks; undefined at the end. */
const nextMember = (members: readonly BackfillMember[], { at }: RepairCursor): BackfillMember | undefined =>
  members.find(({ oid, filenode, blocks }) => {
    if (at === undefined || oid > at.oid) return blocks > 0
    return oid === at.oid && (filenode === at.filenode ? at.block < at.end : blocks > 0)
  })

export async function recordOf(control: Control, migration: Migration): Promise<MigrationRecord> {
  const { id } = migration
  const record = await readMigration(control, id)
  if (record !== undefined && record.phase !== 'off') {
    checkDeclaration(migration, record)
    return record
  }
  throw runnerError('EC_BACKFILL_NOT_EXPANDED', {
    message: `The migration ${id} has not begun.`,
    hint: `Run \`expand-contract expand ${shellWord(id)}\` first.`,
    migration: id,
  })
}

const moved = ({ id }: Migration, epoch: number, record: MigrationRecord) =>
  runnerError('EC_CONTROL_MOVED', {
    message: `The repair of ${id} was begun in epoch ${epoch}, and it is in ${record.phase}, epoch ${record.epoch}, by ${record.changedBy}.`,
    hint: 'Another operator has changed it since. Run `expand-contract verify`, and begin anew from what it says.',
    migration: id,
  })
