import { createRuntime, fixedFlags, fixedPhases } from '@expand-contract/core'
import { migrating, migrationsOf } from '@expand-contract/drizzle'
import { instrumentedPool } from '@expand-contract/pg'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { createDatabase, type TestDatabase } from '../../support/postgres.ts'
import type { PostgresMajor } from '../../support/postgres-server.ts'
import { queryServer } from '../../support/query-server.ts'
import { tables } from './schema.ts'
import type { Situation } from './situation.ts'
import { PARTED, STAGE_SCRIPTS } from './stage-script.ts'
import type { World } from './step.ts'

export interface OpenWorld extends World, AsyncDisposable {
  /** Rows of which the two sides differ. */
  parted(): Promise<readonly unknown[]>
}

const plain = ((column: unknown) => column) as typeof migrating

/** Drizzle as an application has it that knows of no migration, on the untouched schema. */
export async function openTwin(major: PostgresMajor): Promise<OpenWorld> {
  const database = await createDatabase(major, { sql: STAGE_SCRIPTS.old })
  return worldOf(database, plain, new pg.Pool({ connectionString: database.url }))
}

/** The same application with its columns declared as migrating. */
export async function openWorld(major: PostgresMajor, { stage, phase, flags: on }: Situation): Promise<OpenWorld> {
  const database = await createDatabase(major, { sql: STAGE_SCRIPTS[stage] })
  const migrations = migrationsOf(tables(migrating), { casing: 'snake_case' })
  const flags = fixedFlags(Object.fromEntries(migrations.map(({ flag }) => [flag ?? '', on])))
  const phases = fixedPhases(phase && Object.fromEntries(migrations.map(({ id }) => [id, phase])))
  const runtime = await createRuntime({ migrations, flags, phases })
  return worldOf(database, migrating, instrumentedPool(runtime, { connectionString: database.url }))
}

function worldOf(database: TestDatabase, declare: typeof migrating, pool: pg.Pool): OpenWorld {
  const schema = tables(declare)
  const open: World['open'] = (client, options = {}) =>
    drizzle({ client, schema, casing: 'snake_case', ...options }) as never
  return {
    db: open(pool),
    tables: schema,
    pool,
    open,
    parted: async () => (await queryServer(database.url, PARTED)).rows,
    async [Symbol.asyncDispose]() {
      await pool.end()
      await database.drop()
    },
  }
}
