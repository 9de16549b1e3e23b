import { createRuntime, renameColumn } from '@expand-contract/core'
import { instrumentedClient } from '@expand-contract/pg'
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors } from '../support/postgres.ts'
import { EngineFixture, sentBy } from './engine-fixture.ts'

const SQL =
  "create table users (id int primary key, name text, full_name text); insert into users values (1, 'ann', 'ann')"
const MIGRATIONS = [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })]
const READ = 'select name from users'

describe.each(postgresMajors())('PostgreSQL %i: connecting', (major) => {
  let fixture: EngineFixture

  beforeEach(async () => {
    const options = { catalogRefreshMs: 60_000, readCatalogOnConnect: true }
    fixture = await EngineFixture.open(major, { sql: SQL, migrations: MIGRATIONS, ...options })
  })
  afterEach(async () => {
    await fixture?.close()
  })

  test('reads the catalog, so that no first statement waits for it', async () => {
    const first = fixture.unconnected()
    const sent = sentBy(first)
    await first.connect()
    expect(sent).toEqual(['<content>'])
    await first.query(READ)
    expect(sent).toEqual(['<content>', READ])
    const second = fixture.unconnected()
    const sentBySecond = sentBy(second)
    await new Promise((resolve) => second.connect(resolve))
    await second.query(READ)
    expect(sentBySecond).toEqual(['<path>', READ])
  })

  test('many at once read it once', async () => {
    const clients = Array.from({ length: 6 }, () => fixture.unconnected())
    const sent = clients.map(sentBy)
    const connected = await Promise.all(clients.map((client) => client.connect()))
    expect(connected.every((client) => clients.includes(client as unknown as pg.Client))).toBe(true)
    expect(sent.flat().filter((text) => text === '<content>')).toHaveLength(1)
  })

  test('a statement that was queued before reads it, and no other', async () => {
    const client = fixture.unconnected()
    const sent = sentBy(client)
    const early = client.query(READ)
    await client.connect()
    expect((await early).rows).toEqual([{ name: 'ann' }])
    expect(sent).toEqual(['<content>', READ])
  })

  test('a pool that gives up idle clients soon loses no statement of one that was released at once', async () => {
    const pool = fixture.pool({ idleTimeoutMillis: 50 })
    const client = await pool.connect()
    const answer = client.query(READ)
    client.release()
    expect((await answer).rows).toEqual([{ name: 'ann' }])
  })

  test('the connection is lost meanwhile: connecting fails', async () => {
    const blocker = await fixture.another()
    await blocker.query('begin; lock table pg_catalog.pg_inherits in access exclusive mode')
    const find = `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'to be lost' and datname = current_database()`
    const lose = async (callback: boolean): Promise<unknown> => {
      const client = fixture.unconnected({ application_name: 'to be lost' })
      client.on('error', () => undefined)
      const connecting = callback
        ? new Promise((resolve) => client.connect(resolve as (error: Error) => void))
        : client.connect().catch((error: unknown) => error)
      // One of the try before may not be gone yet.
      await expect
        .poll(() => fixture.bare.query(find).then(({ rowCount }) => rowCount), { timeout: 60_000 })
        .toBeGreaterThan(0)
      return connecting
    }
    // Connecting waits a second at the most; on a busy machine it may be over before the connection is lost.
    for (const callback of [false, true])
      await expect.poll(() => lose(callback), { timeout: 60_000 }).toBeInstanceOf(Error)
    await blocker.query('rollback')
  })

  test('what is locked does not keep a client from connecting for ever', async () => {
    const blocker = await fixture.another()
    await blocker.query('begin; lock table pg_catalog.pg_inherits in access exclusive mode')
    const client = await fixture.client()
    const answer = client.query(READ)
    await fixture.waits(client)
    await blocker.query('rollback')
    expect((await answer).rows).toEqual([{ name: 'ann' }])
  })

  test('a database that cannot be connected to is told as by pg', async () => {
    const config = { connectionString: fixture.database.url.replace(fixture.database.name, 'nowhere') }
    await expect(fixture.unconnected(config).connect()).rejects.toMatchObject({ code: '3D000' })
    const client = fixture.unconnected(config)
    const error = await new Promise((resolve) => client.connect(resolve as (error: Error) => void))
    expect(error).toMatchObject({ code: '3D000' })
  })
})

test('a pipeline reads it on connecting, too', async () => {
  const [major] = postgresMajors()
  const database = await createDatabase(major ?? 18, { sql: SQL })
  const runtime = await createRuntime({ migrations: MIGRATIONS })
  const Client = instrumentedClient(runtime, { catalogRefreshMs: 60_000 })
  const client = new Client({ connectionString: database.url, pipeline: true } as pg.ClientConfig)
  await client.connect()
  const sent = sentBy(client as pg.Client)
  const answers = [READ, 'select 1 as name', READ].map((text) => client.query(text))
  expect(sent).toHaveLength(3)
  expect((await Promise.all(answers)).map(({ rows }) => rows[0].name)).toEqual(['ann', 1, 'ann'])
  await client.end()
  await database.drop()
})
