import { expect, test } from 'vitest'
import { cliError, endingOf } from './cli-error.ts'
import { CLI_ERRORS } from './error-catalogue.ts'
import { EXIT_CODES } from './exit-codes.ts'

test('the exit codes that scripts rely on', () => {
  expect(Object.fromEntries(Object.entries(EXIT_CODES).map(([ending, { code }]) => [ending, code]))).toEqual({
    ...{ done: 0, unexpected: 1, notStarted: 2, refused: 3, found: 4, notConfirmed: 5, gaveUp: 6 },
    ...{ interrupted: 130, terminated: 143 },
  })
})

test('an error of this package says that nothing has begun, or was refused, not confirmed or given up', () => {
  // That a server goes down is nothing that it says, and the one thing that is not expected.
  expect(endingOf(cliError('EC_CONNECTION_LOST', { message: 'x', hint: 'y' }))).toBe('unexpected')
  const codes = Object.keys(CLI_ERRORS) as (keyof typeof CLI_ERRORS)[]
  for (const code of codes.filter((each) => each !== 'EC_CONNECTION_LOST')) {
    const ending = endingOf(cliError(code, { message: 'x', hint: 'y' }))
    expect([code, ['notStarted', 'refused', 'notConfirmed', 'gaveUp', 'found'].includes(ending)]).toEqual([code, true])
  }
  expect(endingOf(cliError('EC_USAGE', { message: 'x', hint: 'y' }))).toBe('notStarted')
  expect(endingOf(cliError('EC_CONSENT', { message: 'x', hint: 'y' }))).toBe('notConfirmed')
  expect(endingOf(new Error('a bug'))).toBe('unexpected')
})
