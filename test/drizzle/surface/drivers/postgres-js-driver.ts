import { instrumentedSql } from '@expand-contract/postgres-js'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import type { Database } from '../step.ts'
import { onServers, type SurfaceDriver } from './surface-driver.ts'

export const postgresJsDriver: SurfaceDriver = {
  name: 'postgres-js',
  places: onServers,
  open({ database: { url }, tables: schema, runtime }) {
    const connect = (max: number): postgres.Sql => {
      const sql = postgres(url, { max, onnotice: () => undefined })
      return runtime === undefined ? sql : instrumentedSql(runtime, sql)
    }
    const sql = connect(4)
    const open = (client: postgres.Sql, options = {}): Database =>
      drizzle({ client, schema, casing: 'snake_case', ...options }) as never
    const db = open(sql)
    const onOwnClient = async <T>(work: (on: Database) => Promise<T>): Promise<T> => {
      const own = connect(1)
      try {
        return await work(open(own))
      } finally {
        await own.end()
      }
    }
    return {
      db,
      another: (options) => open(sql, options),
      migrate: (config) => migrate(db as never, config),
      async execute(statement) {
        const rows = (await db.execute(statement)) as unknown as postgres.RowList<postgres.Row[]>
        return {
          ...{ rows: [...rows], rowCount: rows.count, command: rows.command },
          fields: rows.columns.map(({ name }) => name),
        }
      },
      // Drizzle takes no connection that was reserved: it has no `options`.
      onOneConnection: onOwnClient,
      onOwnClient,
      close: () => sql.end(),
    }
  },
}
