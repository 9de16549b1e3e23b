import type { LatencyRecord } from '@expand-contract/control'
import { LatencyHistogram, type Phase } from '@expand-contract/core'
import { describe, expect, test } from 'vitest'
import { latenciesBetween, sessionFigures } from './latency-figures.ts'
import { byStage, measurementsIn, ofThisLife, stagesOf } from './stages.ts'

/** A quarter of an hour in which each of these, in milliseconds, was counted so many times. */
function quarter(
  number: number,
  durations: Readonly<Record<string, number>>,
  more: Partial<LatencyRecord> = {},
): LatencyRecord {
  const histogram = new LatencyHistogram()
  for (const [ms, count] of Object.entries(durations))
    for (let index = 0; index < count; index++) histogram.record(Number(ms) * 1_000)
  const [beganAt, lastAt] = [new Date(number * 900_000), new Date(number * 900_000 + 900_000)]
  const count = Object.values(durations).reduce((sum, each) => sum + each, 0)
  return {
    ...{ migration: 'users.full_name', phase: 'off', side: 'old', kind: 'read' },
    ...{ beganAt, firstAt: beganAt, lastAt, count, counts: histogram.take(), ...more },
  }
}

describe('what processes have counted', () => {
  test('is put together by kind, whichever side was read', () => {
    const sessions = sessionFigures([
      quarter(1, { 0.5: 800, 2: 100 }),
      quarter(1, { 0.5: 100 }, { side: 'new' }),
      quarter(2, { 0.5: 800, 2: 90, 9: 10 }),
      quarter(2, { 1: 90 }, { kind: 'write' }),
    ])
    expect(sessions).toEqual({
      read: {
        ...{ count: 1_900, seconds: 1_800, perSecond: 1.1, p50Ms: 0.504, p95Ms: 2.016, p99Ms: 2.016 },
        noise: { p50: 0, p95: 0, p99: 0 },
      },
      write: expect.objectContaining({ count: 90, seconds: 900, perSecond: 0.1, p50Ms: 1.008 }),
    })
    expect([sessionFigures([]), sessionFigures([quarter(1, {})])]).toEqual([undefined, undefined])
  })

  test('a quarter of an hour that has just begun counts for its part', () => {
    const lastAt = new Date(900_000 + 90_000)
    expect(sessionFigures([quarter(1, { 1: 90 }, { lastAt })])?.read).toMatchObject({ seconds: 90, perSecond: 1 })
  })

  test('noise is what differs from one quarter of an hour to the next, where there are three of them', () => {
    const quarters = [1, 2, 3, 4].map((number) => quarter(number, { [number % 2 === 0 ? 1 : 2]: 1_000 }))
    expect(sessionFigures(quarters.slice(0, 2))?.read?.noise.p95).toBe(0)
    expect(sessionFigures(quarters)?.read?.noise.p95).toBe(38.5)
  })

  test('and of few statements what so few tell', () => {
    const spread = (count: number) => Object.fromEntries(Array.from({ length: 50 }, (_, at) => [1 + at / 10, count]))
    const [few, many] = [sessionFigures([quarter(1, spread(1))]), sessionFigures([quarter(1, spread(2_000))])]
    expect(few?.read?.noise.p50).toBeGreaterThan(5)
    expect(many?.read?.noise.p50).toBeLessThan(3)
  })

  test('between two looks it is what came in between', () => {
    const before = [quarter(1, { 1: 10 }, { lastAt: new Date(1_000_000) })]
    const after = [
      quarter(1, { 1: 15, 4: 1 }, { lastAt: new Date(1_060_000) }),
      quarter(1, { 1: 3 }, { kind: 'write' }),
      quarter(2, { 1: 7 }),
    ]
    const between = latenciesBetween(before, after)
    expect(between.map(({ count }) => count)).toEqual([6, 3, 7])
    expect(sessionFigures(between.slice(0, 1))?.read).toMatchObject({ count: 6, seconds: 60, p50Ms: 1.008 })
    expect(latenciesBetween(after, after)).toEqual([])
  })
})

describe('stages', () => {
  const phases = (...named: Phase[]) => named.map((phase, at) => quarter(at, { 1: 10 }, { phase }))

  test('are the phases in their order', () => {
    expect(stagesOf(phases('switch', 'off', 'expand', 'off')).map(({ stage }) => stage)).toEqual([
      'off',
      'expand',
      'switch',
    ])
  })

  test('of a life that is over count for nothing, but for what was before it', () => {
    const records = phases('off', 'expand', 'expand')
    const left = ofThisLife(records, new Date(2 * 900_000 + 1)).map(({ phase, beganAt }) => [phase, +beganAt / 900_000])
    expect(left).toEqual([
      ['off', 0],
      ['expand', 2],
    ])
    expect(ofThisLife(records, undefined)).toEqual(records)
  })

  test('come from the timeline, also those that nobody has measured', () => {
    const event = (figures: Readonly<Record<string, unknown>>) => ({
      ...{ id: 1, at: new Date(0), migration: 'm', kind: 'measured', who: 'dana', role: 'op' },
      ...{ host: undefined, version: undefined, figures },
    })
    const sessions = stagesOf(phases('off'))[0]?.sessions
    const events = [
      event({ stage: 'peak', phase: 'expand', tableBytes: 3, stages: [{ stage: 'off', phase: 'off', sessions }] }),
      event({ stage: 'switch', phase: 'switch', tableBytes: 4, stages: [{ stage: 'expand', phase: 'expand' }] }),
      event({ stage: 'off', phase: 'off', tableBytes: 1 }),
      { ...event({ stage: 'contract', phase: 'contract' }), kind: 'other' },
      event({ nothing: true }),
    ]
    expect(byStage(measurementsIn(events))).toEqual([
      { stage: 'off', phase: 'off', sessions, tableBytes: 1 },
      { stage: 'peak', phase: 'expand', tableBytes: 3 },
      { stage: 'expand', phase: 'expand' },
      { stage: 'switch', phase: 'switch', tableBytes: 4 },
    ])
    // Behind a rollback all of it but `off` is of another life.
    expect(byStage(measurementsIn(events, new Date(1)))).toEqual([
      { stage: 'off', phase: 'off', sessions, tableBytes: 1 },
    ])
    expect(byStage(measurementsIn(events, new Date(0)))).toHaveLength(4)
  })
})
