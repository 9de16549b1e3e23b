import { setTimeout as delay } from 'node:timers/promises'
import {
  advanceRange,
  type BackfillRange,
  type Control,
  claimRange,
  readBackfills,
  releaseRanges,
} from '@expand-contract/control'
import { type Migration, quoteTable } from '@expand-contract/core'
import type { StepBudget } from '../engine/step-budget.ts'
import type { BackfillMember } from '../rows/member.ts'
import type { RunnerClient } from '../runner-client.ts'
import type { BackfillEvent } from './backfill-event.ts'
import { BatchSize } from './batch-size.ts'
import type { PreparedRows } from './prepare.ts'
import { type BackfillProfile, PROFILES } from './profile.ts'
import { readProgress } from './ranges.ts'
import { type BatchOutcome, fillBlocks, fillRows } from './run-batch.ts'
import type { BackfillTask } from './task.ts'
import { Throttle, type ThrottleLimits, type ThrottleReason, type WalMark } from './throttle.ts'

/** How fast a worker goes, and how gently. */
export interface BackfillPaceOptions {
  /** @defaultValue 'gentle' */
  readonly profile?: BackfillProfile
  /** What a batch should take, in milliseconds. @defaultValue that of the profile */
  readonly batchMs?: number
  /** Rows per second at most, unless an operator says otherwise. @defaultValue no limit */
  readonly rate?: number
  readonly limits?: ThrottleLimits
}

/** What a worker has learned, for the one that goes on. */
export interface BackfillPace {
  readonly pages: number
  /** Pages at most, after a batch with a row that cannot be filled. */
  readonly narrowed: number | undefined
  readonly sinceVacuum: number
  readonly wal: WalMark | undefined
  /** How long it has been waiting without a batch, in milliseconds. */
  readonly waitingMs: number
}

export interface BackfillWork {
  readonly migration: Migration
  readonly client: RunnerClient
  readonly control: Control
  readonly prepared: PreparedRows
  /** Of the lease of its ranges. */
  readonly token: string
  readonly worker: string
  readonly options: BackfillPaceOptions
  readonly pace: BackfillPace | undefined
  readonly budget: StepBudget
  readonly signal: AbortSignal | undefined
  readonly onEvent: ((event: BackfillEvent) => void) | undefined
}

/** Why a worker has come to rest. `left`: others have what is open, or nothing is. */
export type WorkerRest = 'left' | 'rewritten' | 'stopped' | 'budget'

/** How often the server is asked how it is, and the operator what he wants, in milliseconds. */
const LOOK_MS = 500
/** How long it waits before it looks again, in milliseconds. */
const WAIT_MS = 250
const PROGRESS_MS = 1_000

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

/** Fills ranges, one after another, until the budget is over. */
export class BackfillWorker {
  waitedMs = 0
  /** What it waited for when its budget was over. */
  waiting: ThrottleReason | undefined
  /** How much too early the next batch would be, for the rate. */
  earlyMs = 0
  readonly #work: BackfillWork
  readonly #task: BackfillTask
  readonly #size: BatchSize
  readonly #profile: BackfillProfile
  readonly #throttle: Throttle
  #lookedAt = Number.NEGATIVE_INFINITY
  #toldAt = Number.NEGATIVE_INFINITY
  #rate: number | undefined
  #sinceVacuum: number
  #narrowed: number
  #waitingMs: number

  constructor(work: BackfillWork) {
    const { options, pace, prepared, token } = work
    this.#work = work
    this.#rate = options.rate
    this.#task = { ...prepared, side: 'new', token }
    this.#profile = options.profile ?? 'gentle'
    this.#size = new BatchSize({ profile: this.#profile, batchMs: options.batchMs, pages: pace?.pages })
    this.#throttle = new Throttle(
      options.limits ?? {},
      prepared.members.map(({ oid }) => oid),
      pace?.wal,
    )
    this.#sinceVacuum = pace?.sinceVacuum ?? 0
    this.#narrowed = pace?.narrowed ?? Number.POSITIVE_INFINITY
    this.#waitingMs = pace?.waitingMs ?? 0
  }

  get pace(): BackfillPace {
    return {
      pages: this.#size.pages,
      narrowed: Number.isFinite(this.#narrowed) ? this.#narrowed : undefined,
      ...{ sinceVacuum: this.#sinceVacuum, wal: this.#throttle.wal, waitingMs: this.#waitingMs },
    }
  }

  async run(): Promise<WorkerRest> {
    const { migration, worker, control, prepared, token } = this.#work
    try {
      for (;;) {
        const range = await claimRange(control, { migration: migration.id, token, worker })
        if (range === undefined) return 'left'
        const member = prepared.members.find(({ relation }) => relation === range.relation)
        if (member === undefined) return 'rewritten'
        const end = await this.#fill(range, member)
        if (end !== 'filled') return end
      }
    } finally {
      await releaseRanges(control, { migration: migration.id, token }).catch(() => undefined)
    }
  }

  async #fill(given: BackfillRange, member: BackfillMember): Promise<'filled' | Exclude<WorkerRest, 'left'>> {
    let range = given
    while (range.cursorBlock < range.endBlock) {
      const stop = this.#work.budget.over ?? (await this.#waitUntilQuiet())
      if (stop !== undefined) return stop
      const pages = Math.min(this.#size.pages, this.#narrowed, range.endBlock - range.cursorBlock)
      const started = performance.now()
      const outcome = await this.#batch({ range, member }, pages)
      const ms = performance.now() - started
      if (outcome.kind === 'lost') return await this.#lost(member)
      if (outcome.kind === 'refused') this.#narrowed = Math.max(1, Math.floor(pages / 2))
      else if (outcome.kind === 'busy') await this.#busy(outcome.code, pages)
      else {
        this.#work.budget.cameOn()
        range = { ...range, cursorBlock: range.cursorBlock + pages }
        await this.#filled({ range, member }, outcome, { ms, rows: outcome.rows, pages })
      }
    }
    return 'filled'
  }

  /** Where a row cannot be filled, batches are halved down to its block, and that is filled row by row. */
  async #batch(at: At, pages: number): Promise<BatchOutcome> {
    const { range, member } = at
    const { control } = this.#work
    const to = range.cursorBlock + pages
    const settle = (rows: number): Promise<boolean> => this.#moveCursor(range, to, rows)
    // Beside a row that cannot be filled, no block but those that are asked for.
    const ahead = Number.isFinite(this.#narrowed) ? undefined : Math.min(to + pages, range.endBlock)
    const durable = PROFILES[this.#profile].durable || to === range.endBlock
    const batch = {
      member,
      from: range.cursorBlock,
      to,
      ahead,
      durable,
      longestMs: pages === 1 ? undefined : this.#size.longestMs,
      settle,
    }
    const outcome = await fillBlocks(control, this.#task, batch)
    return outcome.kind === 'refused' && pages === 1 ? fillRows(control, this.#task, batch) : outcome
  }

  /** False where another worker has the range by now, or it does not stand where it stood. */
  async #moveCursor(range: BackfillRange, to: number, rows: number): Promise<boolean> {
    const { control, token } = this.#work
    const moved = { ...range, token, fromBlock: range.cursorBlock, cursorBlock: to, rows }
    return (await advanceRange(control, moved)) !== undefined
  }

  async #busy(code: string, pages: number): Promise<void> {
    this.#size.failed()
    this.#work.onEvent?.({ type: 'busy', code, pages })
    await this.#pause(50 + Math.random() * 200)
  }

  async #filled({ range, member }: At, { failed }: { readonly failed: number }, batch: BatchFigures): Promise<void> {
    const { relation } = member
    if (this.#narrowed === Number.POSITIVE_INFINITY) this.#size.took(batch.pages, batch.ms)
    else if (this.#narrowed >= this.#size.pages) this.#narrowed = Number.POSITIVE_INFINITY
    else this.#narrowed *= 2
    if (failed > 0) this.#work.onEvent?.({ type: 'failed-rows', relation, block: range.cursorBlock - 1, rows: failed })
    await this.#tell(batch)
    await this.#vacuum(member, batch.pages)
    await this.#keepRate(batch.rows, batch.ms)
  }

  async #lost(member: BackfillMember): Promise<'filled' | 'rewritten'> {
    const { rows } = await this.#work.client.query(
      'SELECT pg_catalog.pg_relation_filenode($1::oid)::int8::text AS filenode',
      [member.oid],
    )
    if (Number(rows[0]?.filenode) === member.filenode) return 'filled'
    this.#work.onEvent?.({ type: 'rewritten', relation: member.relation })
    return 'rewritten'
  }

  /** Waits as long as the operator or the server wants it to. */
  async #waitUntilQuiet(): Promise<'stopped' | 'budget' | undefined> {
    if (performance.now() - this.#lookedAt < LOOK_MS) return undefined
    for (;;) {
      const looked = performance.now()
      this.waiting = await this.#reason()
      this.#lookedAt = performance.now()
      if (this.waiting === undefined) {
        this.#waitingMs = 0
        return undefined
      }
      this.#work.budget.cameOn()
      this.#work.onEvent?.({
        ...{ type: 'wait', reason: this.waiting, waitedMs: this.#waitingMs, secondsLeft: undefined },
        load: this.#throttle.load,
      })
      await this.#pause(WAIT_MS)
      const ms = performance.now() - looked
      this.#waitingMs += ms
      this.waitedMs += ms
      const stop = this.#work.budget.over
      if (stop !== undefined) return stop
    }
  }

  async #reason(): Promise<ThrottleReason | undefined> {
    const { client, control, migration, options } = this.#work
    const [orders] = await readBackfills(control, migration.id)
    this.#rate = orders?.rate ?? options.rate
    if (orders?.paused === true)
      return { code: 'paused', value: undefined, limit: undefined, unit: undefined, detail: orders.reason }
    return this.#throttle.look(client)
  }

  async #tell(batch: BatchFigures): Promise<void> {
    const { control, migration, onEvent } = this.#work
    const now = performance.now()
    if (onEvent === undefined || now - this.#toldAt < PROGRESS_MS) return
    this.#toldAt = now
    const progress = await readProgress(control, migration.id)
    onEvent({
      ...{ type: 'progress', progress, rate: undefined, lastMinute: undefined, secondsLeft: undefined, batch },
      load: this.#throttle.load,
    })
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
    await this.#work.client.query(`VACUUM (TRUNCATE off, SKIP_LOCKED) ${quoteTable(member.name)}`)
    this.#work.onEvent?.({ type: 'vacuum', relation: member.relation, ms: performance.now() - started })
  }

  async #keepRate(rows: number, ms: number): Promise<void> {
    if (this.#rate === undefined) return
    const tooEarly = (rows * 1_000) / this.#rate - ms
    const now = Math.min(tooEarly, this.#work.budget.leftMs)
    if (now > 0) await this.#pause(now)
    this.earlyMs = Math.max(0, tooEarly - now)
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#work
    await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
  }
}
