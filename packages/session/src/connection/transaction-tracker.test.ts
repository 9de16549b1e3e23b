import { expect, test } from 'vitest'
import { StatementFacts } from '../text/statement-facts.ts'
import { TransactionTracker } from './transaction-tracker.ts'

/** What the server says to one text: its tags, and the status after it. */
const answer = (tracker: TransactionTracker, tags: readonly string[], status: 'I' | 'T' | 'E', text = ''): void => {
  for (const tag of tags) tracker.tag(tag, new StatementFacts(text))
  tracker.ready(status, true)
}

const pins = (tracker: TransactionTracker) => {
  tracker.begin()
  return tracker.pins()
}

test('statements outside of a transaction have pins of their own', () => {
  const tracker = new TransactionTracker()
  const first = pins(tracker)
  answer(tracker, ['SELECT 1'], 'I')
  expect(pins(tracker)).not.toBe(first)
})

test('a transaction has one set of pins, whatever happens in it', () => {
  const tracker = new TransactionTracker()
  answer(tracker, ['BEGIN'], 'T')
  const first = pins(tracker)
  answer(tracker, ['SAVEPOINT'], 'T')
  answer(tracker, [], 'E')
  answer(tracker, ['ROLLBACK'], 'T', 'rollback to savepoint a')
  expect(pins(tracker)).toBe(first)
  answer(tracker, ['COMMIT'], 'I')
  expect(pins(tracker)).not.toBe(first)
})

test('a text that opens a transaction shares its pins with it', () => {
  const tracker = new TransactionTracker()
  const first = pins(tracker)
  answer(tracker, ['BEGIN', 'SELECT 1'], 'T', 'begin; select 1')
  expect(pins(tracker)).toBe(first)
})

test('AND CHAIN starts anew, unless it stands in a longer text', () => {
  const tracker = new TransactionTracker()
  answer(tracker, ['BEGIN'], 'T')
  const first = pins(tracker)
  answer(tracker, ['COMMIT'], 'T', 'commit and chain')
  const second = pins(tracker)
  expect(second).not.toBe(first)
  answer(tracker, ['ROLLBACK'], 'T', 'rollback and chain')
  const third = pins(tracker)
  expect(third).not.toBe(second)
  answer(tracker, ['COMMIT', 'SELECT 1'], 'T', 'commit and chain; select 1')
  expect(pins(tracker)).toBe(third)
})

test('in a pipeline the words of what was sent go before the answers', () => {
  const tracker = new TransactionTracker()
  const alone = pins(tracker)
  tracker.sent(new StatementFacts('select 1'))
  tracker.begin()
  tracker.sent(new StatementFacts('begin'))
  const inside = pins(tracker)
  expect(inside).not.toBe(alone)
  tracker.sent(new StatementFacts('select 1'))
  tracker.ready('I', false)
  tracker.ready('T', false)
  expect(pins(tracker)).toBe(inside)
  tracker.sent(new StatementFacts('commit'))
  expect(pins(tracker)).not.toBe(inside)
  tracker.ready('I', true)
  expect(tracker.status).toBe('I')
})
