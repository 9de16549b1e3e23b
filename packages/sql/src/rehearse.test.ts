import { beforeAll, expect, test } from 'vitest'
import { loadParser } from './parse/parser.ts'
import { rehearse } from './rehearse.ts'

beforeAll(loadParser)

test('a rehearsal plans what it plans without a failure, as often as it is asked to', () => {
  expect(() => rehearse()).not.toThrow()
  expect(() => rehearse()).not.toThrow()
})
