import type { LatencyRecord } from '@expand-contract/control'
import { latencyCount, latencyPercentile, mergedLatencies } from '@expand-contract/core'

/** How long the statements of one kind took in one stage, as the processes have counted. */
export interface LatencyFigures {
  readonly count: number
  /** The time in which they were counted. */
  readonly seconds: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  /** How far each of them wanders, in percent: from one quarter of an hour to the next, or as far as so few statements tell. */
  readonly noise: { readonly p50: number; readonly p95: number; readonly p99: number }
}

export interface SessionFigures {
  readonly read?: LatencyFigures | undefined
  readonly write?: LatencyFigures | undefined
}

type Kind = LatencyRecord['kind']

/** Of records of one stage; undefined where there are none. */
export function sessionFigures(records: readonly LatencyRecord[]): SessionFigures | undefined {
  const [read, write] = (['read', 'write'] as const).map((kind: Kind) =>
    figuresOf(records.filter((each) => each.kind === kind)),
  )
  if (read === undefined && write === undefined) return undefined
  return { ...(read !== undefined && { read }), ...(write !== undefined && { write }) }
}

function figuresOf(records: readonly LatencyRecord[]): LatencyFigures | undefined {
  const quarters = [...Map.groupBy(records, ({ beganAt }) => beganAt.getTime()).values()]
  const counts = mergedLatencies(records.map((each) => each.counts))
  const count = latencyCount(counts)
  if (count === 0) return undefined
  const seconds = Math.max(sum(quarters.map(secondsOf)), 0.001)
  const ms = (part: number): number => rounded((latencyPercentile(counts, part) ?? 0) / 1_000, 4)
  const each = quarters.map((quarter) => mergedLatencies(quarter.map((record) => record.counts)))
  const noise = (part: number): number => rounded(Math.max(amongQuarters(each, part), ofSoFew(counts, part)), 1)
  return {
    ...{ count, seconds: rounded(seconds, 1), perSecond: rounded(count / seconds, 1) },
    ...{ p50Ms: ms(0.5), p95Ms: ms(0.95), p99Ms: ms(0.99) },
    noise: { p50: noise(0.5), p95: noise(0.95), p99: noise(0.99) },
  }
}

/** What both sides have counted in one quarter of an hour was counted at the same time. */
function secondsOf(quarter: readonly LatencyRecord[]): number {
  const from = Math.min(...quarter.map(({ firstAt }) => firstAt.getTime()))
  return (Math.max(...quarter.map(({ lastAt }) => lastAt.getTime())) - from) / 1_000
}

/** Fewer quarters of an hour, and fewer statements in one, say nothing of how far they differ. */
const LEAST = { quarters: 3, count: 100 }

function amongQuarters(quarters: readonly (readonly number[])[], part: number): number {
  const values = quarters.flatMap((counts) =>
    latencyCount(counts) < LEAST.count ? [] : (latencyPercentile(counts, part) ?? []),
  )
  const mean = sum(values) / values.length
  if (values.length < LEAST.quarters || mean === 0) return 0
  const variance = sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1)
  return (100 * Math.sqrt(variance)) / mean
}

/** Of so many statements, a percentile is found within one standard deviation of its rank. */
function ofSoFew(counts: readonly number[], part: number): number {
  const deviation = Math.sqrt((part * (1 - part)) / latencyCount(counts))
  const [low, middle, high] = [part - deviation, part, part + deviation].map(
    (each) => latencyPercentile(counts, each) ?? 0,
  )
  if (low === undefined || high === undefined || middle === undefined || middle === 0) return 0
  return (100 * (high - low)) / 2 / middle
}

/** What came between two looks: what the second one has beyond the first. */
export function latenciesBetween(
  before: readonly LatencyRecord[],
  after: readonly LatencyRecord[],
): readonly LatencyRecord[] {
  const keyOf = ({ phase, side, kind, beganAt }: LatencyRecord): string =>
    JSON.stringify([phase, side, kind, beganAt.getTime()])
  const known = new Map(before.map((each) => [keyOf(each), each]))
  return after.flatMap((each) => {
    const was = known.get(keyOf(each))
    if (was === undefined) return [each]
    const counts = each.counts.map((count, bucket) => count - (was.counts[bucket] ?? 0))
    const count = each.count - was.count
    return count > 0 ? [{ ...each, counts, count, firstAt: was.lastAt }] : []
  })
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))
