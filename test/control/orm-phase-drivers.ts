import { databasePhases } from '@expand-contract/control'
import { createRuntime, fixedFlags } from '@expand-contract/core'
import { migrating, migrationsOf } from '@expand-contract/drizzle'
import { instrumentedPool } from '@expand-contract/pg'
import { MigratingDataSource, migratingSchema } from '@expand-contract/typeorm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { type EntityManager, EntitySchema } from 'typeorm'
import { createDatabase, postgresMajors } from '../support/postgres.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'
import type { OpenDriver, OpenOptions, PhaseDriver, Rows } from './phase-drivers.ts'

/** What is asked of `users` goes by the ORM's own reading of a row; all else is the text itself. */
const isRow = (text: string): boolean => text.startsWith('select name from users')

interface Opened extends Pick<OpenDriver, 'runtime' | 'query' | 'transaction'> {
  close(): Promise<void>
}

async function openDriver(
  major: PostgresMajor,
  options: OpenOptions,
  open: (url: string, options: OpenOptions) => Promise<Opened>,
): Promise<OpenDriver> {
  const database = await createDatabase(major, { sql: options.script })
  const bare = new pg.Pool({ connectionString: database.url, max: 1 })
  const { close, ...driver } = await open(database.url, options)
  return {
    ...driver,
    warnings: [],
    url: database.url,
    bare: async (sql) => (await bare.query(sql)).rows,
    async [Symbol.asyncDispose]() {
      await close()
      await bare.end()
      await database.drop()
    },
  }
}

const User = migratingSchema(
  new EntitySchema<{ id: number; name: string | null }>({
    name: 'User',
    tableName: 'users',
    columns: { id: { type: 'int', primary: true }, name: { type: 'text', nullable: true } },
  }),
  { name: { to: { name: 'full_name', type: 'text' }, flag: 'read-new' } },
)

async function openTypeorm(url: string, { schema, flags, catalogRefreshMs }: OpenOptions): Promise<Opened> {
  const source = new MigratingDataSource(
    { type: 'postgres', url, entities: [User], extra: { max: 4 } },
    { flags: fixedFlags(flags), phases: databasePhases({ schema }), catalogRefreshMs },
  )
  await source.initialize()
  const by =
    (manager: EntityManager) =>
    async (sql: string): Promise<Rows> =>
      isRow(sql) ? (await manager.find(User, { where: { id: 1 } })).map(({ name }) => ({ name })) : manager.query(sql)
  return {
    runtime: source.runtime,
    query: by(source.manager),
    transaction: (level, work) =>
      source.transaction(level.toUpperCase() as 'SERIALIZABLE', (manager) => work(by(manager))),
    close: () => source.destroy(),
  }
}

const users = pgTable('users', {
  id: integer('id').primaryKey(),
  name: migrating(text('name'), { to: text('full_name'), flag: 'read-new' }),
})

async function openDrizzle(url: string, { schema, flags, catalogRefreshMs }: OpenOptions): Promise<Opened> {
  const migrations = migrationsOf({ users })
  const phases = databasePhases({ schema })
  const runtime = await createRuntime({ migrations, flags: fixedFlags(flags), phases })
  const pool = instrumentedPool(runtime, { connectionString: url, max: 4 }, { catalogRefreshMs })
  const db = drizzle({ client: pool, schema: { users } })
  const by =
    (one: Pick<typeof db, 'select' | 'execute'>) =>
    async (sql: string): Promise<Rows> =>
      isRow(sql) ? one.select({ name: users.name }).from(users) : (await one.execute(sql)).rows
  return {
    runtime,
    query: by(db),
    transaction: (level, work) => db.transaction((tx) => work(by(tx)), { isolationLevel: level as 'serializable' }),
    async close() {
      await pool.end()
      await runtime.close()
    },
  }
}

export const ORM_PHASE_DRIVERS: readonly PhaseDriver[] = postgresMajors().flatMap((major) => [
  { name: `TypeORM, PostgreSQL ${major}`, alone: false, open: (options) => openDriver(major, options, openTypeorm) },
  { name: `Drizzle, PostgreSQL ${major}`, alone: false, open: (options) => openDriver(major, options, openDrizzle) },
])
