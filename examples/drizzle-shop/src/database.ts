import { createRuntime, type FlagSource } from '@expand-contract/core'
import { migrationsOf } from '@expand-contract/drizzle'
import { instrumentedPool } from '@expand-contract/pg'
import { drizzle } from 'drizzle-orm/node-postgres'
import * as schema from './schema.ts'

/** Drizzle on a pool through which both columns are written. Without flags, the old ones are read while both exist. */
export async function openDatabase(connectionString: string, flags?: FlagSource) {
  const runtime = await createRuntime({ migrations: migrationsOf(schema), ...(flags && { flags }) })
  const pool = instrumentedPool(runtime, { connectionString })
  const db = drizzle({ client: pool, schema })
  const close = async (): Promise<void> => {
    await pool.end()
    await runtime.close()
  }
  return { db, runtime, close }
}

export type Database = Awaited<ReturnType<typeof openDatabase>>['db']
