import type { LatencyRecord } from '@expand-contract/control'
import { describe, expect, test } from 'vitest'
import { trafficOf } from './traffic.ts'

const QUARTER = new Date('2026-11-26T14:15:00Z')

/** So many statements of about 1 ms, or of the bucket that is given. */
const counted = (phase: LatencyRecord['phase'], count: number, bucket = 112): LatencyRecord => ({
  ...{ migration: 'm', phase, side: 'old', kind: 'read', beganAt: QUARTER, firstAt: QUARTER, lastAt: QUARTER },
  ...{ count, counts: [...Array.from({ length: bucket }, () => 0), count] },
})

/** Twice as long as those of the bucket 112. */
const SLOW = 128

describe('how long statements of the applications take while something runs', () => {
  test('of the moment that is asked about, against the time before the migration', () => {
    const off = counted('off', 1_000)
    const since = [off, counted('expand', 500)]
    const now = [
      off,
      {
        ...counted('expand', 700, SLOW),
        counts: [...counted('expand', 500).counts, ...Array.from({ length: 15 }, () => 0), 200],
        count: 700,
      },
    ]
    expect(trafficOf({ first: since, since, now, resumed: true })).toMatchObject({ ratio: 2 })
  })

  test('against the time before the work, where nothing was counted before the migration; not against an earlier part of it', () => {
    const first = [counted('expand', 1_000)]
    const now = [counted('expand', 1_500)]
    expect(trafficOf({ first, since: first, now, resumed: false })).toMatchObject({
      ratio: 1,
      p95Ms: expect.any(Number),
    })
    expect(trafficOf({ first, since: first, now, resumed: true })).toBeUndefined()
  })

  test.each<[string, readonly LatencyRecord[], readonly LatencyRecord[]]>([
    ['nothing has been counted', [], []],
    ['too few statements came since', [counted('off', 1_000)], [counted('off', 1_050)]],
    ['too few were counted before', [counted('off', 20)], [counted('off', 20), counted('expand', 500)]],
  ])('%s: it is not known', (_, first, now) => {
    expect(trafficOf({ first, since: first, now, resumed: true })).toBeUndefined()
  })
})
