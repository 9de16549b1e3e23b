import { databasePhases } from '@expand-contract/control'
import { createRuntime, fixedFlags, renameColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import { backfill, syncNames, verify } from '@expand-contract/runner'
import type pg from 'pg'
import { describe, expect, test } from 'vitest'
import { pgbouncerProgram, startPgBouncer } from '../support/pgbouncer.ts'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'

/** Failures of others in the field, by their numbers in PEERS.md, that no other file has; each says what has to hold here. */

const SCHEMA =
  "create table users (id int primary key, name text); insert into users select n, 'n' || n from generate_series(1, 50) n;"
const RENAME = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'read' })
const program = pgbouncerProgram()
if (program === undefined) console.log('PgBouncer is not installed, so SELECT * was tried on direct connections alone.')

async function applicationOf(url: string, flags = fixedFlags({ read: false })) {
  const runtime = await createRuntime({ migrations: [RENAME], flags, phases: databasePhases() })
  const pool = instrumentedPool(runtime, { connectionString: url, max: 1 }, { catalogRefreshMs: 0 })
  return {
    pool,
    flags,
    async close() {
      await pool.end()
      await runtime.close()
    },
  }
}

const fill = (db: ExpandedDatabase, migration = RENAME) =>
  backfill({ migration, client: db.client, worker: 'test', ddl: async (text) => void (await db.client.query(text)) })

describe.each(postgresMajors())('PostgreSQL %i', (major) => {
  test('PEERS 2: names of 63 bytes that differ in the last ones have triggers and functions of their own', async () => {
    const long = (end: string): string => `${'n'.repeat(62)}${end}`
    const tables = ['1', '2'].map((end) => ({ table: long(end), from: long('a'), to: long('b') }))
    const sql = tables.map(
      ({ table, from }) =>
        `create table ${table} (id int, ${from} text); insert into ${table} values (1, 'of before');`,
    )
    const db = await ExpandedDatabase.open(major, sql.join('\n'))
    const migrations = tables.map((each) => renameColumn(each))
    const names = migrations.flatMap((migration) => Object.values(syncNames(migration)))
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => Buffer.byteLength(name) > 63)).toEqual([])
    for (const migration of migrations) await db.expand(migration)
    for (const [index, { table, from, to }] of tables.entries()) {
      await fill(db, migrations[index])
      await db.client.query(
        `insert into ${table} (id, ${from}) values (2, 'by old'); insert into ${table} (id, ${to}) values (3, 'by new')`,
      )
      expect(await db.rows(`select id, ${from} as old, ${to} as new from ${table} order by id`)).toEqual(
        ['of before', 'by old', 'by new'].map((value, at) => ({ id: at + 1, old: value, new: value })),
      )
    }
    await db.close()
  })

  test('PEERS 7: a stretch without rows does not end a backfill', async () => {
    const db = await ExpandedDatabase.open(
      major,
      `create table users (id int primary key, name text) with (autovacuum_enabled = off);
       insert into users select n, repeat('x', 900) || n from generate_series(1, 3000) n`,
    )
    // Three hundred blocks of which the first and the last have rows; then the first is empty as well.
    await db.client.query('delete from users where id between 10 and 2990')
    await db.client.query('delete from users where id < 10')
    await db.expand(RENAME)
    expect(await fill(db)).toMatchObject({ ended: 'done', progress: { rows: 10, done: true } })
    expect(await verify({ migration: RENAME, client: db.client, who: 'test' })).toMatchObject({ clean: true, rows: 10 })
    await db.close()
  })

  const routes = program === undefined ? ['direct'] : ['direct', 'through PgBouncer']
  test.each(routes)(
    'PEERS 12: SELECT * and RETURNING *, prepared and in a transaction, across every DDL, %s',
    async (route) => {
      const db = await ExpandedDatabase.open(major, SCHEMA)
      const bouncer = route === 'direct' ? undefined : await startPgBouncer(program ?? '', db.database.url)
      const application = await applicationOf(bouncer?.url ?? db.database.url)
      // A pooler below 1.21 hands a connection without its prepared statements to the next client.
      const named = (text: string): pg.QueryConfig =>
        bouncer === undefined ? { name: text.slice(0, 30), text } : { text }
      const everything = async (): Promise<void> => {
        const client = await application.pool.connect()
        await client.query('begin')
        const { rows } = await client.query(named('select * from users where id = 1'))
        expect(rows).toEqual([{ id: 1, name: 'n1' }])
        const updated = await client.query(named("update users set name = 'n1' where id = 1 returning *"))
        expect(updated.rows).toEqual([{ id: 1, name: 'n1' }])
        await client.query('commit')
        client.release()
      }
      await everything()
      for (let times = 1; times <= 2; times++) {
        await db.expand(RENAME)
        await everything()
        await fill(db)
        await db.client.query("update expand_contract.migrations set phase = 'switch', epoch = epoch + 1")
        application.flags.set('read', true)
        await everything()
        await db.client.query("update expand_contract.migrations set phase = 'expand', epoch = epoch + 1")
        await everything()
        await db.rollback(RENAME)
        await everything()
      }
      await application.close()
      await bouncer?.stop()
      await db.close()
    },
  )

  test('PEERS 14: what was written while the new column was read is in the old one, behind the way back; a cancelled statement has written neither', async () => {
    const db = await ExpandedDatabase.open(major, SCHEMA)
    const application = await applicationOf(db.database.url)
    await db.expand(RENAME)
    await fill(db)
    await db.client.query("update expand_contract.migrations set phase = 'switch', epoch = epoch + 1")
    application.flags.set('read', true)
    await application.pool.query("update users set name = 'by the application' where id = 1")
    await db.client.query("update users set full_name = 'by somebody else' where id = 2")

    const holder = await db.connect()
    await holder.query('begin; select from users where id = 3 for update')
    const client = await application.pool.connect()
    await client.query('set statement_timeout = 100')
    await expect(client.query("update users set name = 'cancelled' where id = 3")).rejects.toMatchObject({
      code: '57014',
    })
    await holder.query('commit')
    await client.query('reset statement_timeout')
    client.release()
    const values = () => db.rows('select id, name from users where id < 4 order by id')
    expect(await db.rows('select id from users where full_name is distinct from name')).toEqual([])
    const expected = ['by the application', 'by somebody else', 'n3'].map((name, at) => ({ id: at + 1, name }))
    expect(await values()).toEqual(expected)
    await db.client.query("update expand_contract.migrations set phase = 'expand', epoch = epoch + 1")
    await db.rollback(RENAME)
    expect(await values()).toEqual(expected)
    expect((await application.pool.query('select * from users where id < 4 order by id')).rows).toEqual(expected)
    await application.close()
    await db.close()
  })
})
