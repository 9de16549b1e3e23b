import type { AnswerEvent } from '@expand-contract/core'
import { expect, it } from 'vitest'
import { Latencies } from './latencies.ts'

const ID = 'users.full_name'
const shape = {}
const answer = (facts: Partial<AnswerEvent> = {}): AnswerEvent => ({
  ...{ kind: 'read', ms: 0.005, reads: { [ID]: 'old' }, phases: { [ID]: 'expand' }, shape, ...facts },
})
const about = { migration: ID, phase: 'expand', side: 'old', kind: 'read' }

it('durations are counted by migration, phase, side and kind', () => {
  const latencies = new Latencies(0)
  latencies.answered(answer())
  latencies.answered(answer({ ms: 0.007 }))
  latencies.answered(answer({ phases: { [ID]: 'switch' } }))
  latencies.answered(answer({ shape: {}, reads: { [ID]: 'new' }, phases: { [ID]: 'switch' } }))
  latencies.answered(answer({ shape: {}, kind: 'write' }))
  latencies.answered(answer({ shape: {}, reads: {}, phases: { [ID]: 'expand', other: 'off' } }))
  expect(latencies.take(5_000)).toEqual({
    ms: 5_000,
    latencies: [
      { ...about, counts: [0, 0, 0, 0, 0, 2, 0, 1] },
      { ...about, phase: 'switch', counts: [0, 0, 0, 0, 0, 1] },
      { ...about, phase: 'switch', side: 'new', counts: [0, 0, 0, 0, 0, 1] },
      { ...about, kind: 'write', counts: [0, 0, 0, 0, 0, 1] },
      { ...about, migration: 'other', phase: 'off', counts: [0, 0, 0, 0, 0, 1] },
    ],
  })
})

it('what a report has lost is in the next one, and what was reported is not', () => {
  const latencies = new Latencies(0)
  latencies.answered(answer({ ms: 0.001 }))
  latencies.take(1_000)
  latencies.answered(answer({ ms: 0.001 }))
  // The first one has failed.
  expect(latencies.take(2_000)).toEqual({ ms: 2_000, latencies: [{ ...about, counts: [0, 2] }] })
  latencies.answered(answer({ ms: 0.002 }))
  latencies.reported(2_000)
  expect(latencies.take(3_000)).toEqual({ ms: 1_000, latencies: [{ ...about, counts: [0, 0, 1] }] })
  latencies.reported(3_000)
  expect(latencies.take(4_000).latencies).toEqual([])
})

it('an application that invents texts fills no memory, and all are counted', () => {
  const latencies = new Latencies(0)
  for (let index = 0; index < 3_000; index++) latencies.answered(answer({ shape: {}, ms: 0 }))
  expect(latencies.take(1).latencies).toEqual([{ ...about, counts: [3_000] }])
})
