import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { createDatabase, type TestDatabase } from './postgres.ts'
import type { PostgresMajor } from './postgres-server.ts'

export interface DatabaseForTests {
  readonly url: string
  readonly name: string
  /** Not instrumented. */
  readonly client: pg.Client
}

/** One database for all tests of a `describe`, and a client of it; both are there when the first test begins. */
export function databaseForTests(major: PostgresMajor, sql: string): DatabaseForTests {
  let database: TestDatabase | undefined
  let client: pg.Client | undefined
  beforeAll(async () => {
    database = await createDatabase(major, { sql })
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
  })
  afterAll(async () => {
    await client?.end()
    await database?.drop()
  })
  return {
    get url() {
      return opened(database).url
    },
    get name() {
      return opened(database).name
    },
    get client() {
      return opened(client)
    },
  }
}

function opened<T>(one: T | undefined): T {
  if (one === undefined) throw new Error('The database is opened before the first test: read it within one')
  return one
}
