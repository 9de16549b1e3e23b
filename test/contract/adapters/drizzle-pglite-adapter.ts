import { createRuntime } from '@expand-contract/core'
import { migrationsOf } from '@expand-contract/drizzle'
import { instrumentedPGlite } from '@expand-contract/pglite'
import { pushSchema } from 'drizzle-kit/api'
import { drizzle } from 'drizzle-orm/pglite'
import { createPGliteDatabase, type PGliteDatabase } from '../../support/pglite.ts'
import type { ContractAdapter } from '../contract-adapter.ts'
import { DECLARED, schema, sessionOn } from './drizzle-adapter.ts'
import { NO_STREAM } from './pglite-adapter.ts'

export const drizzlePGliteAdapter: ContractAdapter<PGliteDatabase> = {
  name: 'Drizzle on PGlite',
  cannot: { stream: NO_STREAM },
  createDatabase: createPGliteDatabase,
  async open({ database: { pglite }, catalogRefreshMs, runtime: options }) {
    const runtime = await createRuntime({ ...options, migrations: migrationsOf(schema) })
    const db = drizzle({ client: instrumentedPGlite(runtime, pglite, { catalogRefreshMs }) })
    return {
      ...sessionOn(db as never),
      runtime,
      stream: () => {
        throw new Error(NO_STREAM)
      },
      close: () => runtime.close(),
    }
  },
  async generate({ pglite }, declared) {
    return (await pushSchema(DECLARED[declared], drizzle({ client: pglite }))).statementsToExecute
  },
}
