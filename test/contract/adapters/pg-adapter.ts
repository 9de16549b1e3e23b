import { createRuntime, defineMigration, renameColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import type pg from 'pg'
import QueryStream from 'pg-query-stream'
import { type ContractAdapter, type ContractSession, onNewestServer, type Person } from '../contract-adapter.ts'
import { AMOUNT_BACKWARD, AMOUNT_FLAG, AMOUNT_FORWARD, NAME_FLAG } from '../contract-schema.ts'

export const MIGRATIONS = [
  renameColumn({ table: 'people', from: 'name', to: 'full_name', flag: NAME_FLAG }),
  defineMigration({
    table: 'people',
    old: { cents: 'integer' },
    new: { amount: 'numeric(12,2)' },
    forward: { amount: AMOUNT_FORWARD },
    backward: { cents: AMOUNT_BACKWARD },
    flag: AMOUNT_FLAG,
  }),
]

const COLUMNS = 'id, name, cents'

function sessionOn(client: pg.Pool | pg.PoolClient, transaction: ContractSession['transaction']): ContractSession {
  const rows = async <Row>(text: string, values: readonly unknown[]): Promise<readonly Row[]> =>
    (await client.query(text, [...values])).rows
  const count = async (text: string, values: readonly unknown[]): Promise<number> =>
    (await client.query(text, [...values])).rowCount ?? 0
  const first = <Row>([row]: readonly Row[]): Row | undefined => row
  return {
    async add({ name, cents }) {
      const text = `insert into people (name, cents) values ($1, $2) returning ${COLUMNS}`
      const added = first(await rows<Person>(text, [name, cents]))
      if (added === undefined) throw new Error('INSERT returned no row')
      return added
    },
    async addAll(people) {
      const values = people.map((_, index) => `($${index * 2 + 1}, $${index * 2 + 2})`).join(', ')
      await count(
        `insert into people (name, cents) values ${values}`,
        people.flatMap(({ name, cents }) => [name, cents]),
      )
    },
    find: async (id) => first(await rows<Person>(`select ${COLUMNS} from people where id = $1`, [id])),
    named: (prefix) => rows(`select ${COLUMNS} from people where name like $1 order by name`, [`${prefix}%`]),
    owners: () =>
      rows('select t.name as pet, p.name as owner from pets t join people p on p.id = t.owner_id order by t.name', []),
    rename: (id, name) => count('update people set name = $2 where id = $1', [id, name]),
    pay: async (id, cents) => void (await count('update people set cents = cents + $2 where id = $1', [id, cents])),
    remove: (id) => count('delete from people where id = $1', [id]),
    sql: (text, values) => rows(text, values),
    transaction,
  }
}

const within = (client: pg.PoolClient): ContractSession =>
  sessionOn(client, async (work) => {
    await client.query('savepoint nested')
    try {
      const result = await work(within(client))
      await client.query('release nested')
      return result
    } catch (error) {
      await client.query('rollback to nested')
      throw error
    }
  })

export const pgAdapter: ContractAdapter = {
  name: 'plain pg',
  cannot: { generate: 'pg has no tool that writes migrations' },
  createDatabase: onNewestServer,
  async open({ database: { url }, catalogRefreshMs, runtime: options }) {
    const runtime = await createRuntime({ ...options, migrations: MIGRATIONS })
    const pool = instrumentedPool(runtime, { connectionString: url }, { catalogRefreshMs })
    const session = sessionOn(pool, async (work) => {
      const client = await pool.connect()
      try {
        await client.query('begin')
        const result = await work(within(client))
        await client.query('commit')
        return result
      } catch (error) {
        await client.query('rollback')
        throw error
      } finally {
        client.release()
      }
    })
    return {
      ...session,
      runtime,
      async *stream() {
        const client = await pool.connect()
        try {
          yield* client.query(new QueryStream(`select ${COLUMNS} from people order by id`, [], { batchSize: 1 }))
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
  generate: () => Promise.reject(new Error('pg has no tool that writes migrations')),
}
