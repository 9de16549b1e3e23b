import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fixedPhases, renameColumn } from '@expand-contract/core'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import Cursor from 'pg-cursor'
import QueryStream from 'pg-query-stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture, sentBy } from './engine-fixture.ts'

const SQL = `create table users (id int primary key, name text, full_name text); create table other (id int, note text);
insert into users select g, 'old ' || g, 'new ' || g from generate_series(1, 9) g`
const MIGRATIONS = [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'read-new' })]
const READ = 'select name from users order by id'

describe.each(postgresMajors())('PostgreSQL %i: queries that bring their own class', (major) => {
  let fixture: EngineFixture
  let client: pg.Client

  beforeEach(async () => {
    fixture = await EngineFixture.open(major, { sql: SQL, migrations: MIGRATIONS, catalogRefreshMs: 60_000 })
    client = await fixture.client()
  })
  afterEach(async () => {
    await fixture?.close()
  })

  test('a cursor reads one side to its end', async () => {
    const cursor = client.query(new Cursor(READ))
    const first = await cursor.read(4)
    fixture.flags.set('read-new', true)
    const rest = await cursor.read(10)
    expect([...first, ...rest].map(({ name }) => name.slice(0, 3))).toEqual(Array(9).fill('old'))
    await cursor.close()
    const next = client.query(new Cursor(READ))
    expect((await next.read(1))[0]).toEqual({ name: 'new 1' })
    await next.close()
  })

  test('a cursor keeps the text that the application gave it', async () => {
    fixture.flags.set('read-new', true)
    const cursor = new Cursor(READ)
    client.query(cursor)
    expect(await cursor.read(1)).toEqual([{ name: 'new 1' }])
    expect((cursor as unknown as { text: string }).text).toBe(READ)
    await cursor.close()
  })

  test('a stream is read, abandoned, and leaves the client usable', async () => {
    fixture.flags.set('read-new', true)
    for await (const row of client.query(new QueryStream(READ, [], { batchSize: 2 }))) {
      expect(row).toEqual({ name: 'new 1' })
      break
    }
    expect((await client.query(READ)).rowCount).toBe(9)
  })

  test('a stream whose text is refused emits the error', async () => {
    const stream = client.query(new QueryStream('copy users from stdin'))
    await expect(stream.toArray()).rejects.toMatchObject({ code: 'EC_REFUSED' })
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })

  test('a callback of a Submittable is called', async () => {
    const query = new pg.Query(READ)
    const rows = await new Promise((resolve) =>
      (client.query as (...args: unknown[]) => unknown).call(client, query, (_: unknown, result: pg.QueryResult) =>
        resolve(result.rowCount),
      ),
    )
    expect(rows).toBe(9)
  })

  test('COPY (query) TO reads as every query does', async () => {
    fixture.flags.set('read-new', true)
    const lines = await client
      .query(copyTo('copy (select id, name from users where id < 3 order by id) to stdout'))
      .toArray()
    expect(Buffer.concat(lines).toString()).toBe('1\tnew 1\n2\tnew 2\n')
  })

  test('COPY of a table brings what it brought: nothing that is computed, and no list that PostgreSQL refuses', async () => {
    fixture.flags.set('read-new', true)
    await fixture.bare.query("alter table users add shout text generated always as (id::text || '!') stored")
    const other = await fixture.client({}, { catalogRefreshMs: 0 })
    const lines = await other.query(copyTo('copy users to stdout')).toArray()
    expect(Buffer.concat(lines).toString().split('\n')[0]).toBe('1\tnew 1')
    for (const list of ['id, name, nothing', 'id, name, name', 'id, name, shout']) {
      const code = await fixture.bare.query(`copy users (${list}) to stdout`).catch((error) => error.code)
      await expect(other.query(copyTo(`copy users (${list}) to stdout`)).toArray()).rejects.toMatchObject({ code })
    }
  })

  test('COPY FROM is refused on a migrating table, and free on others', async () => {
    const sent = sentBy(client)
    const refused = client.query(copyFrom('copy users (id, name) from stdin'))
    await expect(pipeline(Readable.from(['10\tx\n']), refused)).rejects.toMatchObject({ code: 'EC_REFUSED' })
    expect(sent.filter((text) => text.startsWith('copy'))).toEqual([])
    await pipeline(Readable.from(['1\tx\n2\ty\n']), client.query(copyFrom('copy other from stdin')))
    expect((await client.query('select count(*)::int as n from other')).rows).toEqual([{ n: 2 }])
  })

  test('COPY FROM without a list brings the columns that the application knows, while one side is written', async () => {
    await fixture.close()
    const phases = fixedPhases({ 'users.full_name': 'off' })
    fixture = await EngineFixture.open(major, { sql: SQL, migrations: MIGRATIONS, phases })
    client = await fixture.client()
    await pipeline(Readable.from(['10\tx\n']), client.query(copyFrom('copy public.users from stdin')))
    expect((await fixture.bare.query('select * from users where id = 10')).rows).toEqual([
      { id: 10, name: 'x', full_name: null },
    ])
  })

  test('DECLARE CURSOR and FETCH stay on the side of their transaction', async () => {
    await client.query('begin')
    await client.query(`declare c cursor for ${READ}`)
    fixture.flags.set('read-new', true)
    expect((await client.query('fetch 2 from c')).rows).toEqual([{ name: 'old 1' }, { name: 'old 2' }])
    expect((await client.query(READ)).rows[0]).toEqual({ name: 'old 1' })
    await client.query('commit')
  })

  test('queued between others, in their order and transaction', async () => {
    const done: string[] = []
    const note = (what: string) => () => void done.push(what)
    const cursor = new Cursor(READ)
    const results = [
      client.query('begin').then(note('begin')),
      client.query("update users set name = 'x' where id = 1").then(note('update')),
    ]
    client.query(cursor)
    const read = cursor.read(1).then(async (rows) => {
      done.push(rows[0].name)
      await cursor.close()
    })
    const last = client.query('rollback').then(note('rollback'))
    await Promise.all([...results, read, last])
    expect(done).toEqual(['begin', 'update', 'x', 'rollback'])
  })
})
