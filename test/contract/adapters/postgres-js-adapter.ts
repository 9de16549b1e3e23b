import { createRuntime } from '@expand-contract/core'
import { instrumentedSql } from '@expand-contract/postgres-js'
import postgres from 'postgres'
import { type ContractAdapter, type ContractSession, onNewestServer, type Person } from '../contract-adapter.ts'
import { MIGRATIONS } from './pg-adapter.ts'

type Statements = Pick<postgres.Sql, 'unsafe'> & postgres.ISql

/** Tagged templates with helpers and fragments, as an application on postgres-js writes them. */
function sessionOn(sql: Statements, transaction: ContractSession['transaction']): ContractSession {
  const columns = sql(['id', 'name', 'cents'])
  return {
    async add(person) {
      const [added] = await sql<Person[]>`insert into people ${sql(person, 'name', 'cents')} returning ${columns}`
      if (added === undefined) throw new Error('INSERT returned no row')
      return added
    },
    addAll: async (people) => void (await sql`insert into people ${sql([...people], 'name', 'cents')}`),
    find: async (id) => (await sql<Person[]>`select ${columns} from people ${sql`where id = ${id}`}`)[0],
    named: async (prefix) => [
      ...(await sql<Person[]>`select ${columns} from people where name like ${`${prefix}%`} order by name`),
    ],
    owners: async () => [
      ...(await sql<{ pet: string; owner: string }[]>`
        select t.name as pet, p.name as owner from pets t join people p on p.id = t.owner_id order by t.name`),
    ],
    rename: async (id, name) => (await sql`update people set ${sql({ name })} where id = ${id}`).count,
    pay: async (id, cents) => void (await sql`update people set cents = cents + ${cents} where id = ${id}`),
    remove: async (id) => (await sql`delete from people where id = ${id}`).count,
    sql: async (text, values) => [...(await sql.unsafe(text, [...values] as never[]))],
    transaction,
  }
}

const within = (tx: postgres.TransactionSql): ContractSession =>
  sessionOn(tx, (work) => tx.savepoint((nested) => work(within(nested))) as never)

export const postgresJsAdapter: ContractAdapter = {
  name: 'plain postgres-js',
  cannot: { generate: 'postgres-js has no tool that writes migrations' },
  createDatabase: onNewestServer,
  async open({ database: { url }, catalogRefreshMs, runtime: options }) {
    const runtime = await createRuntime({ ...options, migrations: MIGRATIONS })
    const sql = instrumentedSql(runtime, postgres(url, { max: 3 }), { catalogRefreshMs })
    return {
      ...sessionOn(sql, (work) => sql.begin((tx) => work(within(tx))) as never),
      runtime,
      async *stream() {
        for await (const people of sql<Person[]>`select id, name, cents from people order by id`.cursor(1))
          yield* people
      },
      async close() {
        await sql.end()
        await runtime.close()
      },
    }
  },
  generate: () => Promise.reject(new Error('postgres-js has no tool that writes migrations')),
}
