import type { Results, Transaction } from '@electric-sql/pglite'
import { createRuntime } from '@expand-contract/core'
import { instrumentedPGlite } from '@expand-contract/pglite'
import { createPGliteDatabase, type PGliteDatabase } from '../../support/pglite.ts'
import type { ContractAdapter, ContractSession, NewPerson, Person } from '../contract-adapter.ts'
import { MIGRATIONS } from './pg-adapter.ts'

const NO_TOOL = 'PGlite has no tool that writes migrations'

/** Tagged templates, as an application on PGlite writes them. */
function sessionOn(
  db: Pick<Transaction, 'sql' | 'query'>,
  transaction: ContractSession['transaction'],
): ContractSession {
  const first = <Row>({ rows: [row] }: Results<Row>): Row | undefined => row
  const count = ({ affectedRows = 0 }: Results): number => affectedRows
  const add = ({ name, cents }: NewPerson): Promise<Results<Person>> =>
    db.sql<Person>`insert into people (name, cents) values (${name}, ${cents}) returning id, name, cents`
  return {
    async add(person) {
      const added = first(await add(person))
      if (added === undefined) throw new Error('INSERT returned no row')
      return added
    },
    async addAll(people) {
      const columns = [people.map(({ name }) => name), people.map(({ cents }) => cents)]
      await db.query('insert into people (name, cents) select * from unnest($1::text[], $2::int[])', columns)
    },
    find: async (id) => first(await db.sql<Person>`select id, name, cents from people where id = ${id}`),
    named: async (prefix) =>
      (await db.sql<Person>`select id, name, cents from people where name like ${`${prefix}%`} order by name`).rows,
    owners: async () =>
      (
        await db.query<{ pet: string; owner: string }>(
          'select t.name as pet, p.name as owner from pets t join people p on p.id = t.owner_id order by t.name',
        )
      ).rows,
    rename: async (id, name) => count(await db.sql`update people set name = ${name} where id = ${id}`),
    pay: async (id, cents) => void (await db.sql`update people set cents = cents + ${cents} where id = ${id}`),
    remove: async (id) => count(await db.sql`delete from people where id = ${id}`),
    sql: async (text, values) => (await db.query<Record<string, unknown>>(text, [...values])).rows,
    transaction,
  }
}

const within = (tx: Transaction): ContractSession =>
  sessionOn(tx, async (work) => {
    await tx.exec('savepoint nested')
    try {
      const result = await work(within(tx))
      await tx.exec('release nested')
      return result
    } catch (error) {
      await tx.exec('rollback to nested')
      throw error
    }
  })

export const NO_STREAM = 'PGlite hands out a result as a whole'

export const pgliteAdapter: ContractAdapter<PGliteDatabase> = {
  name: 'plain PGlite',
  cannot: { stream: NO_STREAM, generate: NO_TOOL },
  createDatabase: createPGliteDatabase,
  async open({ database: { pglite }, catalogRefreshMs, runtime: options }) {
    const runtime = await createRuntime({ ...options, migrations: MIGRATIONS })
    const db = instrumentedPGlite(runtime, pglite, { catalogRefreshMs })
    return {
      ...sessionOn(db, (work) => db.transaction((tx) => work(within(tx)))),
      runtime,
      stream: () => {
        throw new Error(NO_STREAM)
      },
      close: () => runtime.close(),
    }
  },
  generate: () => Promise.reject(new Error(NO_TOOL)),
}
