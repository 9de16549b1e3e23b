import { createRuntime, renameColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newestMajor } from '../support/postgres.ts'
import { EngineFixture, sentBy } from './engine-fixture.ts'

const SQL =
  "create table users (id int primary key, name text, full_name text); insert into users values (1, 'ann', 'ann')"
const MIGRATIONS = [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })]
const READ = 'select name from users'

describe('a connection', () => {
  let fixture: EngineFixture

  beforeEach(async () => {
    fixture = await EngineFixture.open(newestMajor(), { sql: SQL, migrations: MIGRATIONS, catalogRefreshMs: 60_000 })
  })
  afterEach(async () => {
    await fixture?.close()
  })

  /** Makes every reading of the catalog wait until the returned function is called. */
  const holdCatalog = async (): Promise<() => Promise<unknown>> => {
    const blocker = await fixture.another()
    await blocker.query('begin; lock table pg_catalog.pg_inherits in access exclusive mode')
    return () => blocker.query('rollback')
  }
  const backendOf = (client: pg.Client): number => (client as unknown as { processID: number }).processID

  test('statements may be queued before it is there', async () => {
    const client = fixture.unconnected()
    const early = [client.query(READ), client.query('select 1 as name'), client.query(READ)]
    await client.connect()
    expect((await Promise.all(early)).map(({ rows }) => rows[0].name)).toEqual(['ann', 1, 'ann'])
  })

  test('connects with a callback', async () => {
    const client = fixture.unconnected()
    const rows = await new Promise((resolve, reject) => {
      client.connect((error: Error | null) => {
        if (error) reject(error)
        else client.query(READ, (failed, result) => (failed ? reject(failed) : resolve(result.rows)))
      })
    })
    expect(rows).toEqual([{ name: 'ann' }])
  })

  test('refuses to connect as pg does', async () => {
    const client = fixture.unconnected({
      connectionString: fixture.database.url.replace(fixture.database.name, 'nowhere'),
    })
    const queued = client.query(READ).catch((error: Error) => error)
    await expect(client.connect()).rejects.toMatchObject({ code: '3D000' })
    expect(await queued).toBeInstanceOf(Error)
  })

  test('is lost while the catalog is read: the statement fails with that', async () => {
    const client = await fixture.client()
    client.on('error', () => {})
    const release = await holdCatalog()
    const results = Promise.allSettled([client.query(READ), client.query('select 1')])
    await fixture.waits(client)
    await fixture.bare.query('select pg_terminate_backend($1)', [backendOf(client)])
    const [first, second] = await results
    expect(first).toMatchObject({ status: 'rejected' })
    expect(second).toMatchObject({ status: 'rejected' })
    await release()
    const next = await fixture.client()
    expect((await next.query(READ)).rows).toEqual([{ name: 'ann' }])
  })

  test('is ended while the catalog is read', async () => {
    const client = await fixture.client()
    const release = await holdCatalog()
    const result = client.query(READ).catch((error: Error) => error)
    await fixture.waits(client)
    await client.end()
    expect(await result).toMatchObject({ message: 'Connection terminated' })
    await release()
  })

  test('query_timeout covers the reading of the catalog, and the statement is not sent afterwards', async () => {
    const client = await fixture.client()
    const release = await holdCatalog()
    const sent = sentBy(client)
    const write = { text: "update users set name = 'late'", query_timeout: 50 } as pg.QueryConfig
    await expect(client.query(write)).rejects.toThrow('Query read timeout')
    await release()
    expect((await client.query(READ)).rows).toEqual([{ name: 'ann' }])
    expect(sent.some((text) => text.includes('late'))).toBe(false)
  })

  test('query_timeout of the client and of the query', async () => {
    const client = await fixture.client({ query_timeout: 1_000 })
    await client.query({ text: READ, query_timeout: 60_000 } as pg.QueryConfig)
    await expect(client.query('select pg_sleep(1.5), name from users')).rejects.toThrow('Query read timeout')
    const patient = { text: 'select name, pg_sleep(1.2) from users', query_timeout: 20_000 } as pg.QueryConfig
    expect((await client.query(patient)).rows).toHaveLength(1)
    const hasty = { text: 'select name, pg_sleep(0.5) from users', query_timeout: 100 } as pg.QueryConfig
    await expect(client.query(hasty)).rejects.toThrow('Query read timeout')
  })

  test('a statement after the end fails as with pg', async () => {
    const client = await fixture.client()
    await client.end()
    await expect(client.query(READ)).rejects.toThrow('Client was closed and is not queryable')
    await expect(client.query('select 1')).rejects.toThrow('Client was closed and is not queryable')
  })

  test('notices and notifications arrive', async () => {
    const client = await fixture.client()
    const seen: unknown[] = []
    client.on('notice', (notice) => seen.push(notice.message))
    client.on('notification', ({ channel, payload }) => seen.push(`${channel} ${payload}`))
    await client.query('listen news')
    await client.query(`do $$ begin raise notice 'hello'; end $$`)
    await client.query("notify news, 'users'")
    await client.query(READ)
    expect(seen).toEqual(['hello', 'news users'])
  })

  test('type parsers of the application do not disturb the reading of the catalog', async () => {
    const client = await fixture.client()
    for (const oid of [16, 20, 23, 25, 114, 1009]) client.setTypeParser(oid, () => 'spoilt')
    expect((await client.query(READ)).rows).toEqual([{ name: 'spoilt' }])
  })

  test('a binary client gets its values, and the catalog is read as text', async () => {
    const client = await fixture.client({ binary: true } as pg.ClientConfig)
    expect((await client.query('select id, name from users')).rows).toEqual([{ id: 1, name: 'ann' }])
  })

  test('a domain of requests keeps one client each from a pool, and all share one catalog', async () => {
    const pool = fixture.pool({ max: 4 })
    const sent: string[][] = []
    pool.on('connect', (client) => sent.push(sentBy(client)))
    await pool.query(READ)
    await Promise.all(Array.from({ length: 12 }, () => pool.query(READ)))
    expect(sent.length).toBeGreaterThan(1)
    expect(sent.flat().filter((text) => text === '<content>')).toHaveLength(1)
  })
})

describe('what is handed over', () => {
  test('a pool is a pg.Pool, of which ORMs can tell it is one', async () => {
    const runtime = await createRuntime({ migrations: MIGRATIONS })
    const pool = instrumentedPool(runtime, { password: 'secret', max: 3 })
    expect(pool).toBeInstanceOf(pg.Pool)
    expect(pool.constructor.name).toContain('Pool')
    expect(pool.options.max).toBe(3)
    expect(JSON.stringify(pool.options)).not.toContain('secret')
    await pool.end()
  })
})
