import type { Observer, Side, StatementEvent } from '@expand-contract/core'
import { type Figures, now, type SideReads } from './figures.ts'

const NO_READS: SideReads = { count: 0, firstAt: undefined, lastAt: undefined }

/** Collects what the traffic measures of its statements, and what the observer is told of their reads. */
export class Metrics {
  readonly observer: Observer = { onStatement: (event) => this.#observed(event) }
  #latenciesMs: number[] = []
  #failures: string[] = []
  #reads: Record<Side, SideReads> = { old: NO_READS, new: NO_READS }
  #mixed = 0
  /** The sides that each request or transaction has read so far, by the identity that events carry for it. */
  readonly #sidesOf = new WeakMap<object, Map<string, Side>>()
  readonly #mixedUnits = new WeakSet<object>()

  /** Runs one statement and measures it. */
  async measure<T>(statement: () => Promise<T>): Promise<T> {
    const started = performance.now()
    try {
      return await statement()
    } finally {
      this.#latenciesMs.push(performance.now() - started)
    }
  }

  /** Counts a request that failed, or that got another answer than it had to. */
  failed(why: unknown): void {
    this.#failures.push(why instanceof Error ? why.message : String(why))
  }

  /** The figures since the last call. */
  take(): Figures {
    const figures = {
      latenciesMs: this.#latenciesMs,
      failures: this.#failures,
      reads: this.#reads,
      mixed: this.#mixed,
    }
    this.#latenciesMs = []
    this.#failures = []
    this.#reads = { old: NO_READS, new: NO_READS }
    this.#mixed = 0
    return figures
  }

  #observed(event: StatementEvent): void {
    for (const [migration, side] of Object.entries(event.reads)) {
      for (const unit of [event.scope, event.transaction]) if (unit) this.#checkUnit(unit, migration, side)
      if (event.command === 'SELECT') this.#count(side)
    }
  }

  #count(side: Side): void {
    const { count, firstAt } = this.#reads[side]
    const at = now()
    this.#reads[side] = { count: count + 1, firstAt: firstAt ?? at, lastAt: at }
  }

  #checkUnit(unit: object, migration: string, side: Side): void {
    const sides = this.#sidesOf.get(unit) ?? new Map<string, Side>()
    this.#sidesOf.set(unit, sides)
    const first = sides.get(migration) ?? side
    sides.set(migration, first)
    if (first === side || this.#mixedUnits.has(unit)) return
    this.#mixedUnits.add(unit)
    this.#mixed++
  }
}
