import { expect, it } from 'vitest'
import { BatchSize } from './batch-size.ts'

it('starts small, and grows towards the time that a batch should take', () => {
  const size = new BatchSize({ profile: 'gentle' })
  expect(size.pages).toBe(16)
  size.took(16, 10)
  expect(size.pages).toBe(24)
  for (let batch = 0; batch < 10; batch++) size.took(size.pages, size.pages)
  expect(size.pages).toBe(48)
})

it('shrinks at once when batches take too long', () => {
  const size = new BatchSize({ profile: 'fast', batchMs: 50 })
  size.took(64, 200)
  expect(size.pages).toBe(16)
})

it('never has less than a page, nor more than the profile allows', () => {
  const size = new BatchSize({ profile: 'gentle' })
  size.took(16, 1_000_000)
  expect(size.pages).toBe(1)
  for (let batch = 0; batch < 50; batch++) size.took(size.pages, 0)
  expect(size.pages).toBe(48)
})

it('lets a batch of several pages take no longer than a deadlock takes to be seen, unless it was asked to', () => {
  expect(new BatchSize({ profile: 'gentle' }).longestMs).toBe(600)
  expect(new BatchSize({ profile: 'fast' }).longestMs).toBe(600)
  expect(new BatchSize({ profile: 'gentle', batchMs: 2_000 }).longestMs).toBe(6_000)
})

it('halves after a lock that was not given', () => {
  const size = new BatchSize({ profile: 'gentle' })
  size.failed()
  expect(size.pages).toBe(8)
})
