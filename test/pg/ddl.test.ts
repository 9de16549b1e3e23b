import { changeColumnType, renameColumn } from '@expand-contract/core'
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture, pause, sentBy } from './engine-fixture.ts'

const SQL = `create table users (id int generated always as identity primary key, name varchar(20), age int4);
insert into users (name, age) values ('ann', 1)`
const MIGRATIONS = [
  renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'varchar(20)', flag: 'name', after: 'id' }),
  changeColumnType({
    table: 'users',
    from: 'age',
    fromType: 'int4',
    to: 'age_big',
    type: 'int8',
    flag: 'age',
    after: '',
  }),
]
const LEASE = 40

describe.each(postgresMajors())('PostgreSQL %i: a running client and DDL', (major) => {
  let fixture: EngineFixture
  let client: pg.Client

  beforeEach(async () => {
    fixture = await EngineFixture.open(major, { sql: SQL, migrations: MIGRATIONS, catalogRefreshMs: LEASE })
    client = await fixture.client()
  })
  afterEach(async () => {
    await fixture?.close()
  })

  const ddl = async (text: string): Promise<void> => {
    await fixture.bare.query(text)
    await pause(LEASE + 5)
  }
  const stored = async () =>
    (await fixture.bare.query('select to_jsonb(users) as row from users order by id')).rows.map(({ row }) => row)

  test('writes both columns once the new one is there, and the new one alone once the old is gone', async () => {
    const insert = 'insert into users (name, age) values ($1, $2) returning id, name, age'
    expect((await client.query(insert, ['bob', 2])).rows).toEqual([{ id: 2, name: 'bob', age: 2 }])
    await ddl('alter table users add full_name varchar(20), add age_big int8')
    expect((await client.query(insert, ['cyd', 3])).rows).toEqual([{ id: 3, name: 'cyd', age: 3 }])
    expect((await stored())[2]).toEqual({ id: 3, name: 'cyd', age: 3, full_name: 'cyd', age_big: 3 })
    await fixture.bare.query('update users set full_name = name, age_big = age')
    fixture.flags.set('name', true)
    fixture.flags.set('age', true)
    expect((await client.query('select * from users where age = 3')).rows).toEqual([{ id: 3, name: 'cyd', age: 3 }])
    await ddl('alter table users drop name, drop age')
    expect((await client.query(insert, ['dee', 4])).rows).toEqual([{ id: 4, name: 'dee', age: 4 }])
    expect((await stored())[3]).toEqual({ id: 4, full_name: 'dee', age_big: 4 })
    expect(fixture.catalogs.map(({ migration, physical }) => `${migration} ${physical}`)).toEqual([
      'users.full_name old',
      'users.age_big old',
      'users.full_name both',
      'users.age_big both',
      'users.full_name new',
      'users.age_big new',
    ])
  })

  test('keeps * and its types through every step, named or not', async () => {
    const all = { name: 'all', text: 'select * from users where id = $1', values: [1] }
    const look = async () => {
      const named = await client.query(all)
      const plain = await client.query('select * from users')
      const shape = named.fields.map(({ name, dataTypeID, dataTypeModifier }) => ({
        name,
        dataTypeID,
        dataTypeModifier,
      }))
      expect(plain.fields.map(({ name }) => name)).toEqual(shape.map(({ name }) => name))
      return { shape, rows: named.rows, plain: plain.rows }
    }
    const before = await look()
    expect(before.rows).toEqual([{ id: 1, name: 'ann', age: 1 }])
    await ddl('alter table users add full_name varchar(20)')
    expect(await look()).toEqual(before)
    await fixture.bare.query('update users set full_name = name')
    fixture.flags.set('name', true)
    const through = await look()
    expect(through.rows).toEqual(before.rows)
    await ddl('alter table users drop name')
    expect((await look()).rows).toEqual([{ id: 1, name: 'ann', age: 1 }])
  })

  test('a named statement with * survives a column appearing inside a transaction that has not used the table', async () => {
    const all = { name: 'all', text: 'select * from users' }
    await client.query(all)
    await client.query('begin')
    await client.query('select 1')
    await ddl('alter table users add full_name varchar(20)')
    expect((await client.query(all)).rows).toEqual([{ id: 1, name: 'ann', age: 1 }])
    await client.query('commit')
  })

  test('a column that is dropped without warning is not noticed by statements outside of a transaction', async () => {
    await fixture.bare.query('alter table users add full_name varchar(20); update users set full_name = name')
    await pause(LEASE)
    const sent = sentBy(client)
    expect((await client.query('select name from users')).rows).toEqual([{ name: 'ann' }])
    await fixture.bare.query('alter table users drop name')
    expect((await client.query('select name from users')).rows).toEqual([{ name: 'ann' }])
    expect(sent.filter((text) => text === '<content>').length).toBeGreaterThan(0)
    const write = client.query({ name: 'w', text: "update users set name = 'amy' returning name" })
    const read = client.query('select name from users')
    expect((await write).rows).toEqual([{ name: 'amy' }])
    expect((await read).rows).toEqual([{ name: 'amy' }])
  })

  test('is sent again once at most, and only while nothing has been answered', async () => {
    await client.query('select name from users')
    const sent = sentBy(client)
    await expect(client.query('select nothing from users')).rejects.toMatchObject({ code: '42703', position: '8' })
    expect(sent.filter((text) => text.startsWith('select nothing'))).toHaveLength(1)
    await fixture.bare.query('alter table users drop name')
    sent.length = 0
    await expect(client.query('select 1; select name from users')).rejects.toMatchObject({ code: '42703' })
    expect(sent.filter((text) => text.startsWith('select 1'))).toHaveLength(1)
  })

  test('inside a transaction the error is passed on, and the next transaction knows better', async () => {
    await fixture.bare.query('alter table users add full_name varchar(20); update users set full_name = name')
    const slow = await fixture.client({}, { catalogRefreshMs: 60_000 })
    await slow.query('select name from users')
    await slow.query('begin')
    await fixture.bare.query('alter table users drop name')
    await expect(slow.query('select name from users')).rejects.toMatchObject({ code: '42703' })
    await expect(slow.query('select name from users')).rejects.toMatchObject({ code: '25P02' })
    // pg rejects on the error and learns the status a message later, so it is asked for after the next answer.
    expect(slow.getTransactionStatus()).toBe('E')
    await slow.query('rollback')
    expect((await slow.query('select name from users')).rows).toEqual([{ name: 'ann' }])
  })

  test('DDL of this process counts at once, for every client', async () => {
    const options = { catalogRefreshMs: 60_000 }
    const [one, two] = await Promise.all([fixture.client({}, options), fixture.client({}, options)])
    await one.query('select name from users')
    await two.query('select name from users')
    await one.query('alter table users add full_name varchar(20)')
    await two.query("insert into users (name) values ('bob')")
    expect((await fixture.bare.query('select full_name from users where id = 2')).rows).toEqual([{ full_name: 'bob' }])
  })

  test('DDL in a transaction counts there at once, elsewhere after COMMIT, and nowhere after ROLLBACK', async () => {
    const other = await fixture.client()
    await client.query('select name from users')
    for (const end of ['rollback', 'commit']) {
      await client.query('begin')
      await client.query('create table elsewhere ()')
      await client.query('alter table users add full_name varchar(20)')
      await client.query("insert into users (name) values ('in')")
      expect((await client.query("select full_name from users where name = 'in'")).rows).toEqual([{ full_name: 'in' }])
      const waiting = other.query("insert into users (name) values ('out')")
      await pause(10)
      await client.query(end)
      await waiting
      await other.query("insert into users (name) values ('after')")
      const rows = (await stored()).filter(({ name }) => name === 'after')
      expect('full_name' in rows[0]).toBe(end === 'commit')
      if (end === 'commit') expect(rows.at(-1)).toMatchObject({ name: 'after', full_name: 'after' })
    }
  })

  test.each([
    ['begin isolation level repeatable read', 'commit'],
    ['begin isolation level serializable', 'commit'],
    ['begin', 'commit and chain'],
    ['begin', 'commit; begin'],
    ['begin', undefined],
  ])('DDL after %s counts for every client after %s', async (begin, commit) => {
    const options = { catalogRefreshMs: 60_000 }
    const [one, two] = await Promise.all([fixture.client({}, options), fixture.client({}, options)])
    await one.query('select name from users')
    await two.query('select name from users')
    await one.query(begin)
    const alter = 'alter table users add full_name varchar(20)'
    if (commit === undefined) await one.query(`${alter}; commit; begin`)
    else {
      await one.query(alter)
      await one.query("insert into users (name) values ('in')")
      await one.query(commit)
    }
    await two.query("insert into users (name) values ('two')")
    await one.query("insert into users (name) values ('one')")
    await one.query('commit')
    const rows = (await stored()).slice(commit === undefined ? 1 : 2)
    expect(rows.map(({ name, full_name }) => [name, full_name])).toEqual([
      ['two', 'two'],
      ['one', 'one'],
    ])
  })

  test.each(['repeatable read', 'serializable'])(
    'a transaction in %s sees what was there when it began',
    async (level) => {
      await client.query('select name from users')
      await ddl('alter table users add full_name varchar(20)')
      const late = await fixture.client()
      await late.query(`begin isolation level ${level}`)
      await late.query("insert into users (name) values ('late')")
      await late.query('commit')
      await client.query('select age from users')
      await client.query(`begin isolation level ${level}`)
      await ddl('alter table users add age_big int8')
      await client.query("insert into users (name, age) values ('slow', 7)")
      await client.query('commit')
      expect((await stored()).slice(1)).toMatchObject([
        { name: 'late', full_name: 'late' },
        { name: 'slow', full_name: 'slow', age: 7, age_big: 7 },
      ])
    },
  )

  test('a failed transaction refuses a text of several statements as it does without us', async () => {
    await client.query('begin')
    await client.query('create table elsewhere ()')
    await expect(client.query('release nowhere')).rejects.toMatchObject({ code: '3B001' })
    const two = "insert into users (name) values ('bob'); select name from users"
    await expect(client.query(two)).rejects.toMatchObject({ code: '25P02' })
    await client.query('rollback')
    await client.query(two)
  })

  test('a text that adds the other column and then writes the table is refused, unless it names both', async () => {
    const add = 'alter table users add full_name varchar(20), add age_big int8'
    for (const write of [
      "insert into users (name) values ('bob')",
      'insert into users default values',
      "update users set name = 'x'",
    ])
      await expect(client.query(`${add}; ${write}`)).rejects.toMatchObject({
        code: 'EC_REFUSED',
        reasons: expect.arrayContaining([expect.objectContaining({ code: 'columns-in-text' })]),
      })
    const trigger = 'create trigger t before insert or update on users for each row execute function own()'
    const own = 'create function own() returns trigger language plpgsql as $$begin return new; end$$'
    const fill = 'update users set full_name = name, age_big = age'
    await client.query(`${own}; ${add}; ${trigger}; ${fill}; delete from users where age = 9; select name from users`)
    await client.query(`alter table users alter full_name set default 'x'; insert into users (name) values ('bob')`)
    expect(await stored()).toMatchObject([
      { name: 'ann', full_name: 'ann', age: 1, age_big: 1 },
      { name: 'bob', full_name: 'bob' },
    ])
  })

  const UNDO = {
    'ROLLBACK TO': 'rollback to a',
    'ROLLBACK AND CHAIN': 'rollback and chain',
    'ROLLBACK and BEGIN in one text': 'rollback; begin',
  }

  test.each(Object.entries(UNDO))('DDL of a transaction that %s undoes counts no longer in it', async (_, undo) => {
    await client.query('select name from users')
    await client.query('begin')
    await client.query('savepoint a')
    await client.query('alter table users add full_name varchar(20)')
    await client.query("insert into users (name) values ('in')")
    await client.query(undo)
    await client.query("insert into users (name) values ('after')")
    await client.query('savepoint a')
    await client.query('alter table users add full_name varchar(20) default $$nobody$$')
    await client.query("insert into users (name) values ('again')")
    await client.query('commit')
    expect((await stored()).map(({ name, full_name }) => [name, full_name])).toEqual([
      ['ann', 'nobody'],
      ['after', 'nobody'],
      ['again', 'again'],
    ])
  })

  test.each(['commit and chain', 'rollback and chain'])(
    'a transaction that reads an old snapshot ends with %s as with any other end',
    async (end) => {
      await client.query('begin isolation level repeatable read')
      await pause(LEASE + 5)
      // It makes the catalog known without locking the table.
      await client.query('select 1 /* users */')
      await ddl('alter table users add full_name varchar(20)')
      await client.query(end)
      await client.query("insert into users (name) values ('bob')")
      await client.query('commit')
      expect((await stored())[1]).toMatchObject({ name: 'bob', full_name: 'bob' })
    },
  )

  test('DDL of a transaction that COMMIT AND CHAIN ends counts in the next one, whatever becomes of it', async () => {
    await client.query('begin')
    await client.query('alter table users add full_name varchar(20)')
    await client.query('commit and chain')
    await client.query("insert into users (name) values ('bob')")
    await client.query('rollback and chain')
    await client.query("insert into users (name) values ('cyd')")
    await client.query('commit')
    expect((await stored())[1]).toMatchObject({ name: 'cyd', full_name: 'cyd' })
  })

  test('a table that does not exist yet, is created, dropped and created again', async () => {
    await fixture.bare.query('drop table users')
    const late = await fixture.client()
    await expect(late.query('select name from users')).rejects.toMatchObject({ code: '42P01' })
    expect(fixture.catalogs.at(-1)?.physical).toBe('missing-table')
    await fixture.bare.query(`${SQL}; alter table users add full_name varchar(20)`)
    await late.query("insert into users (name) values ('bob')")
    await pause(LEASE)
    await late.query("insert into users (name) values ('cyd')")
    expect((await fixture.bare.query("select full_name from users where name = 'cyd'")).rows).toEqual([
      { full_name: 'cyd' },
    ])
    await fixture.bare.query(`drop table users; ${SQL}`)
    expect((await late.query('select * from users')).rows).toEqual([{ id: 1, name: 'ann', age: 1 }])
  })

  test('a view and a partition that appear while the process runs', async () => {
    await fixture.bare.query('alter table users add full_name varchar(20)')
    await client.query('select name from users')
    await ddl('create view people as select id, name from users; create table users_child () inherits (users)')
    await expect(client.query("update people set name = 'x'")).rejects.toMatchObject({ code: 'EC_REFUSED' })
    await client.query("insert into users_child (id, name) values (7, 'kid')")
    expect((await fixture.bare.query('select full_name from users_child')).rows).toEqual([{ full_name: 'kid' }])
  })
})
