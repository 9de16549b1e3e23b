import { instrumentedClient, instrumentedPool } from '@expand-contract/pg'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import type { Database } from '../step.ts'
import { onServers, type SurfaceDriver } from './surface-driver.ts'

export const nodePostgresDriver: SurfaceDriver = {
  name: 'node-postgres',
  places: onServers,
  open({ database: { url: connectionString }, tables: schema, runtime }) {
    const pool =
      runtime === undefined ? new pg.Pool({ connectionString }) : instrumentedPool(runtime, { connectionString })
    const open = (client: pg.Pool | pg.PoolClient | pg.Client, options = {}): Database =>
      drizzle({ client, schema, casing: 'snake_case', ...options }) as never
    const db = open(pool)
    return {
      db,
      another: (options) => open(pool, options),
      migrate: (config) => migrate(db, config),
      async execute(statement) {
        const { rows, rowCount, command, fields } = await db.execute(statement)
        return { rows, rowCount, command, fields: fields.map(({ name }) => name) }
      },
      async onOneConnection(work) {
        const client = await pool.connect()
        try {
          return await work(open(client))
        } finally {
          client.release()
        }
      },
      async onOwnClient(work) {
        const Client = runtime === undefined ? pg.Client : instrumentedClient(runtime)
        const client = new Client({ connectionString })
        await client.connect()
        try {
          return await work(open(client))
        } finally {
          await client.end()
        }
      },
      close: () => pool.end(),
    }
  },
}
