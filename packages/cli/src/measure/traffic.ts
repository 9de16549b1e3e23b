import type { LatencyRecord } from '@expand-contract/control'
import { latencyCount, latencyPercentile, mergedLatencies } from '@expand-contract/core'
import { latenciesBetween } from './latency-figures.ts'

/** How long the statements of the applications take while something runs, against before. */
export interface Traffic {
  readonly p95Ms: number
  readonly beforeMs: number
  readonly ratio: number
}

export interface TrafficLooks {
  /** When the work began. */
  readonly first: readonly LatencyRecord[]
  /** When the moment began that is asked about. */
  readonly since: readonly LatencyRecord[]
  readonly now: readonly LatencyRecord[]
  /** An earlier run of the same work is in what was counted by then. */
  readonly resumed: boolean
}

/** Of fewer statements a percentile says nothing. */
const LEAST = 100

/**
 * What is compared with is the time before the migration began, or where nothing was counted then, the time before this work. Reads and writes, of
 * either side, are one figure.
 * @returns undefined where one of both is not known
 */
export function trafficOf({ first, since, now, resumed }: TrafficLooks): Traffic | undefined {
  const off = first.filter(({ phase }) => phase === 'off')
  const before = p95(off) ?? (resumed ? undefined : p95(first))
  const lately = p95(latenciesBetween(since, now))
  if (before === undefined || lately === undefined || before === 0) return undefined
  return { p95Ms: lately, beforeMs: before, ratio: Number((lately / before).toFixed(2)) }
}

function p95(records: readonly LatencyRecord[]): number | undefined {
  const counts = mergedLatencies(records.map((each) => each.counts))
  const found = latencyCount(counts) < LEAST ? undefined : latencyPercentile(counts, 0.95)
  return found === undefined ? undefined : Number((found / 1_000).toFixed(3))
}
