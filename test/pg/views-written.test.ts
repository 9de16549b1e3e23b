import { type FixedPhases, fixedPhases, type Phase, renameColumn } from '@expand-contract/core'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture } from './engine-fixture.ts'

const NAME = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'name' })

const SQL = `
create table users (id int primary key, name text default 'none', city text, full_name text);
insert into users values (1, 'ann', 'Lima', 'ann'), (2, 'bob', 'Rome', 'bob');
create view plain as select id, name, city from users;
create view renamed as select id as name, name as label, city as town, city || '!' as loud from users where id > 0;
create view deep as select name as number, town, label from renamed where town is not null;
create view by_name as select id, city from users where name <> 'x';
create view joined as select u.id, u.city from users u join users o using (id);
create view sorted as select id, city from users order by name;
create view counted as select city, count(*) as n from users group by city;
create view replaced as select id, city from users;
create function noted() returns trigger language plpgsql as $f$ begin
  update users set name = 'noted' where id = old.id; return old; end $f$;
create trigger t instead of update or delete on replaced for each row execute function noted();
create view ruled as select id, city from users;
create rule r as on delete to ruled do instead update users set name = 'gone' where id = old.id;
create table pets (id int, owner text default 'none', shadow text)`

const WRITES_NO_COLUMN = [
  "update plain set city = 'Quito' where id = 1",
  'update plain set id = id + 10',
  'delete from plain where id = 1',
  'delete from plain using pets where pets.id = plain.id',
  'update renamed set name = 9 where town = $$Rome$$',
  "update renamed set (name, town) = row (9, 'x') where name = 1",
  "update deep set town = 'y', number = 7 where number = 1",
  'delete from deep where number = 2',
  'with d as (delete from plain where id = 2 returning id) select id from d',
  'update plain as p set city = default where p.id = 1',
]

const SHOWS_COLUMN = [
  "delete from plain where name = 'ann'",
  'delete from plain returning *',
  "update plain p set city = 'x' returning p",
  'update plain set city = name',
  'update deep set town = label',
  "update by_name set city = 'x'",
  'delete from by_name',
]

const REFUSED_WITH_BOTH = [
  "update plain set name = 'x'",
  "update renamed set label = 'x'",
  "update deep set label = 'x'",
  'update plain set id = 5, name = default',
  "update joined set city = 'x'",
  "update sorted set city = 'x'",
  'delete from replaced',
  "update replaced set city = 'x'",
  'delete from ruled',
  'insert into plain (id) values (5)',
]

describe.each(postgresMajors())('PostgreSQL %i: writes through a view', (major) => {
  let fixture: EngineFixture
  let phases: FixedPhases
  let client: pg.Client

  beforeAll(async () => {
    phases = fixedPhases()
    fixture = await EngineFixture.open(major, { sql: SQL, migrations: [NAME], phases })
    client = await fixture.client()
  })
  afterAll(async () => {
    await fixture?.close()
  })
  afterEach(() => client.query('rollback'))

  async function outcome(text: string, phase: Phase, flag: boolean): Promise<string> {
    phases.set(NAME.id, phase)
    fixture.flags.set('name', flag)
    fixture.statements.length = 0
    await client.query('rollback')
    await client.query('begin')
    await client.query(text).catch((error: unknown) => {
      if ((error as { code?: string }).code !== 'EC_REFUSED') throw error
    })
    return fixture.statements.find(({ command }) => command !== 'BEGIN' && command !== 'ROLLBACK')?.outcome ?? 'none'
  }

  test.each(WRITES_NO_COLUMN)('%s has nothing to do with the column', async (text) => {
    for (const phase of ['expand', 'switch', 'contract'] as const)
      for (const flag of [false, true]) expect(await outcome(text, phase, flag), phase).toBe('unchanged')
  })

  test.each(SHOWS_COLUMN)('%s reads it, and no more', async (text) => {
    expect(await outcome(text, 'expand', true)).toBe('unchanged')
    expect(await outcome(text, 'switch', true)).toBe('kept')
    expect(await outcome(text, 'contract', true)).toBe('refused')
  })

  test.each(REFUSED_WITH_BOTH)('%s may write it', async (text) => {
    expect(await outcome(text, 'switch', false)).toBe('refused')
  })

  test('what a foreign key does because of it counts', async () => {
    const migration = renameColumn({ table: 'nodes', from: 'above', to: 'parent', type: 'text' })
    const sql = `create table nodes (code text primary key, above text references nodes on delete set null on update cascade, parent text);
      create view codes as select code as name from nodes`
    const own = await EngineFixture.open(major, { sql, migrations: [migration] })
    const other = await own.client()
    for (const text of ['delete from codes', "update codes set name = 'x'"])
      await expect(other.query(text)).rejects.toMatchObject({ reasons: [{ code: 'referential-action' }] })
    await own.close()
  })
})
