import type { BackfillRange } from '@expand-contract/control'
import { expect, test } from 'vitest'
import { secondsLeft } from './read-progress.ts'

const BEGAN = new Date('2026-11-26T14:00:00Z')
const range = (seconds: number): BackfillRange => ({
  ...{ migration: 'm', relation: 'public.users', part: 0, relfilenode: 1, firstBlock: 0, endBlock: 1_000 },
  ...{
    cursorBlock: 0,
    rows: 0,
    leaseToken: undefined,
    leaseUntil: undefined,
    worker: undefined,
    finishedAt: undefined,
  },
  ...{ startedAt: BEGAN, changedAt: new Date(BEGAN.getTime() + seconds * 1_000) },
})

test.each([
  ['as long as the same took so far', 100, 250, 300],
  ['not known before 1 %', 100, 9, undefined],
  ['not known before 10 s', 9, 500, undefined],
])('what is left of a backfill: %s', (_, seconds, done, left) => {
  expect(secondsLeft([range(seconds), range(1)], done, 1_000)).toBe(left)
})
