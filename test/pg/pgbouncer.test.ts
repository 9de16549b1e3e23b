import { createRuntime, fixedFlags, renameColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import { expect, onTestFinished, test } from 'vitest'
import { pgbouncerProgram, startPgBouncer } from '../support/pgbouncer.ts'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { queryServer } from '../support/query-server.ts'
import { readSwitch } from '../support/read-switch.ts'

const MIGRATION = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'read-new' })
const program = pgbouncerProgram()
if (program === undefined) console.log('PgBouncer is not installed, so nothing was tried through it.')

/** More of them than PgBouncer has connections to the server. */
const WORKERS = 6

test.skipIf(program === undefined)('a migration goes through PgBouncer in transaction mode', async () => {
  const database = await createDatabase(newestMajor(), { sql: 'create table users (id serial primary key, name text)' })
  const bouncer = await startPgBouncer(program ?? '', database.url)
  onTestFinished(async () => {
    await bouncer.stop()
    await database.drop()
  })
  const flags = fixedFlags({ 'read-new': false })
  const runtime = await createRuntime({ migrations: [MIGRATION], flags, phases: readSwitch([MIGRATION]) })
  const pool = instrumentedPool(runtime, { connectionString: bouncer.url, max: WORKERS }, { catalogRefreshMs: 50 })
  let working = true
  const failures: unknown[] = []
  const work = async (): Promise<void> => {
    while (working) {
      const client = await pool.connect()
      try {
        const { rows } = await client.query('insert into users (name) values ($1) returning id, name', ['Ada'])
        await client.query('begin')
        await client.query('update users set name = name || $1 where id = $2', [' Lovelace', rows[0].id])
        const read = await client.query('select name from users where id = $1', [rows[0].id])
        await client.query('commit')
        expect(read.rows).toEqual([{ name: 'Ada Lovelace' }])
      } catch (error) {
        failures.push(error)
      } finally {
        client.release()
      }
    }
  }
  const workers = Array.from({ length: WORKERS }, work)
  const count = async (what: string): Promise<number> => {
    const { rows } = await queryServer(database.url, `select count(*)::int as n from users where ${what}`)
    return rows[0].n
  }
  const someMore = async (what: string): Promise<void> => {
    const before = await count(what)
    await expect.poll(() => count(what), { timeout: 60_000 }).toBeGreaterThan(before + 3 * WORKERS)
  }
  await someMore('true')
  await queryServer(database.url, 'alter table users add full_name text')
  await someMore('full_name is not null')
  await queryServer(database.url, 'update users set full_name = name where full_name is distinct from name')
  flags.set('read-new', true)
  await someMore('true')
  working = false
  await Promise.all(workers)
  expect(failures).toEqual([])
  expect(await count('full_name is distinct from name')).toBe(0)
  await pool.end()
  await runtime.close()
})
