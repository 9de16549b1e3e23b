import { renameColumn } from '@expand-contract/core'
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture, pause, sentBy } from './engine-fixture.ts'

const SQL = `create table users (id int primary key, name text, full_name text); create table other (id int);
insert into users values (1, 'old', 'new')`
const MIGRATIONS = [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'read-new' })]
const LEASE = 40

describe.each(postgresMajors())('PostgreSQL %i', (major) => {
  let fixture: EngineFixture
  let client: pg.Client

  beforeEach(async () => {
    fixture = await EngineFixture.open(major, { sql: SQL, migrations: MIGRATIONS, catalogRefreshMs: LEASE })
    client = await fixture.client()
  })
  afterEach(async () => {
    await fixture?.close()
  })

  const onServer = async (): Promise<readonly string[]> =>
    (await client.query('select name from pg_prepared_statements order by name')).rows.map(({ name }) => name)

  describe('a statement that is named in a query config', () => {
    const named = { name: 'by id', text: 'select name from users where id = $1', values: [1] }

    test('has a name on the server for each of its texts, and the application sees one', async () => {
      for (const [flag, expected] of [
        [false, 'old'],
        [true, 'new'],
        [false, 'old'],
        [true, 'new'],
      ] as const) {
        fixture.flags.set('read-new', flag)
        expect((await client.query(named)).rows).toEqual([{ name: expected }])
      }
      expect(await onServer()).toEqual(['by id', expect.stringMatching(/^by id#[\w-]{12}$/u)])
    })

    test('a name of any length fits', async () => {
      fixture.flags.set('read-new', true)
      const name = 'ä'.repeat(31)
      for (const extra of ['', 'x'])
        expect((await client.query({ ...named, name: name + extra, text: `${named.text} -- ${extra}` })).rows).toEqual([
          { name: 'new' },
        ])
      const names = await onServer()
      expect(new Set(names).size).toBe(2)
      for (const each of names) expect(Buffer.byteLength(each)).toBeLessThanOrEqual(63)
    })

    test.each([
      ['queued behind the statement that names it', false],
      ['queued, when the columns are known', true],
    ])('a name without its text, %s', async (_, known) => {
      fixture.flags.set('read-new', true)
      if (known) await client.query(named.text, [1])
      const { name, values } = named
      const again = { name, values } as unknown as pg.QueryConfig
      const answers = await Promise.all([client.query(named), client.query(again), client.query(again)])
      expect(answers.map(({ rows }) => rows)).toEqual(Array(3).fill([{ name: 'new' }]))
      expect((await client.query(again)).rows).toEqual([{ name: 'new' }])
      const free = { name: 'free', text: 'select $1::int as n', values: [5] }
      const both = [client.query(free), client.query({ name: 'free', values: [6] } as unknown as pg.QueryConfig)]
      expect((await Promise.all(both)).map(({ rows }) => rows)).toEqual([[{ n: 5 }], [{ n: 6 }]])
    })

    test('a name without its text follows the columns, though it was sent as it was before', async () => {
      await fixture.bare.query('alter table users drop full_name')
      const insert = { name: 'insert', text: "insert into users (id, name) values ($1, 'x') returning name" }
      await client.query({ ...insert, values: [2] })
      await fixture.bare.query('alter table users add full_name text')
      await pause(2 * LEASE)
      const again = { name: insert.name, values: [3] } as unknown as pg.QueryConfig
      expect((await client.query(again)).rows).toEqual([{ name: 'x' }])
      expect((await fixture.bare.query('select * from users where id = 3')).rows).toEqual([
        { id: 3, name: 'x', full_name: 'x' },
      ])
    })

    test('a name without its text that nobody has named fails as with pg', async () => {
      const unnamed = { name: 'nothing', values: [1] } as unknown as pg.QueryConfig
      const code = await fixture.bare.query(unnamed).catch((error) => error.code)
      await expect(client.query(unnamed)).rejects.toMatchObject({ code })
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    })

    test('one name with two texts is the application’s mistake, whatever was sent', async () => {
      fixture.flags.set('read-new', true)
      await client.query(named)
      const message = "Prepared statements must be unique - 'by id' was used for a different statement"
      await expect(client.query({ ...named, text: 'select id from users where id = $1' })).rejects.toThrow(message)
      await expect(client.query({ name: 'by id', text: 'select 1' })).rejects.toThrow(message)
      expect((await client.query(named)).rows).toEqual([{ name: 'new' }])
    })
  })

  describe('a statement that is prepared in SQL', () => {
    const read = async (text = 'execute by_id(1)') => (await client.query(text)).rows.map(({ name }) => name)

    test('follows the flag', async () => {
      await client.query('prepare by_id (int) as select name from users where id = $1')
      expect(await read()).toEqual(['old'])
      fixture.flags.set('read-new', true)
      expect(await read()).toEqual(['new'])
      expect(await read('EXECUTE "by_id" (1);')).toEqual(['new'])
      fixture.flags.set('read-new', false)
      expect(await read()).toEqual(['old'])
      expect(await onServer()).toEqual(['by_id'])
    })

    test('stays on one side in a transaction, also against what was prepared before it', async () => {
      await client.query('prepare by_id (int) as select name from users where id = $1')
      fixture.flags.set('read-new', true)
      await client.query('begin')
      expect(await read('select name from users')).toEqual(['new'])
      fixture.flags.set('read-new', false)
      expect(await read()).toEqual(['new'])
      await client.query('commit')
      expect(await read()).toEqual(['old'])
    })

    test('writes both columns once the new one is there, and the new one alone once the old is gone', async () => {
      await fixture.bare.query('alter table users drop full_name')
      await client.query('prepare "Write" (int, text) as insert into users (id, name) values ($1, $2) returning name')
      await client.query('execute "Write" (2, $$two$$)')
      await fixture.bare.query('alter table users add full_name text')
      await pause(LEASE)
      await client.query('execute "Write" (3, $$three$$)')
      await fixture.bare.query('update users set full_name = name')
      await fixture.bare.query('alter table users drop name')
      await pause(LEASE)
      expect(await read('execute "Write" (4, $$four$$)')).toEqual(['four'])
      const { rows } = await fixture.bare.query('select full_name from users where id > 2 order by id')
      expect(rows).toEqual([{ full_name: 'three' }, { full_name: 'four' }])
    })

    test('is left alone while nothing has changed, and when it is of another table', async () => {
      await client.query('prepare other as select 1 as name from other')
      await client.query('prepare by_id (int) as select name from users where id = $1')
      const sent = sentBy(client)
      await client.query('execute other')
      await read()
      expect(sent.filter((text) => !text.startsWith('<'))).toEqual(['execute other', 'execute by_id(1)'])
    })

    test('several in one text, EXPLAIN, DEALLOCATE and preparing it anew', async () => {
      await client.query('prepare a as select name from users; prepare "b;" as select id from users; select 1')
      fixture.flags.set('read-new', true)
      expect(await read('execute a')).toEqual(['new'])
      expect(
        (await client.query('explain (verbose, costs off) execute a')).rows.map((row) => row['QUERY PLAN']).join(),
      ).toContain('full_name')
      expect((await client.query('execute "b;"')).rows).toEqual([{ id: 1 }])
      await client.query('prepare c as select upper(name) as name from users')
      fixture.flags.set('read-new', false)
      const both = (await client.query('execute a; execute c')) as unknown as pg.QueryResult[]
      expect(both.map(({ rows }) => rows[0].name)).toEqual(['old', 'OLD'])
      fixture.flags.set('read-new', true)
      await client.query('deallocate prepare a')
      await expect(client.query('execute a')).rejects.toMatchObject({ code: '26000' })
      await client.query('prepare a as select name as other from users')
      expect((await client.query('execute a')).rows).toEqual([{ other: 'new' }])
      await client.query('deallocate all')
      expect(await onServer()).toEqual([])
      await expect(client.query('execute a')).rejects.toMatchObject({ code: '26000' })
    })

    test('a PREPARE that fails changes nothing', async () => {
      await client.query('prepare a as select name from users')
      await expect(client.query('prepare a as select id as name from users')).rejects.toMatchObject({ code: '42P05' })
      fixture.flags.set('read-new', true)
      expect(await read('execute a')).toEqual(['new'])
    })

    test('in a pipeline', async () => {
      const pipelined = await fixture.client({ pipeline: true })
      await pipelined.query('prepare a as select name from users')
      fixture.flags.set('read-new', true)
      const results = await Promise.all(['select 1', 'execute a', 'execute a'].map((text) => pipelined.query(text)))
      expect(results.slice(1).map(({ rows }) => rows)).toEqual([[{ name: 'new' }], [{ name: 'new' }]])
    })
  })
})
