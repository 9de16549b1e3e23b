import { type FixedPhases, fixedPhases, renameColumn } from '@expand-contract/core'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture, pause } from './engine-fixture.ts'

const TO_TEXT = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'name' })

const LEASE = 40

const SQL = `
create table users (id int, name text, city text, full_name text) partition by range (id);
create table users_1 partition of users for values from (0) to (100);
insert into users values (1, 'ann', 'Lima', 'ann');
create view on_old as select id, name from users;
create view on_new as select id, full_name as name from users;
create view on_neither as select id, city from users;
create view on_whole_rows as select id, (to_jsonb(u) ->> 'name') as name from users u;
create view above_old as select o.id, o.name, n.city from on_old o join on_neither n using (id);
create view on_partition as select id, name from users_1;
create materialized view kept_old as select id, name from users;
create materialized view kept_new as select id, full_name as name from users`

const READS_OLD = ['on_old', 'on_whole_rows', 'above_old', 'on_partition', 'kept_old']
const READS_NO_OLD = ['on_new', 'on_neither', 'kept_new']

describe.each(postgresMajors())('PostgreSQL %i: views over a migrating table', (major) => {
  let fixture: EngineFixture
  let phases: FixedPhases
  let client: pg.Client

  beforeAll(async () => {
    phases = fixedPhases({ [TO_TEXT.id]: 'switch' })
    fixture = await EngineFixture.open(major, { sql: SQL, migrations: [TO_TEXT], phases, catalogRefreshMs: LEASE })
    client = await fixture.client()
  })
  afterAll(async () => {
    await fixture?.close()
  })
  beforeEach(() => {
    fixture.flags.set('name', false)
    phases.set(TO_TEXT.id, 'switch')
  })
  afterEach(() => client.query('rollback'))

  const outcome = async (text: string): Promise<string | undefined> => {
    fixture.statements.length = 0
    await client.query(text)
    return fixture.statements[0]?.outcome
  }

  test.each(READS_OLD)('%s, which takes the old column, is read while that is written', async (view) => {
    expect(await outcome(`select * from ${view}`)).toBe('unchanged')
    fixture.flags.set('name', true)
    expect(await outcome(`select * from ${view}`)).toBe('kept')
    expect(fixture.statements[0]?.reasons).toEqual([expect.objectContaining({ code: 'read-through-view' })])
    expect(fixture.statements[0]?.reads).toEqual({ [TO_TEXT.id]: 'old' })
    phases.set(TO_TEXT.id, 'contract')
    await expect(client.query(`select * from ${view}`)).rejects.toMatchObject({
      code: 'EC_REFUSED',
      message: expect.stringContaining('Replace the view by one on the new column'),
    })
  })

  test.each(READS_NO_OLD)('%s, which does not, is read in every phase', async (view) => {
    const { rows } = await fixture.bare.query(`select * from ${view}`)
    for (const flag of [false, true])
      for (const phase of ['expand', 'switch', 'contract'] as const) {
        fixture.flags.set('name', flag)
        phases.set(TO_TEXT.id, phase)
        expect(await outcome(`select * from ${view}`)).toBe('unchanged')
        expect((await client.query(`select * from ${view}`)).rows).toEqual(rows)
      }
  })

  test.each([
    "update on_old set name = 'b'",
    "update on_new set name = 'b'",
    "update on_partition set id = 2, name = 'b'",
    "insert into on_neither values (3, 'Cuzco')",
    "insert into on_old values (3, 'cid')",
  ])('%s: the column is not written while both are', async (text) => {
    await expect(client.query(text)).rejects.toMatchObject({ code: 'EC_REFUSED' })
  })

  test('one that is created once the old column is gone is defined on the new one, under the old name', async () => {
    await client.query('begin')
    await client.query('drop view on_old, on_whole_rows, on_partition cascade; drop materialized view kept_old')
    await client.query('alter table users drop name')
    await client.query('savepoint before')
    await expect(client.query('create view created as select id, name from users')).rejects.toMatchObject({
      code: '42703',
    })
    await client.query('rollback to before')
    await client.query('create view created as select id, full_name as name from users')
    expect((await client.query('select name from created')).rows).toEqual([{ name: 'ann' }])
    expect((await client.query('select * from users')).rows).toEqual([{ id: 1, name: 'ann', city: 'Lima' }])
  })

  test('in contract, what is on the new column alone is written', async () => {
    phases.set(TO_TEXT.id, 'contract')
    await client.query('begin')
    for (const view of ['on_old', 'on_partition'])
      await expect(client.query(`update ${view} set name = 'b'`)).rejects.toMatchObject({ code: 'EC_REFUSED' })
    expect(await outcome("update on_new set name = 'bob'")).toBe('unchanged')
    expect((await client.query('select name from users')).rows).toEqual([{ name: 'bob' }])
    expect(await outcome("update on_neither set city = 'Quito'")).toBe('unchanged')
  })

  test('in contract, rows are added through a view as long as nothing brings a default along', async () => {
    phases.set(TO_TEXT.id, 'contract')
    await client.query('begin')
    expect(await outcome("insert into on_neither values (3, 'Cuzco')")).toBe('unchanged')
    expect((await client.query('select id, name from users where id = 3')).rows).toEqual([{ id: 3, name: null }])
    await client.query('rollback')
    await fixture.bare.query("alter table users alter name set default 'anon'")
    await pause(LEASE + 5)
    try {
      await client.query('begin')
      await client.query('insert into users (id) values (3)')
      expect((await client.query('select name from users where id = 3')).rows).toEqual([{ name: 'anon' }])
      for (const text of [
        "insert into on_neither values (4, 'Cuzco')",
        'insert into on_new (id) values (4)',
        "with n as (insert into on_neither values (4, 'Cuzco') returning id) select * from n",
        'update on_new set name = default where id = 3',
        'update on_new set (id, name) = row (3, default) where id = 3',
      ])
        await expect(client.query(text)).rejects.toMatchObject({ code: 'EC_REFUSED' })
      expect(await outcome("update on_neither set city = 'Quito'")).toBe('unchanged')
      expect(await outcome('delete from on_new where id = 3')).toBe('unchanged')
    } finally {
      await client.query('rollback')
      await fixture.bare.query('alter table users alter name drop default')
      await pause(LEASE + 5)
    }
  })

  test('once the old column is gone, whatever is left is read and written', async () => {
    await fixture.bare.query('drop materialized view kept_old; drop view on_old, on_whole_rows, on_partition cascade')
    await fixture.bare.query('create table aside as select * from users; alter table users drop name')
    await pause(LEASE + 5)
    try {
      for (const view of READS_NO_OLD) await client.query(`select * from ${view}`)
      await client.query("update on_new set name = 'cyd'")
      expect((await client.query('select name from users')).rows).toEqual([{ name: 'cyd' }])
    } finally {
      await fixture.bare.query('alter table users add name text; update users set name = full_name')
    }
  })
})
