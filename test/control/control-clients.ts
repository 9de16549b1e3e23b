import { type Control, installControl, openControl, type SqlClient } from '@expand-contract/control'
import pg from 'pg'
import postgres from 'postgres'
import { startPGlite } from '../support/pglite.ts'
import { createDatabase, postgresMajors } from '../support/postgres.ts'

export interface OpenClient extends AsyncDisposable {
  readonly client: SqlClient
}

/** A control schema with a client of one driver on it. */
export interface OpenedControl extends OpenClient {
  readonly control: Control
}

export interface ClientKind {
  readonly name: string
  open(): Promise<OpenClient>
}

const onServers = postgresMajors().map((major) => ({
  name: `pg, PostgreSQL ${major}`,
  open: async () => {
    const database = await createDatabase(major)
    const pool = new pg.Pool({ connectionString: database.url, max: 4 })
    return {
      client: pool,
      async [Symbol.asyncDispose]() {
        await pool.end()
        await database.drop()
      },
    }
  },
}))

/** Every driver, and pg on every major: what a driver makes of texts and numbers is not to matter. */
export const CLIENT_KINDS: readonly ClientKind[] = [
  ...onServers,
  {
    name: 'postgres-js',
    open: async () => {
      const [major = 18] = postgresMajors().toReversed()
      const database = await createDatabase(major)
      const sql = postgres(database.url, { max: 4, onnotice: () => undefined })
      return {
        client: { query: async (text, values = []) => ({ rows: await sql.unsafe(text, values) }) },
        async [Symbol.asyncDispose]() {
          await sql.end()
          await database.drop()
        },
      }
    },
  },
  {
    name: 'PGlite',
    open: async () => {
      const db = await startPGlite({ script: '' })
      return { client: db, [Symbol.asyncDispose]: () => db.close() }
    },
  },
]

export async function openedControl(kind: ClientKind, schema?: string): Promise<OpenedControl> {
  const opened = await kind.open()
  await installControl(opened.client, { schema })
  return {
    client: opened.client,
    control: openControl(opened.client, { schema }),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}
