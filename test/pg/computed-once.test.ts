import { changeColumnType, type FixedPhases, fixedPhases, type Migration, renameColumn } from '@expand-contract/core'
import type pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { readSwitch } from '../support/read-switch.ts'
import { EngineFixture } from './engine-fixture.ts'

/** Values that are moved within a statement, or cast, are what they were; or the statement fails. */
describe.each(postgresMajors())('PostgreSQL %i: values in another place', (major) => {
  let fixture: EngineFixture | undefined
  let client: pg.Client

  afterEach(() => fixture?.close())

  async function open(sql: string, migration: Migration, phases: FixedPhases = readSwitch([migration])): Promise<void> {
    fixture = await EngineFixture.open(major, { sql, migrations: [migration], phases })
    client = await fixture.client()
  }
  const rows = async (): Promise<Record<string, unknown>[]> =>
    (await fixture?.bare.query('select * from users'))?.rows ?? []

  test('a set is no value that is computed once', async () => {
    await open(
      'create table users (email text, token uuid default gen_random_uuid(), token_id uuid, name text)',
      renameColumn({ table: 'users', from: 'token', to: 'token_id', type: 'uuid' }),
    )
    // In VALUES of one row a set is as many rows as it has, none included; each of them draws its own default.
    await client.query("insert into users (email, token) values ('a', unnest('{}'::uuid[]))")
    expect(await rows()).toEqual([])
    await client.query("insert into users (email) values (unnest(array['a', 'b']))")
    const drawn = await rows()
    expect(drawn).toMatchObject([{ email: 'a' }, { email: 'b' }])
    expect(new Set(drawn.map(({ token }) => token)).size).toBe(2)
    expect(drawn.filter(({ token, token_id }) => token === null || token !== token_id)).toEqual([])
    await fixture?.bare.query('delete from users')
    const sets = [
      'update users set token = unnest(array[gen_random_uuid()])',
      'update users set (email, token) = (null, unnest(array[gen_random_uuid()]))',
    ]
    for (const sql of sets) await expect(client.query(sql)).rejects.toMatchObject({ code: '0A000' })
    expect(await rows()).toEqual([])
    await client.query("insert into users (email, token, name) select unnest(array['a', 'b']), gen_random_uuid(), 'x'")
    await client.query("insert into users (email, name) values (initcap('c'), repeat('x', 2))")
    expect(await rows()).toMatchObject([{ email: 'a' }, { email: 'b' }, { email: 'C', name: 'xx' }])
  })

  test.each([
    ['a domain', 'short', "'toolong'", "'abc   '", 'abc'],
    ['an array', 'varchar(3)[]', "array['ok', 'toolong']", "array['abc   ', null]", ['abc', null]],
    ['an array of char', 'char(3)[]', "array['toolong']", "array['a', 'abc  ']", ['a', 'abc']],
    ['an array of bits', 'bit(3)[]', "array[B'1']", "array[B'101']", ['101']],
  ])('what is too long for %s fails, also where its column is not written', async (_, type, long, fitting, stored) => {
    const base = type === 'short' ? 'text' : 'text[]'
    const migration = changeColumnType({ table: 'users', from: 'name', fromType: type, to: 'full_name', type: base })
    await open(
      `create domain short as varchar(3); create table users (name ${type}, full_name ${base}); insert into users values (null, null)`,
      migration,
      fixedPhases({ [migration.id]: 'contract' }),
    )
    for (const sql of [`insert into users (name) values (${long})`, `update users set name = ${long}`])
      await expect(client.query(sql)).rejects.toMatchObject({ code: type.startsWith('bit') ? '22026' : '22001' })
    await client.query(`update users set name = ${fitting}`)
    expect(await rows()).toEqual([{ name: null, full_name: stored }])
    await client.query('update users set name = null')
    expect(await rows()).toEqual([{ name: null, full_name: null }])
  })
})
