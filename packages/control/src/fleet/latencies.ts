import { type AnswerEvent, LatencyHistogram, mergedLatencies } from '@expand-contract/core'
import type { ReportedLatency } from '../records/fleet.ts'

/** Shapes whose histograms are known without looking for them. */
const MAX_SHAPES = 1_000

interface Latency extends Omit<ReportedLatency, 'counts'> {
  readonly histogram: LatencyHistogram
  /** Of a report that is under way, or has failed. */
  unreported: readonly number[]
}

/**
 * How long statements of a process on migrating tables take, by migration, phase, side and kind. What a statement pays for is two look-ups and an
 * addition.
 */
export class Latencies {
  readonly #all = new Map<string, Latency>()
  #shapes = new Map<object, Latency[]>()
  #reportedAt: number

  constructor(now: number) {
    this.#reportedAt = now
  }

  answered({ kind, ms, reads, phases, shape }: AnswerEvent): void {
    const us = ms * 1_000
    let known = this.#shapes.get(shape)
    if (known === undefined) {
      known = []
      if (this.#shapes.size < MAX_SHAPES) this.#shapes.set(shape, known)
    }
    for (const migration in phases) {
      const phase = phases[migration]
      if (phase === undefined) continue
      let latency = known.find((each) => each.migration === migration && each.phase === phase)
      if (latency === undefined) {
        latency = this.#of({ migration, phase, side: reads[migration] ?? 'old', kind })
        known.push(latency)
      }
      latency.histogram.record(us)
    }
  }

  #of(about: Omit<ReportedLatency, 'counts'>): Latency {
    const key = JSON.stringify([about.migration, about.phase, about.side, about.kind])
    let latency = this.#all.get(key)
    if (latency === undefined) {
      latency = { ...about, histogram: new LatencyHistogram(), unreported: [] }
      this.#all.set(key, latency)
    }
    return latency
  }

  /** What was counted since the last report that succeeded, and how long ago that was; `reported` says that this one has. */
  take(now: number): { readonly latencies: readonly ReportedLatency[]; readonly ms: number } {
    this.#shapes = new Map()
    const latencies = [...this.#all.values()].flatMap((latency) => {
      const { migration, phase, side, kind, histogram, unreported } = latency
      if (!histogram.isEmpty) latency.unreported = mergedLatencies([unreported, histogram.take()])
      return latency.unreported.length === 0 ? [] : [{ migration, phase, side, kind, counts: latency.unreported }]
    })
    return { latencies, ms: Math.max(now - this.#reportedAt, 0) }
  }

  reported(now: number): void {
    for (const latency of this.#all.values()) latency.unreported = []
    this.#reportedAt = now
  }
}
