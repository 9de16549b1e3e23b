import { createRuntime, type FlagSource, fixedPhases } from '@expand-contract/core'
import { migrationsOf } from '@expand-contract/drizzle'
import { instrumentedPool } from '@expand-contract/pg'
import { drizzle } from 'drizzle-orm/node-postgres'
import * as schema from './schema.ts'

/**
 * Drizzle on a pool through which both columns are written. While both exist the old ones are read, until READ_SWITCH is
 * `open`, which is for the deploy after the backfill was verified: from then on the flags decide.
 */
export async function openDatabase(connectionString: string, flags?: FlagSource) {
  const migrations = migrationsOf(schema)
  const phase = process.env.READ_SWITCH === 'open' ? 'switch' : 'expand'
  const phases = fixedPhases(Object.fromEntries(migrations.map(({ id }) => [id, phase])))
  const runtime = await createRuntime({ migrations, phases, ...(flags && { flags }) })
  const pool = instrumentedPool(runtime, { connectionString })
  const db = drizzle({ client: pool, schema })
  const close = async (): Promise<void> => {
    await pool.end()
    await runtime.close()
  }
  return { db, runtime, close }
}

export type Database = Awaited<ReturnType<typeof openDatabase>>['db']
