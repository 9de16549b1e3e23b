/** How far a backfill is and when it will be done, from what the last minutes have brought, waiting included. */
export class Eta {
  readonly #samples: { readonly at: number; readonly blocks: number; readonly rows: number }[] = []
  readonly #windowMs: number

  /** @param windowMs how far back it looks, in milliseconds */
  constructor(windowMs = 300_000) {
    this.#windowMs = windowMs
  }

  saw(at: number, blocks: number, rows: number): void {
    this.#samples.push({ at, blocks, rows })
    while ((this.#samples[1]?.at ?? at) <= at - this.#windowMs) this.#samples.shift()
  }

  /** Rows per second. */
  get rate(): number | undefined {
    return this.#per(({ rows }) => rows)
  }

  /** Seconds that are left; undefined before 10 s, before 1 % of the blocks, and where nothing moves. */
  secondsLeft(blocksDone: number, blocks: number): number | undefined {
    const perSecond = this.#per(({ blocks: done }) => done)
    if (perSecond === undefined || perSecond <= 0 || blocksDone * 100 < blocks || this.#seconds < 10) return undefined
    return (blocks - blocksDone) / perSecond
  }

  get #seconds(): number {
    return ((this.#samples.at(-1)?.at ?? 0) - (this.#samples[0]?.at ?? 0)) / 1_000
  }

  #per(of: (sample: { readonly blocks: number; readonly rows: number }) => number): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (first === undefined || last === undefined || this.#seconds <= 0) return undefined
    return (of(last) - of(first)) / this.#seconds
  }
}
