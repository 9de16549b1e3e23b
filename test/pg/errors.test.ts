import { ExpandContractError, mergeColumns, renameColumn, splitColumn } from '@expand-contract/core'
import { StatementRefusedError } from '@expand-contract/pg'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture, sentBy } from './engine-fixture.ts'

const SQL = `
create table users (id int primary key, name text, full_name text not null constraint users_full_name_key unique,
  constraint users_full_name_check check (full_name <> 'bad'));
create table pets (owner text references users (full_name));
insert into users values (1, 'ann', 'ann'), (2, 'bob', 'bob'); insert into pets values ('ann');
create table people (id int, name text, first_name text not null, last_name text);
create table odd (id int, "a ""b"".c" text not null, "d""" text constraint "d""_key" unique);
create table "quo""ted" (id int, "n""1" text, "n""2" text);
create table slashes (id int, "a""\\q" text not null, "b\\.*(""" text);
create table places (id int, street text, town text, address text not null)`
const MIGRATIONS = [
  renameColumn({
    table: 'users',
    from: 'name',
    to: 'full_name',
    type: 'text',
    constraints: { users_name_key: 'users_full_name_key', users_name_check: 'users_full_name_check' },
  }),
  splitColumn({
    table: 'people',
    from: 'name',
    fromType: 'text',
    to: { first_name: 'text', last_name: 'text' },
    forward: { first_name: "nullif(split_part(name, ' ', 1), '')", last_name: "split_part(name, ' ', 2)" },
    backward: "concat_ws(' ', first_name, last_name)",
  }),
  renameColumn({
    table: 'odd',
    from: 'a "b".c',
    to: 'd"',
    type: 'text',
    constraints: { 'a "b".c_key': 'd"_key' },
  }),
  renameColumn({ table: '"quo""ted"', from: 'n"1', to: 'n"2', type: 'text', flag: 'quoted' }),
  renameColumn({ table: 'slashes', from: 'a"\\q', to: 'b\\.*("', type: 'text' }),
  mergeColumns({
    table: 'places',
    from: { street: 'text', town: 'text' },
    to: 'address',
    type: 'text',
    forward: "street || ', ' || town",
    backward: { street: "split_part(address, ', ', 1)", town: "split_part(address, ', ', 2)" },
  }),
]

describe.each(postgresMajors())('PostgreSQL %i: errors', (major) => {
  let fixture: EngineFixture
  let client: pg.Client

  beforeEach(async () => {
    fixture = await EngineFixture.open(major, { sql: SQL, migrations: MIGRATIONS, catalogRefreshMs: 60_000 })
    client = await fixture.client()
  })
  afterEach(async () => {
    await fixture?.close()
  })

  test('a unique key has the name and the columns that the application knows, and its value as it is', async () => {
    await expect(client.query("insert into users (id, name) values (3, 'ann')")).rejects.toMatchObject({
      code: '23505',
      message: 'duplicate key value violates unique constraint "users_name_key"',
      constraint: 'users_name_key',
      detail: 'Key (name)=(ann) already exists.',
      table: 'users',
    })
    await client.query("insert into users (id, name) values (3, 'full_name')")
    await expect(client.query("insert into users (id, name) values (4, 'full_name')")).rejects.toMatchObject({
      detail: 'Key (name)=(full_name) already exists.',
    })
  })

  test('names with a double quote in them, which messages do not double', async () => {
    await client.query(`insert into odd values (1, 'x')`)
    await expect(client.query(`insert into odd values (2, 'x')`)).rejects.toMatchObject({
      message: 'duplicate key value violates unique constraint "a "b".c_key"',
      constraint: 'a "b".c_key',
      detail: 'Key ("a ""b"".c")=(x) already exists.',
    })
    const missing = { message: 'null value in column "a "b".c" of relation "odd" violates not-null constraint' }
    await expect(client.query('insert into odd values (2, null)')).rejects.toMatchObject(missing)
    await fixture.bare.query(`alter table odd alter "a ""b"".c" drop not null, alter "d""" set not null`)
    await expect(client.query('insert into odd values (2, null)')).rejects.toMatchObject(missing)
  })

  test('a name with a quote is found behind that of its table, which has one as well', async () => {
    const message = 'column "quo"ted.n"1" must appear in the GROUP BY clause or be used in an aggregate function'
    const text = 'select "n""1", count(*) from "quo""ted" group by id'
    for (const on of [false, true]) {
      fixture.flags.set('quoted', on)
      await expect(client.query(text)).rejects.toMatchObject({ message })
    }
  })

  test('names that a pattern would take for something else do not end the process', async () => {
    const missing = { code: '23502', column: 'a"\\q', message: expect.stringContaining('null value in column "a"\\q"') }
    for (const alter of ['', 'alter table slashes alter "a""\\q" drop not null, alter "b\\.*(""" set not null']) {
      if (alter !== '') await fixture.bare.query(alter)
      for (const busy of [false, true]) {
        if (busy) client.query('select 1')
        await expect(client.query('insert into slashes values (1, null)')).rejects.toMatchObject(missing)
      }
    }
    await client.query(`insert into slashes values (1, 'x')`)
    expect((await client.query('select * from slashes')).rows).toEqual([{ id: 1, 'a"\\q': 'x' }])
  })

  test('NOT NULL, CHECK and a foreign key', async () => {
    await expect(client.query('insert into users (id) values (3)')).rejects.toMatchObject({
      code: '23502',
      message: 'null value in column "name" of relation "users" violates not-null constraint',
      column: 'name',
      detail: 'Failing row contains (3, null).',
    })
    await expect(client.query("update users set name = 'bad' where id = 2")).rejects.toMatchObject({
      code: '23514',
      constraint: 'users_name_check',
      message: 'new row for relation "users" violates check constraint "users_name_check"',
      detail: 'Failing row contains (2, bad).',
    })
    await expect(client.query("update users set name = 'x' where id = 1")).rejects.toMatchObject({
      code: '23503',
      detail: expect.stringContaining('Key (name)=(ann) is still referenced'),
    })
  })

  test('a split names its one column, a merge the first of its columns', async () => {
    await expect(client.query("insert into people (id, name) values (1, '')")).rejects.toMatchObject({ column: 'name' })
    await expect(client.query("insert into places (id, street) values (1, 'x')")).rejects.toMatchObject({
      column: 'street',
      message: 'null value in column "street" of relation "places" violates not-null constraint',
    })
  })

  test('a name that the statement writes itself stays', async () => {
    await expect(client.query("insert into users (id, full_name) values (3, 'ann')")).rejects.toMatchObject({
      constraint: 'users_name_key',
      detail: 'Key (full_name)=(ann) already exists.',
    })
  })

  test('a value in quotes is not taken for a name', async () => {
    await expect(client.query("update users set name = 'y', id = $1", ['full_name'])).rejects.toMatchObject({
      code: '22P02',
      message: 'invalid input syntax for type integer: "full_name"',
    })
  })

  test('is the database error of pg, with the line of the application in its stack', async () => {
    const error: unknown = await client
      .query("insert into users (id, name) values (3, 'ann')")
      .catch((caught) => caught)
    expect(error).toBeInstanceOf(pg.DatabaseError)
    expect((error as Error).stack).toContain('errors.test.ts')
    const refused: unknown = await client.query('copy users from stdin').catch((caught) => caught)
    expect((refused as Error).stack).toContain('errors.test.ts')
  })

  test.each([
    ["insert into users (id, name) values (9, 'é🙂', oops)", 'oops'],
    ["update users set name = 'é🙂' where oops = name", 'oops'],
    ['select name, /* ü */ name from users where upper(name) = nix(name)', 'nix'],
  ])('points into the application’s text: %s', async (text, word) => {
    const error = await client.query(text).catch((caught: pg.DatabaseError) => caught)
    const position = Number((error as pg.DatabaseError).position)
    expect(
      [...text]
        .slice(position - 1)
        .join('')
        .startsWith(word),
    ).toBe(true)
  })

  test('a refusal says why, where and what to do; nothing is sent, and the transaction goes on', async () => {
    await client.query('begin')
    await client.query("insert into users (id, name) values (7, 'kept')")
    const sent = sentBy(client)
    const error: unknown = await client
      .query("do $$ begin update users set name = 'secret'; end $$")
      .catch((caught) => caught)
    expect(sent).toEqual([])
    expect(error).toBeInstanceOf(StatementRefusedError)
    expect(ExpandContractError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({ code: 'EC_REFUSED', migration: 'users.full_name', command: 'DO' })
    expect((error as StatementRefusedError).reasons).toEqual([expect.objectContaining({ code: 'do-block' })])
    expect((error as Error).message).not.toContain('secret')
    expect(client.getTransactionStatus()).toBe('T')
    await client.query('commit')
    expect((await client.query('select name from users where id = 7')).rows).toEqual([{ name: 'kept' }])
    expect(fixture.statements.filter(({ outcome }) => outcome === 'refused')).toHaveLength(1)
  })

  test('a refusal reaches callbacks, row events and several statements alike', async () => {
    const text = 'copy users (id, name) from stdin'
    const viaCallback = await new Promise((resolve) => client.query(text, (error) => resolve(error)))
    expect(viaCallback).toMatchObject({ code: 'EC_REFUSED' })
    const viaEvent = await new Promise((resolve) => client.query(new pg.Query(text)).on('error', resolve))
    expect(viaEvent).toMatchObject({ code: 'EC_REFUSED' })
    await expect(client.query(`select 1; ${text}`)).rejects.toMatchObject({ code: 'EC_REFUSED' })
    expect((await client.query('select count(*)::int as n from users')).rows).toEqual([{ n: 2 }])
  })

  test('a pool gives the client back after a refusal', async () => {
    const pool = fixture.pool({ max: 1 })
    await expect(pool.query('copy users (id, name) from stdin')).rejects.toMatchObject({ code: 'EC_REFUSED' })
    expect((await pool.query('select name from users where id = 1')).rows).toEqual([{ name: 'ann' }])
    expect(pool.idleCount).toBe(1)
  })
})
