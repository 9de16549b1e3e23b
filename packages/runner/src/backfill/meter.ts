import type { BackfillEvent } from './backfill-event.ts'
import { Eta } from './eta.ts'
import type { BackfillProgress } from './ranges.ts'
import type { ThrottleLoad, ThrottleReason } from './throttle.ts'

type Told = Extract<BackfillEvent, { readonly type: 'progress' }>

/** Rates and the time that is left, of what a backfill tells. */
export class Meter {
  readonly #eta = new Eta()
  readonly #minute = new Eta(60_000)
  #last: BackfillProgress | undefined

  progress(progress: BackfillProgress, batch: Told['batch'], load: ThrottleLoad | undefined): BackfillEvent {
    const now = performance.now()
    this.#last = progress
    this.#minute.saw(now, progress.blocksDone, progress.rows)
    const secondsLeft = this.#secondsLeft(now, progress)
    const [rate, lastMinute] = [this.#eta.rate, this.#minute.rate]
    return { type: 'progress', progress, rate, lastMinute, secondsLeft, batch, load }
  }

  /** The longer it waits, the later it ends. */
  wait(reason: ThrottleReason, waitedMs: number, load: ThrottleLoad | undefined): BackfillEvent {
    const secondsLeft = this.#last === undefined ? undefined : this.#secondsLeft(performance.now(), this.#last)
    return { type: 'wait', reason, waitedMs, secondsLeft, load }
  }

  #secondsLeft(now: number, { blocksDone, blocks, rows }: BackfillProgress): number | undefined {
    this.#eta.saw(now, blocksDone, rows)
    return this.#eta.secondsLeft(blocksDone, blocks)
  }
}
