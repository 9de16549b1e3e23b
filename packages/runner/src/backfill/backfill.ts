import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  advanceRange,
  type BackfillRange,
  type Control,
  claimRange,
  openControl,
  readBackfills,
  releaseRanges,
  setBackfill,
} from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import { quoteTable } from '@expand-contract/core'
import type { BackfillMember } from '../rows/member.ts'
import type { RunnerClient } from '../runner-client.ts'
import type { BackfillEvent } from './backfill-event.ts'
import { type BackfillProfile, BatchSize } from './batch-size.ts'
import { Meter } from './meter.ts'
import { type PreparedRows, prepareRows } from './prepare.ts'
import { type BackfillProgress, divide, readProgress } from './ranges.ts'
import { type BatchOutcome, fillBlocks, fillRows } from './run-batch.ts'
import type { BackfillTask } from './task.ts'
import { Throttle, type ThrottleLimits, type ThrottleReason } from './throttle.ts'
import { keepTrigger } from './user-triggers.ts'

export interface BackfillOptions {
  readonly migration: Migration
  /** A connection of its own, which runs nothing else meanwhile. Several processes may each run one. */
  readonly client: RunnerClient
  /** The control schema. @defaultValue 'expand_contract' */
  readonly schema?: string
  /** Who does it, as others see it: `dana@ops-2`. */
  readonly worker: string
  /** @defaultValue 'gentle' */
  readonly profile?: BackfillProfile
  /** What a batch should take, in milliseconds. @defaultValue that of the profile */
  readonly batchMs?: number
  /** Rows per second at most, unless an operator says otherwise. @defaultValue no limit */
  readonly rate?: number
  readonly limits?: ThrottleLimits
  /** Stops after this many milliseconds, between two batches; the next run goes on from there. @defaultValue none */
  readonly budgetMs?: number
  /** Stops between two batches. */
  readonly signal?: AbortSignal
  /** Runs DDL under a short lock timeout, trying again. */
  readonly ddl: (text: string) => Promise<void>
  /** Called often; must not throw. @defaultValue nothing */
  readonly onEvent?: (event: BackfillEvent) => void
}

export interface BackfillResult {
  /** Why it ended. `taken`: what is left is being filled by other workers. */
  readonly ended: 'done' | 'stopped' | 'budget' | 'taken'
  readonly progress: BackfillProgress
  readonly waitedMs: number
}

/** How often the server is asked how it is, and the operator what he wants, in milliseconds. */
const LOOK_MS = 500
/** How long it waits before it looks again, in milliseconds. */
const WAIT_MS = 250
const PROGRESS_MS = 1_000

/**
 * Fills the new columns of all rows that nobody has written since `expand`, block by block, beside the application. It goes on where
 * it stood after it was stopped, killed, or the server was. The end is fixed at the start: rows that come or move behind it are
 * filled by the sync trigger.
 * @throws EC_TABLE_MISSING, EC_BACKFILL_NOT_EXPANDED, EC_SYNC_TRIGGER, EC_BACKFILL_TRIGGERS, and what PostgreSQL says
 */
export async function backfill(options: BackfillOptions): Promise<BackfillResult> {
  const { migration, client, schema = 'expand_contract', ddl } = options
  const control = openControl(client, { schema })
  for (;;) {
    const prepared = await prepareRows(client, { migration, schema, ddl, phases: ['expand', 'switch'] })
    const before = await readProgress(control, migration.id)
    await divide(control, migration.id, prepared.members)
    const worker = new BackfillWorker(options, control, prepared)
    await worker.tellStart(before.blocksDone > 0)
    const result = await worker.run()
    if (result === 'rewritten') continue
    if (result.ended === 'done') await finish(control, options, prepared)
    return result
  }
}

/** Several workers may come here; what is gone is gone. */
async function finish(control: Control, { migration, ddl }: BackfillOptions, prepared: PreparedRows): Promise<void> {
  await setBackfill(control, { migration: migration.id, finished: true })
  if (prepared.shield.keep) for (const member of prepared.members) await ddl(keepTrigger(prepared.shape, member).drop)
}

/** Where a worker is. */
interface At {
  readonly range: BackfillRange
  readonly member: BackfillMember
}

interface BatchFigures {
  readonly ms: number
  readonly rows: number
  readonly pages: number
}

class BackfillWorker {
  readonly #options: BackfillOptions
  readonly #control: Control
  readonly #prepared: PreparedRows
  readonly #task: BackfillTask
  readonly #size: BatchSize
  readonly #throttle: Throttle
  readonly #meter = new Meter()
  readonly #started = performance.now()
  #waitedMs = 0
  #lookedAt = Number.NEGATIVE_INFINITY
  #toldAt = Number.NEGATIVE_INFINITY
  #rate: number | undefined
  #sinceVacuum = 0
  /** Pages at most, after a batch with a row that cannot be filled. */
  #narrowed = Number.POSITIVE_INFINITY

  constructor(options: BackfillOptions, control: Control, prepared: PreparedRows) {
    this.#options = options
    this.#control = control
    this.#prepared = prepared
    this.#rate = options.rate
    this.#task = { ...prepared, side: 'new', token: randomUUID() }
    this.#size = new BatchSize({ profile: options.profile ?? 'gentle', batchMs: options.batchMs })
    this.#throttle = new Throttle(
      options.limits ?? {},
      prepared.members.map(({ oid }) => oid),
    )
  }

  async tellStart(resumed: boolean): Promise<void> {
    const progress = await readProgress(this.#control, this.#options.migration.id)
    const members = this.#prepared.members.map(({ relation }) => relation)
    this.#options.onEvent?.({ type: 'start', resumed, progress, members })
  }

  async run(): Promise<BackfillResult | 'rewritten'> {
    const { migration, worker } = this.#options
    const { token } = this.#task
    try {
      for (;;) {
        const range = await claimRange(this.#control, { migration: migration.id, token, worker })
        if (range === undefined) return await this.#ended(undefined)
        const member = this.#prepared.members.find(({ relation }) => relation === range.relation)
        if (member === undefined) return 'rewritten'
        const end = await this.#fill(range, member)
        if (end === 'rewritten') return end
        if (end !== 'filled') return await this.#ended(end)
      }
    } finally {
      await releaseRanges(this.#control, { migration: migration.id, token }).catch(() => undefined)
    }
  }

  async #ended(why: 'stopped' | 'budget' | undefined): Promise<BackfillResult> {
    const progress = await readProgress(this.#control, this.#options.migration.id)
    return { ended: why ?? (progress.done ? 'done' : 'taken'), progress, waitedMs: this.#waitedMs }
  }

  async #fill(given: BackfillRange, member: BackfillMember): Promise<'filled' | 'rewritten' | 'stopped' | 'budget'> {
    let range = given
    while (range.cursorBlock < range.endBlock) {
      const stop = this.#stop ?? (await this.#waitUntilQuiet())
      if (stop !== undefined) return stop
      const pages = Math.min(this.#size.pages, this.#narrowed, range.endBlock - range.cursorBlock)
      const started = performance.now()
      const outcome = await this.#batch({ range, member }, pages)
      const ms = performance.now() - started
      if (outcome.kind === 'lost') return await this.#lost(member)
      if (outcome.kind === 'refused') this.#narrowed = Math.max(1, Math.floor(pages / 2))
      else if (outcome.kind === 'busy') await this.#busy(outcome.code, pages)
      else {
        range = { ...range, cursorBlock: range.cursorBlock + pages }
        await this.#filled({ range, member }, outcome, { ms, rows: outcome.rows, pages })
      }
    }
    return 'filled'
  }

  /** Where a row cannot be filled, batches are halved down to its block, and that is filled row by row. */
  async #batch(at: At, pages: number): Promise<BatchOutcome> {
    const { range, member } = at
    const to = range.cursorBlock + pages
    const settle = (rows: number): Promise<boolean> => this.#moveCursor(range, to, rows)
    const batch = { member, from: range.cursorBlock, to, durable: to === range.endBlock, settle }
    const outcome = await fillBlocks(this.#control, this.#task, batch)
    return outcome.kind === 'refused' && pages === 1 ? fillRows(this.#control, this.#task, batch) : outcome
  }

  /** False where another worker has the range by now, or it does not stand where it stood. */
  async #moveCursor(range: BackfillRange, to: number, rows: number): Promise<boolean> {
    const { token } = this.#task
    const moved = { ...range, token, fromBlock: range.cursorBlock, cursorBlock: to, rows }
    return (await advanceRange(this.#control, moved)) !== undefined
  }

  async #busy(code: string, pages: number): Promise<void> {
    this.#size.failed()
    this.#options.onEvent?.({ type: 'busy', code, pages })
    await this.#pause(50 + Math.random() * 200)
  }

  async #filled({ range, member }: At, { failed }: { readonly failed: number }, batch: BatchFigures): Promise<void> {
    const { relation } = member
    if (this.#narrowed === Number.POSITIVE_INFINITY) this.#size.took(batch.pages, batch.ms)
    else if (this.#narrowed >= this.#size.pages) this.#narrowed = Number.POSITIVE_INFINITY
    else this.#narrowed *= 2
    if (failed > 0)
      this.#options.onEvent?.({ type: 'failed-rows', relation, block: range.cursorBlock - 1, rows: failed })
    await this.#tell(batch)
    await this.#vacuum(member, batch.pages)
    await this.#keepRate(batch.rows, batch.ms)
  }

  async #lost(member: BackfillMember): Promise<'filled' | 'rewritten'> {
    const { rows } = await this.#options.client.query(
      'SELECT pg_catalog.pg_relation_filenode($1::oid)::int8::text AS filenode',
      [member.oid],
    )
    if (Number(rows[0]?.filenode) === member.filenode) return 'filled'
    this.#options.onEvent?.({ type: 'rewritten', relation: member.relation })
    return 'rewritten'
  }

  get #stop(): 'stopped' | 'budget' | undefined {
    if (this.#options.signal?.aborted === true) return 'stopped'
    const { budgetMs } = this.#options
    return budgetMs !== undefined && performance.now() - this.#started >= budgetMs ? 'budget' : undefined
  }

  /** Waits as long as the operator or the server wants it to. */
  async #waitUntilQuiet(): Promise<'stopped' | 'budget' | undefined> {
    if (performance.now() - this.#lookedAt < LOOK_MS) return undefined
    const began = performance.now()
    for (;;) {
      const reason = await this.#reason()
      this.#lookedAt = performance.now()
      if (reason === undefined) return undefined
      this.#options.onEvent?.(this.#meter.wait(reason, performance.now() - began, this.#throttle.load))
      await this.#pause(WAIT_MS)
      this.#waitedMs += performance.now() - this.#lookedAt
      const stop = this.#stop
      if (stop !== undefined) return stop
    }
  }

  async #reason(): Promise<ThrottleReason | undefined> {
    const { client, migration, rate } = this.#options
    const [orders] = await readBackfills(this.#control, migration.id)
    this.#rate = orders?.rate ?? rate
    if (orders?.paused === true)
      return { code: 'paused', value: undefined, limit: undefined, unit: undefined, detail: orders.reason }
    return this.#throttle.look(client)
  }

  async #tell(batch: BatchFigures): Promise<void> {
    const now = performance.now()
    if (now - this.#toldAt < PROGRESS_MS) return
    this.#toldAt = now
    const progress = await readProgress(this.#control, this.#options.migration.id)
    this.#options.onEvent?.(this.#meter.progress(progress, batch, this.#throttle.load))
  }

  /**
   * At every tenth of a member, so that the room of old row versions is used again: 400,000 rows of 51 MB became 60 MB with it, and 87 to
   * 105 MB without, at no cost in CPU.
   */
  async #vacuum(member: BackfillMember, blocks: number): Promise<void> {
    this.#sinceVacuum += blocks
    if (member.blocks < 1_000 || this.#sinceVacuum * 10 < member.blocks) return
    this.#sinceVacuum = 0
    const started = performance.now()
    await this.#options.client.query(`VACUUM (TRUNCATE off, SKIP_LOCKED) ${quoteTable(member.name)}`)
    this.#options.onEvent?.({ type: 'vacuum', relation: member.relation, ms: performance.now() - started })
  }

  async #keepRate(rows: number, ms: number): Promise<void> {
    if (this.#rate === undefined) return
    const tooEarly = (rows * 1_000) / this.#rate - ms
    if (tooEarly > 0) await this.#pause(tooEarly)
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#options.signal, ref: true }).catch(() => undefined)
  }
}
