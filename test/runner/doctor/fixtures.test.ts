import { HAZARDS } from '@expand-contract/runner'
import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../../support/postgres.ts'
import { ELSEWHERE } from './elsewhere.ts'
import { type Fixture, tryFixture } from './fixture.ts'
import { REFUSAL_FIXTURES, TRIGGER_FIXTURES } from './refusal-fixtures.ts'
import { SERVER_FIXTURES } from './server-fixtures.ts'
import { TABLE_FIXTURES } from './table-fixtures.ts'

const FIXTURES: readonly Fixture[] = [...SERVER_FIXTURES, ...TABLE_FIXTURES, ...REFUSAL_FIXTURES, ...TRIGGER_FIXTURES]
const titles = new Map(HAZARDS.map(({ code, title }) => [code as string, title]))

test('every hazard has a fixture, and no code is given twice', () => {
  const planted = new Set([...FIXTURES.map(({ code }) => code), ...Object.keys(ELSEWHERE)])
  expect([...titles.keys()].filter((code) => !planted.has(code))).toEqual([])
  expect([...planted].filter((code) => !titles.has(code))).toEqual([])
  expect(HAZARDS).toHaveLength(titles.size)
})

describe.each(postgresMajors())('PostgreSQL %i: planted, found, and gone by its remedy', (major) => {
  const some = FIXTURES.filter(({ since = 14, until = 99 }) => since <= major && major <= until)
  test.each(
    some.map(
      (fixture) => [`${fixture.code} ${titles.get(fixture.code)} ${fixture.what ?? ''}`.trim(), fixture] as const,
    ),
  )('%s', async (_, fixture) => {
    await tryFixture(major, fixture)
  })
})
