/** When a step is over. */
export class StepBudget {
  readonly #ms: number
  readonly #signal: AbortSignal | undefined
  readonly #started = performance.now()
  #worked = false

  constructor(ms: number, signal: AbortSignal | undefined) {
    this.#ms = ms
    this.#signal = signal
  }

  /** Something was committed, so that the next step begins further on. */
  cameOn(): void {
    this.#worked = true
  }

  get leftMs(): number {
    return Math.max(0, this.#ms - (performance.now() - this.#started))
  }

  /** A budget that is over before anything was done counts from the first batch on, or steps would never come to an end. */
  get over(): 'stopped' | 'budget' | undefined {
    if (this.#signal?.aborted === true) return 'stopped'
    return this.leftMs === 0 && (this.#worked || this.#ms <= 0) ? 'budget' : undefined
  }
}
