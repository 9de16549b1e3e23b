import { EventEmitter } from 'node:events'
import { createRuntime, fixedFlags, renameColumn } from '@expand-contract/core'
import { instrumentedClient, instrumentedPool, type PgModule } from '@expand-contract/pg'
import pg from 'pg'
import pgOldest from 'pg-oldest'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { readSwitch } from '../support/read-switch.ts'
import { pause } from './engine-fixture.ts'

const SQL = "create table users (id int primary key, name text); insert into users values (1, 'ann')"
const LEASE = 40

/** The range of peer versions, of which an application or an ORM may bring any. */
const DRIVERS: readonly (readonly [string, PgModule])[] = [
  ['the newest pg', pg],
  ['the oldest pg', pgOldest as unknown as PgModule],
]

describe.each(DRIVERS)('%s', (_, driver) => {
  let database: TestDatabase
  let pool: pg.Pool
  let bare: pg.Client

  beforeEach(async () => {
    database = await createDatabase(newestMajor(), { sql: SQL })
  })
  afterEach(async () => {
    await bare?.end()
    await pool?.end()
    await database?.drop()
  })

  test('is carried through a whole migration: pool, named statements, transactions, events, errors', async () => {
    const flags = fixedFlags({ 'read-new': false })
    const migrations = [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'read-new' })]
    const runtime = await createRuntime({ migrations, flags, phases: readSwitch(migrations) })
    const options = { pg: driver, catalogRefreshMs: LEASE }
    pool = instrumentedPool(runtime, { connectionString: database.url }, options)
    expect(pool).toBeInstanceOf(driver.Pool)
    bare = new driver.Client({ connectionString: database.url })
    await bare.connect()
    // A new object each time: older versions of pg write the callback of the pool into it.
    const all = () => ({ name: 'all', text: 'select * from users order by id' })

    expect((await pool.query(all())).rows).toEqual([{ id: 1, name: 'ann' }])
    await bare.query('alter table users add full_name text')
    await pause(LEASE)
    await pool.query('insert into users (id, name) values ($1, $2)', [2, 'bob'])
    expect((await bare.query('select full_name from users where id = 2')).rows).toEqual([{ full_name: 'bob' }])
    await bare.query('update users set full_name = name')
    flags.set('read-new', true)

    const client = await pool.connect()
    await client.query('begin')
    expect((await client.query(all())).rows.map(({ name }) => name)).toEqual(['ann', 'bob'])
    flags.set('read-new', false)
    const rows: unknown[] = []
    await new Promise((resolve, reject) => {
      const query = client.query(new driver.Query('select name from users where id = 2'))
      query.on('row', (row) => rows.push(row))
      query.on('error', reject)
      query.on('end', resolve)
    })
    expect(rows).toEqual([{ name: 'bob' }])
    await client.query('commit')
    client.release()

    await bare.query('alter table users drop name')
    expect((await pool.query(all())).rows.map(({ name }) => name)).toEqual(['ann', 'bob'])
    const wrong = 'insert into users (id, name) values (3, null) returning nothing'
    const position = String(wrong.indexOf('nothing') + 1)
    await expect(pool.query(wrong)).rejects.toMatchObject({ code: '42703', position })
  })
})

test('what cannot be built on is refused by name', async () => {
  const runtime = await createRuntime({ migrations: [] })
  class NativeQuery {
    submit(): void {}
  }
  const native = { ...pg, Query: NativeQuery } as unknown as PgModule
  expect(() => instrumentedClient(runtime, { pg: native })).toThrow(/EC_DRIVER.*pg-native/u)
  const strange = { ...pg, Client: class Strange {} } as unknown as PgModule
  expect(() => instrumentedClient(runtime, { pg: strange })).toThrow(/EC_DRIVER/u)
})

test('a connection that tells nothing, as the doubles of pg’s own tests do, is taken for an idle one', async () => {
  const runtime = await createRuntime({ migrations: [renameColumn({ table: 'users', from: 'name', to: 'full_name' })] })
  const sent: string[] = []
  const methods = {
    parsedStatements: {},
    submittedNamedStatements: {},
    startup: () => undefined,
    stream: { setNoDelay: () => undefined },
    connect: () => undefined,
    end: () => undefined,
  }
  const connection = Object.assign(new EventEmitter(), methods, { query: (text: string) => sent.push(text) })
  const Client = instrumentedClient(runtime, { readCatalogOnConnect: false })
  const client = new Client({ connection } as unknown as pg.ClientConfig)
  const connected = client.connect()
  connection.emit('connect')
  connection.emit('readyForQuery')
  await connected
  const begun = client.query('begin')
  await expect.poll(() => sent, { timeout: 60_000 }).toEqual(['begin'])
  connection.emit('commandComplete', {})
  connection.emit('readyForQuery')
  expect((await begun).rows).toEqual([])
  connection.emit('readyForQuery')
})
