import type { PGlite, Results } from '@electric-sql/pglite'
import { instrumentedPGlite } from '@expand-contract/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { migrate } from 'drizzle-orm/pglite/migrator'
import { createPGliteDatabase, type PGliteDatabase } from '../../../support/pglite.ts'
import type { Database } from '../step.ts'
import type { SurfaceDriver } from './surface-driver.ts'

export const pgliteDriver: SurfaceDriver<PGliteDatabase> = {
  name: 'PGlite',
  places: () => [{ name: 'the PostgreSQL that it is', create: createPGliteDatabase }],
  open({ database: { pglite }, tables: schema, runtime }) {
    const client: PGlite = runtime === undefined ? pglite : instrumentedPGlite(runtime, pglite)
    const open = (options = {}): Database => drizzle({ client, schema, casing: 'snake_case', ...options }) as never
    const db = open()
    return {
      db,
      another: open,
      migrate: (config) => migrate(db as never, config),
      async execute(statement) {
        const result = (await db.execute(statement)) as unknown as Results<Record<string, unknown>>
        const { rows, rowCount, affectedRows, command, fields } = result
        return { rows, rowCount: rowCount ?? affectedRows ?? null, command, fields: fields.map(({ name }) => name) }
      },
      // It has one connection, which is all of its clients.
      onOneConnection: (work) => work(open()),
      onOwnClient: (work) => work(open()),
      close: async () => undefined,
    }
  },
}
