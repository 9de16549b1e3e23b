import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { STABLE_FUNCTIONS } from '../../packages/sql/src/mapping/stable-functions.ts'
import { postgresMajors, serverUrl } from '../support/postgres.ts'
import { builtIns } from './stable-functions.ts'

describe.each(postgresMajors())('functions that may be evaluated twice, on PostgreSQL %i', (major) => {
  test('have one value throughout a statement, whichever function of the name is called', async () => {
    const client = new pg.Client({ connectionString: serverUrl(major) })
    await client.connect()
    const found = await builtIns(client)
    await client.end()
    const listed = found.filter(({ name }) => STABLE_FUNCTIONS.has(name))
    expect(listed.filter(({ stable }) => !stable)).toEqual([])
    // Most of them are in every major.
    expect(listed.length).toBeGreaterThan(STABLE_FUNCTIONS.size * 0.9)
  })
})
