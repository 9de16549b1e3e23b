import type { Migration } from '@expand-contract/core'
import type { BackfillEvent, BackfillProgress, ThrottleReason } from '@expand-contract/runner'
import type { CommandContext } from '../command-context.ts'
import type { DatabaseFacts } from '../database.ts'
import type { TrafficWatch } from '../measure/watch-traffic.ts'
import { type BackfillLoad, type BackfillView, backfillLine, backfillScreen } from '../screens/backfill-screen.ts'
import { reasonText } from '../screens/throttle-text.ts'

export interface BackfillAbout {
  readonly migration: Migration
  readonly database: DatabaseFacts
  readonly workers: number
  readonly limits: BackfillLoad
  readonly tableRows: number | undefined
  /** Who stopped the run before. */
  readonly stopped: { readonly by: string; readonly at: Date } | undefined
  /** Looks at the applications meanwhile; undefined: nobody can. */
  readonly traffic: TrafficWatch | undefined
}

const NOTHING: BackfillProgress = { blocksDone: 0, blocks: 0, rows: 0, failedRows: 0, done: false }

/** What is shown of the events of a backfill. It waits where every worker does. */
export class BackfillWatch {
  readonly #context: CommandContext
  readonly #about: BackfillAbout
  readonly #started = performance.now()
  readonly #waits = new Map<number, ThrottleReason>()
  readonly #working = new Set<number>()
  #news: Pick<
    BackfillView,
    'resumed' | 'progress' | 'rate' | 'lastMinute' | 'secondsLeft' | 'batch' | 'load' | 'savedAt'
  > = {
    ...{ resumed: undefined, progress: NOTHING, rate: undefined, lastMinute: undefined, secondsLeft: undefined },
    ...{ batch: undefined, load: {}, savedAt: undefined },
  }
  #waitedMs = 0
  #waitBegan: number | undefined
  #lastReason: ThrottleReason | undefined

  constructor(context: CommandContext, about: BackfillAbout) {
    this.#context = context
    this.#about = about
  }

  /** For whom it has waited last; undefined: it has not. */
  get waitedFor(): string | undefined {
    return this.#lastReason === undefined ? undefined : reasonText(this.#lastReason)
  }

  /** A worker has ended, so that nothing waits for it. */
  ended(worker: number): void {
    this.#working.delete(worker)
    this.#waits.delete(worker)
  }

  saw(event: BackfillEvent, worker: number): void {
    this.#working.add(worker)
    if (event.type === 'wait') {
      this.#waits.set(worker, event.reason)
      this.#lastReason = event.reason
    } else this.#waits.delete(worker)
    this.#keepTime()
    this.#learn(event)
    const { output } = this.#context
    const view = this.#view()
    if (event.type === 'start' && worker > 0) return
    output.progress({
      json: jsonOf(event, view),
      block: (options) => backfillScreen(this.#view(), options),
      line: backfillLine(view),
    })
  }

  #keepTime(): void {
    const now = performance.now()
    const waits = this.#waits.size > 0 && this.#waits.size === this.#working.size
    if (waits) this.#waitBegan ??= now
    else if (this.#waitBegan !== undefined) {
      this.#waitedMs += now - this.#waitBegan
      this.#waitBegan = undefined
    }
  }

  #learn(event: BackfillEvent): void {
    const { stopped } = this.#about
    if (event.type === 'start') {
      const { blocksDone: block } = event.progress
      const resumed = event.resumed ? { block, by: stopped?.by, at: stopped?.at } : undefined
      this.#news = { ...this.#news, resumed: this.#news.resumed ?? resumed, progress: event.progress }
    } else if (event.type === 'progress') {
      const { progress, rate, lastMinute, secondsLeft, batch, load } = event
      const savedAt = new Date()
      this.#news = { ...this.#news, progress, rate, lastMinute, secondsLeft, batch, savedAt, load: load ?? {} }
    } else if (event.type === 'wait')
      this.#news = { ...this.#news, secondsLeft: event.secondsLeft, load: event.load ?? this.#news.load }
  }

  #view(): BackfillView {
    const now = performance.now()
    const ms = this.#waitBegan === undefined ? undefined : now - this.#waitBegan
    const [reason] = this.#waits.values()
    const { migration, database, workers, limits, tableRows, traffic } = this.#about
    return {
      ...{ migration, database, workers, limits, tableRows, ...this.#news },
      waiting: ms === undefined || reason === undefined ? undefined : { reason, ms },
      waitedMs: this.#waitedMs + (ms ?? 0),
      ...{ runningMs: now - this.#started, traffic: traffic?.traffic },
      now: new Date(),
    }
  }
}

function jsonOf(
  event: BackfillEvent,
  view: BackfillView,
): Readonly<Record<string, unknown>> & { readonly type: string } {
  const migration = view.migration.id
  const { progress, rate, secondsLeft, waiting, resumed } = view
  const blocks = [progress.blocksDone, progress.blocks]
  if (event.type === 'start')
    return { type: 'start', command: 'backfill', migration, resumed: event.resumed, blocks, rows: progress.rows }
  if (event.type !== 'progress' && event.type !== 'wait') {
    const { type: step, ...detail } = event
    return { type: 'step', migration, step, detail }
  }
  return {
    ...{ type: 'progress', migration, blocks, rows: progress.rows },
    ratePerSecond: rate === undefined ? null : Math.round(rate),
    etaSeconds: secondsLeft === undefined ? null : Math.round(secondsLeft),
    state: waiting === undefined ? 'filling' : 'waiting',
    reason: waiting === undefined ? null : reasonJson(waiting.reason),
    ...{ resumed: resumed !== undefined, failedRows: progress.failedRows, traffic: view.traffic ?? null },
  }
}

const reasonJson = ({ code, value, limit, unit, detail }: ThrottleReason): Readonly<Record<string, unknown>> => ({
  code,
  ...(detail !== undefined && { [code === 'replica_lag' ? 'replica' : 'detail']: detail }),
  ...{ value, limit, unit },
})
