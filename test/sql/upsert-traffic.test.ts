import { createRuntime } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import { instrumentedSql } from '@expand-contract/postgres-js'
import pg from 'pg'
import postgres from 'postgres'
import { expect, test } from 'vitest'
import { createDatabase, postgresMajors } from '../support/postgres.ts'
import { readSwitch } from '../support/read-switch.ts'
import { BOTH_UNIQUE, MIGRATIONS, UPSERT } from './overtaken-upserts.ts'

const ROUNDS = 40

type Work = (key: string) => Promise<unknown>

/** Writers that upsert one key each, by every driver, by themselves and in transactions. */
const writers = (pool: pg.Pool, sql: postgres.Sql): readonly Work[] => [
  (key) => pool.query(UPSERT, [key]),
  (key) => pool.query(`${UPSERT} returning hits`, [key]),
  async (key) => {
    const client = await pool.connect()
    await client.query('begin')
    await client.query(UPSERT, [key])
    await client.query('commit')
    client.release()
  },
  async (key) => {
    const client = await pool.connect()
    await client.query('begin')
    await client.query(UPSERT, [`${key} first`])
    await client.query(UPSERT, [key])
    await client.query('commit')
    client.release()
  },
  (key) => sql.unsafe(UPSERT, [key]),
  (key) => sql.begin((tx) => tx.unsafe(UPSERT, [`${key} first`]).then(() => tx.unsafe(UPSERT, [key]))),
  (key) =>
    pool.query(
      'insert into accounts (login) values ($1), ($2) on conflict (login) do update set hits = accounts.hits + 1',
      [`${key} first`, key],
    ),
  (key) => pool.query('insert into accounts (login) values ($1) on conflict (login) do nothing', [key]),
]

async function hits(url: string, pool: pg.Pool, sql: postgres.Sql): Promise<readonly unknown[]> {
  const all = writers(pool, sql)
  for (let round = 0; round < ROUNDS; round++) await Promise.all(all.map((write) => write(`k${round}`)))
  await Promise.all([pool.end(), sql.end()])
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query('select login, hits from accounts order by login')
  await client.end()
  return rows
}

test.each(postgresMajors())(
  'many sessions that upsert the same new keys lose none, and none fails, on PostgreSQL %i',
  async (major) => {
    const database = await createDatabase(major, { sql: BOTH_UNIQUE })
    const runtime = await createRuntime({ migrations: MIGRATIONS, phases: readSwitch(MIGRATIONS) })
    const pool = instrumentedPool(runtime, { connectionString: database.url, max: 8 })
    const sql = instrumentedSql(runtime, postgres(database.url, { max: 3 })) as postgres.Sql
    const own = await hits(database.url, pool, sql)
    await runtime.close()
    await database.drop()

    const { length } = own
    expect(length).toBe(2 * ROUNDS)
    // DO NOTHING counts where it was the first, and no more.
    for (const row of own as { login: string; hits: number }[])
      expect(row.hits - (row.login.endsWith('first') ? 3 : 7)).toBeOneOf(row.login.endsWith('first') ? [0] : [0, 1])
  },
)
