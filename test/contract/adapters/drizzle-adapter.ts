import { createRuntime } from '@expand-contract/core'
import { migrating, migrationsOf, physicalTables } from '@expand-contract/drizzle'
import { instrumentedPool } from '@expand-contract/pg'
import { pushSchema } from 'drizzle-kit/api'
import { asc, eq, like, sql } from 'drizzle-orm'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import { integer, numeric, pgTable, text, varchar } from 'drizzle-orm/pg-core'
import pg from 'pg'
import QueryStream from 'pg-query-stream'
import { type ContractAdapter, type ContractSession, type Declared, onNewestServer } from '../contract-adapter.ts'
import { AMOUNT_BACKWARD, AMOUNT_FLAG, AMOUNT_FORWARD, NAME_FLAG } from '../contract-schema.ts'

const id = () => integer('id').primaryKey().generatedByDefaultAsIdentity()
const name = varchar('name', { length: 40 }).notNull()
const cents = integer('cents').notNull().default(0)
const fullName = text('full_name').notNull()
const amount = numeric('amount', { precision: 12, scale: 2 }).notNull().default('0')

const pets = pgTable('pets', { id: id(), name: text('name').notNull(), ownerId: integer('owner_id').notNull() })
const people = pgTable('people', {
  id: id(),
  name: migrating(name, { to: fullName, flag: NAME_FLAG }),
  cents: migrating(cents, { to: amount, forward: AMOUNT_FORWARD, backward: AMOUNT_BACKWARD, flag: AMOUNT_FLAG }),
})
export const schema = { people, pets }

/** What the drivers have in place of each other's. */
interface WriteResult {
  readonly rowCount?: number | null
  readonly count?: number
  readonly affectedRows?: number
}

const countOf = ({ rowCount, count, affectedRows }: WriteResult): number => rowCount ?? count ?? affectedRows ?? 0

const rowsOf = (result: { readonly rows: Record<string, unknown>[] }): readonly Record<string, unknown>[] =>
  Array.isArray(result) ? [...result] : result.rows

export function sessionOn(
  db: Pick<NodePgDatabase, 'select' | 'insert' | 'update' | 'delete' | 'execute' | 'transaction'>,
): ContractSession {
  return {
    async add(person) {
      const [added] = await db.insert(people).values(person).returning()
      if (added === undefined) throw new Error('INSERT returned no row')
      return added
    },
    addAll: async (all) => void (await db.insert(people).values([...all])),
    find: async (key) => (await db.select().from(people).where(eq(people.id, key)))[0],
    named: (prefix) =>
      db
        .select()
        .from(people)
        .where(like(people.name, `${prefix}%`))
        .orderBy(asc(people.name)),
    owners: () =>
      db
        .select({ pet: pets.name, owner: people.name })
        .from(pets)
        .innerJoin(people, eq(people.id, pets.ownerId))
        .orderBy(pets.name),
    rename: async (key, to) => countOf(await db.update(people).set({ name: to }).where(eq(people.id, key))),
    pay: async (key, more) =>
      void (await db
        .update(people)
        .set({ cents: sql`${people.cents} + ${more}` })
        .where(eq(people.id, key))),
    remove: async (key) => countOf(await db.delete(people).where(eq(people.id, key))),
    sql: async (statement, values) => rowsOf(await db.execute(withValues(statement, values))),
    transaction: (work) => db.transaction((tx) => work(sessionOn(tx))),
  }
}

/** Text with `$1` as Drizzle writes it. */
const withValues = (statement: string, values: readonly unknown[]) =>
  sql.join(
    statement
      .split(/\$(\d+)/u)
      .map((part, index) => (index % 2 === 0 ? sql.raw(part) : sql`${values[Number(part) - 1]}`)),
  )

export const DECLARED: Readonly<Record<Declared, Record<string, unknown>>> = {
  before: { pets, people: pgTable('people', { id: id(), name, cents }) },
  migrating: physicalTables(schema),
  after: { pets, people: pgTable('people', { id: id(), fullName, amount }) },
}

export const drizzleAdapter: ContractAdapter = {
  name: 'Drizzle on node-postgres',
  cannot: {},
  createDatabase: onNewestServer,
  async open({ database: { url }, catalogRefreshMs, runtime: options }) {
    const runtime = await createRuntime({ ...options, migrations: migrationsOf(schema) })
    const pool = instrumentedPool(runtime, { connectionString: url }, { catalogRefreshMs })
    const db = drizzle({ client: pool })
    return {
      ...sessionOn(db),
      runtime,
      // Drizzle has no streams of its own: it writes the statement, and pg streams the rows.
      async *stream() {
        const { sql: statement, params } = db.select().from(people).orderBy(people.id).toSQL()
        const client = await pool.connect()
        try {
          yield* client.query(new QueryStream(statement, params, { batchSize: 1 }))
        } finally {
          client.release()
        }
      },
      async close() {
        await pool.end()
        await runtime.close()
      },
    }
  },
  async generate({ url }, declared) {
    const pool = new pg.Pool({ connectionString: url })
    try {
      const { statementsToExecute } = await pushSchema(DECLARED[declared], drizzle({ client: pool }))
      return statementsToExecute
    } finally {
      await pool.end()
    }
  },
}
