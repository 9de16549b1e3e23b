import { renameColumn } from '@expand-contract/core'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import Cursor from 'pg-cursor'
import QueryStream from 'pg-query-stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture } from './engine-fixture.ts'

const SQL = `create table users (id int primary key, name text, full_name text); create table other (id int, note text);
insert into users select g, 'u ' || g, 'u ' || g from generate_series(1, 9) g; insert into other select 1, 'note'`
const MIGRATIONS = [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })]

const TABLES = { migrating: 'select name from users', other: 'select note from other', none: 'select 1 as one' }

/** Where the statement stands when it is given up. */
const POSITIONS: Readonly<Record<string, (client: pg.Client) => unknown>> = {
  'first on the connection': () => undefined,
  'behind a statement that waits for the catalog': (client) => client.query('select name from users where id = 1'),
  'behind a statement that runs': (client) => client.query('select pg_sleep(0.02)'),
}

/** Whether each statement waits for the catalog, or the first one alone. */
const LEASES = [0, 60_000]

describe.each(postgresMajors().flatMap((major) => LEASES.map((catalogRefreshMs) => ({ major, catalogRefreshMs }))))(
  'given up at once: %o',
  ({ major, catalogRefreshMs }) => {
    let fixture: EngineFixture
    let client: pg.Client

    beforeAll(async () => {
      fixture = await EngineFixture.open(major, { sql: SQL, migrations: MIGRATIONS, catalogRefreshMs })
    })
    afterAll(async () => {
      await fixture?.close()
    })
    beforeEach(async () => {
      client = await fixture.client()
    })
    afterEach(async () => {
      await client.end()
    })

    const answers = async (): Promise<void> => {
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
      expect((await client.query('select name from users where id = 1')).rows).toEqual([{ name: 'u 1' }])
      expect((await client.query('select count(*)::int as open from pg_cursors')).rows).toEqual([{ open: 0 }])
    }

    describe.each(Object.entries(POSITIONS))('%s', (_, first) => {
      test.each(Object.entries(TABLES))('a cursor is closed: %s', async (__, text) => {
        const before = first(client)
        const cursor = client.query(new Cursor(text))
        await cursor.close()
        await before
        await answers()
        const read = client.query(new Cursor(text))
        const [rows] = await Promise.all([read.read(1), read.close()])
        expect(rows).toHaveLength(1)
        await answers()
      })

      test.each(Object.entries(TABLES))('a stream is destroyed: %s', async (__, text) => {
        const before = first(client)
        const stream = client.query(new QueryStream(text))
        const closed = new Promise((resolve) => stream.once('close', resolve))
        stream.destroy()
        await closed
        await before
        await answers()
        const flowing = client.query(new QueryStream(text))
        flowing.on('data', () => flowing.destroy())
        await new Promise((resolve) => flowing.once('close', resolve))
        await answers()
      })

      test('a cursor whose statement is refused, or that PostgreSQL refuses', async () => {
        first(client)
        const refused = client.query(new Cursor('copy users (name) from stdin'))
        const read = expect(refused.read(1)).rejects.toMatchObject({ code: 'EC_REFUSED' })
        await Promise.all([read, refused.close()])
        await answers()
        for (const table of ['users', 'other']) {
          // pg-cursor answers no reading of a cursor that is closed before PostgreSQL has refused it.
          await client.query(new Cursor(`select nothing from ${table}`)).close()
          await answers()
        }
      })

      test('COPY is given up, in both directions', async () => {
        first(client)
        const inward = client.query(copyFrom('copy other from stdin'))
        const failed = new Promise((resolve) => inward.once('error', resolve))
        inward.destroy()
        expect(await failed).toMatchObject({ code: '57014' })
        await answers()
        const outward = client.query(copyTo('copy (select name from users) to stdout'))
        outward.on('data', () => undefined)
        await new Promise((resolve) => outward.once('end', resolve))
        await answers()
      })
    })

    test('a connection ends while a cursor waits', async () => {
      const ending = fixture.unconnected()
      await ending.connect()
      const cursor = ending.query(new Cursor(TABLES.migrating))
      const read = expect(cursor.read(1)).rejects.toThrow('Connection terminated')
      const closed = cursor.close()
      await ending.end()
      await Promise.all([read, closed])
    })

    test('a cursor in a transaction, closed at once, leaves it open', async () => {
      await client.query('begin')
      await client.query(new Cursor(TABLES.migrating)).close()
      await client.query("update users set name = 'x' where id = 1")
      await client.query('rollback')
      await answers()
    })

    test('a pg.Query with row events', async () => {
      const query = new pg.Query(TABLES.migrating)
      const rows: unknown[] = []
      query.on('row', (row) => rows.push(row))
      client.query(query)
      await new Promise((resolve) => query.once('end', resolve))
      expect(rows).toHaveLength(9)
    })
  },
)
