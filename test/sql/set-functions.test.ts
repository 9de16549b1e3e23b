import pg from 'pg'
import { expect, test } from 'vitest'
import { SET_FUNCTIONS } from '../../packages/sql/src/write/set-functions.ts'
import { postgresMajors, serverUrl } from '../support/postgres.ts'

test.each(postgresMajors())('every function of PostgreSQL %i that returns a set is known as one', async (major) => {
  const client = new pg.Client({ connectionString: serverUrl(major) })
  await client.connect()
  const { rows } = await client.query<{ name: string }>(
    "select distinct proname as name from pg_proc where proretset and pronamespace = 'pg_catalog'::regnamespace",
  )
  await client.end()
  expect(rows.map(({ name }) => name).filter((name) => !SET_FUNCTIONS.has(name))).toEqual([])
})
