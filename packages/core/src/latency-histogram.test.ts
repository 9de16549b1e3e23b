import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  LATENCY_BUCKETS,
  LatencyHistogram,
  latencyBucket,
  latencyBucketStart,
  latencyCount,
  latencyPercentile,
  mergedLatencies,
} from './latency-histogram.ts'

const countsOf = (durations: readonly number[]): readonly number[] => {
  const histogram = new LatencyHistogram()
  for (const us of durations) histogram.record(us)
  return histogram.take()
}

/** From parts of a microsecond to hours, each size as likely as the other. */
const duration = fc
  .tuple(fc.integer({ min: -2, max: 34 }), fc.double({ min: 1, max: 2, noNaN: true, maxExcluded: true }))
  .map(([doublings, factor]) => factor * 2 ** doublings)
const durations = fc.array(duration, { minLength: 1, maxLength: 300 })

/** The smallest one that so many do not exceed. */
function exact(all: readonly number[], part: number): number {
  const sorted = all.toSorted((one, other) => one - other)
  return sorted[Math.max(Math.ceil(part * sorted.length), 1) - 1] ?? Number.NaN
}

describe('buckets', () => {
  it('follow each other without a gap, and each begins where it says', () => {
    for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
      const [from, to] = [latencyBucketStart(bucket), latencyBucketStart(bucket + 1)]
      expect([latencyBucket(from), latencyBucket((from + to) / 2)]).toEqual([bucket, bucket])
      expect(latencyBucket(to - 2 ** -10)).toBe(bucket)
      // The middle is off by a 32nd at most.
      expect((to - from) / 2).toBeLessThanOrEqual(Math.max(from / 32, 0.5))
    }
  })

  it.each([
    [Number.NaN, 0],
    [-1, 0],
    [0, 0],
    [0.9, 0],
    [2 ** 40, 511],
    [Number.POSITIVE_INFINITY, 511],
  ])('%d is in bucket %i', (us, bucket) => {
    expect(latencyBucket(us)).toBe(bucket)
  })
})

describe('percentiles', () => {
  it('are off by a 32nd or half a microsecond at most', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (all, part) => {
        const [found, wanted] = [latencyPercentile(countsOf(all), part) ?? Number.NaN, exact(all, part)]
        expect(Math.abs(found - wanted)).toBeLessThanOrEqual(Math.max(wanted / 32, 0.5))
      }),
    )
  })

  it('of several processes are those of all that they have counted', () => {
    fc.assert(
      fc.property(fc.array(durations, { minLength: 1, maxLength: 5 }), (processes) => {
        const merged = mergedLatencies(processes.map(countsOf))
        expect(merged).toEqual(countsOf(processes.flat()))
        expect(merged).toEqual(mergedLatencies(processes.map(countsOf).toReversed()))
        expect(latencyCount(merged)).toBe(processes.flat().length)
      }),
    )
  })

  it('of nothing are none', () => {
    expect([latencyPercentile([], 0.5), latencyPercentile([0, 0], 0.5), mergedLatencies([])]).toEqual([
      undefined,
      undefined,
      [],
    ])
  })
})

it('what is taken is counted once', () => {
  const histogram = new LatencyHistogram()
  expect(histogram.isEmpty).toBe(true)
  histogram.record(3)
  histogram.record(3)
  histogram.record(17)
  expect(histogram.isEmpty).toBe(false)
  expect(histogram.take()).toEqual([0, 0, 0, 2, ...Array(13).fill(0), 1])
  expect([histogram.isEmpty, histogram.take()]).toEqual([true, []])
})
