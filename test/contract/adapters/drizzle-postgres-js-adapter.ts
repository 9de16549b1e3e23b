import { createRuntime } from '@expand-contract/core'
import { migrationsOf } from '@expand-contract/drizzle'
import { instrumentedSql } from '@expand-contract/postgres-js'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { type ContractAdapter, onNewestServer, type Person } from '../contract-adapter.ts'
import { schema, sessionOn } from './drizzle-adapter.ts'

const { people } = schema
const NO_TOOL = 'drizzle-kit’s API takes a database on node-postgres, which Drizzle on node-postgres is tested with'

export const drizzlePostgresJsAdapter: ContractAdapter = {
  name: 'Drizzle on postgres-js',
  cannot: { generate: NO_TOOL },
  createDatabase: onNewestServer,
  async open({ database: { url }, catalogRefreshMs, runtime: options }) {
    const runtime = await createRuntime({ ...options, migrations: migrationsOf(schema) })
    const sql = instrumentedSql(runtime, postgres(url, { max: 3 }), { catalogRefreshMs })
    const db = drizzle({ client: sql })
    return {
      ...sessionOn(db as never),
      runtime,
      // Drizzle has no streams of its own: it writes the statement, and the driver's cursor hands out the rows.
      async *stream() {
        const { sql: statement, params } = db.select().from(people).orderBy(people.id).toSQL()
        for await (const rows of sql.unsafe<Person[]>(statement, params as never[]).cursor(1)) yield* rows
      },
      async close() {
        await sql.end()
        await runtime.close()
      },
    }
  },
  generate: () => Promise.reject(new Error(NO_TOOL)),
}
