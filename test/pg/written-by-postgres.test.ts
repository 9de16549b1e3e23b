import { changeColumnType, fixedPhases, type Migration, renameColumn } from '@expand-contract/core'
import { syncTriggerName } from '@expand-contract/sql'
import { afterEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { readSwitch } from '../support/read-switch.ts'
import { EngineFixture } from './engine-fixture.ts'

const MIGRATION = renameColumn({ table: 'users', from: 'name', to: 'full_name' })

const LOWER = `create function lower_name() returns trigger language plpgsql as
  $f$ begin new.name := lower(new.name); return new; end $f$;`

/** What PostgreSQL itself puts into a row, beside the values of the statement: written to both columns, or refused. */
describe.each(postgresMajors())('PostgreSQL %i: values that are in no statement', (major) => {
  let fixture: EngineFixture | undefined

  afterEach(close)

  async function connect(sql: string, migrations: readonly Migration[] = [MIGRATION], phases = readSwitch(migrations)) {
    fixture = await EngineFixture.open(major, { sql, migrations, phases, catalogRefreshMs: 0 })
    const { bare } = fixture
    return {
      bare,
      client: await fixture.client(),
      rows: async () =>
        (await bare.query({ text: 'select name, full_name from users order by id', rowMode: 'array' })).rows,
    }
  }
  async function close() {
    await fixture?.close()
    fixture = undefined
  }
  const refused = (reason: string) => ({ code: 'EC_REFUSED', reasons: [{ code: reason }] })

  test('the default of a domain', async () => {
    const { client, rows } = await connect(`create domain label as text default 'none';
      create table users (id serial primary key, name label, full_name text)`)
    await client.query('insert into users default values')
    await client.query("insert into users (name) values ('Ada'), (default)")
    await client.query('insert into users (id) select 4')
    await client.query('update users set name = default where id = 2')
    expect(await rows()).toEqual([
      ['none', 'none'],
      ['none', 'none'],
      ['none', 'none'],
      ['none', 'none'],
    ])
  })

  test('a trigger of a partition, or of a child', async () => {
    for (const below of ['partition of users for values from (0) to (9)', '() inherits (users)']) {
      const { client } = await connect(`${LOWER}
        create table users (id int, name text, full_name text, age int) ${below.startsWith('()') ? '' : 'partition by range (id)'};
        create table low_users ${below};
        create trigger t before insert or update on low_users for each row execute function lower_name()`)
      for (const sql of ["insert into users (id, name) values (1, 'Ada')", "update users set name = 'Ada'"])
        await expect(client.query(sql)).rejects.toMatchObject(refused('user-trigger'))
      await close()
    }
  })

  test('a sync trigger that a child does not have keeps nothing in step there', async () => {
    const { client, bare, rows } = await connect(`create table users (id int, name text[], full_name text[]);
      create table more_users () inherits (users);
      insert into more_users values (1, '{a}', '{a}');
      create function sync() returns trigger language plpgsql as $f$ begin new.full_name := new.name; return new; end $f$;
      create trigger "${syncTriggerName(MIGRATION.id)}" before insert or update on users for each row execute function sync()`)
    const statement = "update users set name[1] = case when random() < 2 then 'x' end"
    await expect(client.query(statement)).rejects.toMatchObject(refused('subscript-assignment'))
    await bare.query(
      `create trigger "${syncTriggerName(MIGRATION.id)}" before insert or update on more_users for each row execute function sync()`,
    )
    await client.query(statement)
    expect(await rows()).toEqual([[['x'], ['x']]])
  })

  test('a trigger that works on the old column when the new one alone is written', async () => {
    for (const app of ['old', 'new'] as const) {
      const migration = renameColumn({ table: 'users', from: 'name', to: 'full_name', app })
      const { client, bare, rows } = await connect(
        `${LOWER} create table users (id int, name text, full_name text);
         create trigger t before insert on users for each row execute function lower_name()`,
        [migration],
        fixedPhases({ [migration.id]: 'contract' }),
      )
      const insert = `insert into users (id, ${app === 'old' ? 'name' : 'full_name'}) values (1, 'Ada')`
      await expect(client.query(insert)).rejects.toMatchObject(refused('user-trigger'))
      await bare.query(`create or replace function lower_name() returns trigger language plpgsql as
        $f$ begin new.full_name := lower(new.full_name); return new; end $f$`)
      await client.query(insert)
      expect(await rows()).toEqual([[null, 'ada']])
      await close()
    }
  })

  test('a trigger that returns what another function makes of the row', async () => {
    const { client } = await connect(`create table users (id int, name text, full_name text);
      create function tidy(u users) returns users language plpgsql as $f$ begin u.name := lower(u.name); return u; end $f$;
      create function tidied() returns trigger language plpgsql as $f$ begin return tidy(new); end $f$;
      create trigger t before insert on users for each row execute function tidied()`)
    await expect(client.query("insert into users values (1, 'Ada')")).rejects.toMatchObject(refused('user-trigger'))
  })

  test('an AFTER trigger that writes the table itself, but not one that writes another', async () => {
    const { client, bare, rows } = await connect(`create table users (id int, name text, full_name text);
      create table audit (name text);
      create function log_name() returns trigger language plpgsql as
        $f$ begin insert into audit values (new.name); return null; end $f$;
      create trigger a after insert on users for each row execute function log_name();
      create function tidy() returns trigger language plpgsql as
        $f$ begin update users set name = lower(name) where name <> lower(name); return null; end $f$`)
    await client.query("insert into users values (1, 'Ada')")
    expect(await rows()).toEqual([['Ada', 'Ada']])
    await bare.query('create trigger b after insert on users execute function tidy()')
    await expect(client.query("insert into users values (2, 'Bob')")).rejects.toMatchObject(refused('user-trigger'))
  })

  test('a compiled trigger function that is known works on its arguments alone', async () => {
    const { client, bare, rows } = await connect(`create extension moddatetime;
      create table users (id int, name text, full_name text, seen timestamp, notes text, found tsvector);
      create trigger a before update on users for each row execute function moddatetime(seen);
      create trigger b before insert or update on users for each row
        execute function tsvector_update_trigger(found, 'pg_catalog.simple', notes);
      create trigger c before update on users for each row execute function suppress_redundant_updates_trigger()`)
    await client.query("insert into users (id, name, notes) values (1, 'Ada', 'some')")
    await client.query("update users set name = 'Ada B.'")
    expect(await rows()).toEqual([['Ada B.', 'Ada B.']])
    expect(
      (await bare.query('select found::text, seen > now() - interval $$1 hour$$ as seen from users')).rows,
    ).toEqual([{ found: "'some':1", seen: true }])
    await bare.query(`create trigger d before update on users for each row
      execute function tsvector_update_trigger(found, 'pg_catalog.simple', name)`)
    await expect(client.query("update users set name = 'Ada'")).rejects.toMatchObject(refused('user-trigger'))
  })

  test('a rule', async () => {
    const { client } = await connect(`create table users (id int, name text, full_name text, age int);
      create table old_users () inherits (users);
      create rule old as on insert to users where new.age > 99 do instead insert into old_users (id, name) values (new.id, new.name)`)
    await expect(client.query("insert into users (id, name) values (1, 'Ada')")).rejects.toMatchObject(
      refused('user-trigger'),
    )
  })

  const TEAMS = `create table leagues (id int primary key);
    create table teams (code text primary key, league int references leagues on delete cascade, title text);
    create table users (id int primary key, name text references teams on delete set null on update cascade, full_name text);
    insert into leagues values (1), (2);
    insert into teams values ('a', 1), ('b', 2);
    insert into users values (1, 'a', 'a'), (2, 'b', 'b')`

  test('an action of a foreign key, near or far', async () => {
    const { client, bare, rows } = await connect(TEAMS)
    const setOff = [
      "update teams set code = 'c' where code = 'a'",
      'delete from leagues where id = 2',
      "insert into teams values ('a') on conflict (code) do update set code = 'c'",
      'with gone as (delete from teams returning *) select code from gone',
    ]
    if (major >= 15) setOff.push('merge into teams t using leagues l on l.id = t.league when matched then delete')
    for (const sql of setOff) await expect(client.query(sql)).rejects.toMatchObject(refused('referential-action'))
    await client.query("update teams set title = 'x'")
    await client.query("insert into teams values ('z')")

    await bare.query(
      'alter table users add foreign key (full_name) references teams on delete set null on update cascade not valid',
    )
    await client.query(setOff[0] ?? '')
    await client.query(setOff[1] ?? '')
    expect(await rows()).toEqual([
      ['c', 'c'],
      [null, null],
    ])
  })

  test('an action of a foreign key on some of its columns', async (context) => {
    if (major < 15) return context.skip('ON DELETE SET NULL (column) came with PostgreSQL 15')
    const tables = (columns: string): string => `create table teams (code text, region int, primary key (code, region));
      create table users (id int primary key, name text, full_name text, region int,
        foreign key (name, region) references teams on delete set null (${columns}));
      insert into teams values ('a', 1), ('b', 2);
      insert into users values (1, 'a', 'a', 1), (2, 'b', 'b', 2)`
    const spared = await connect(tables('region'))
    await spared.client.query("delete from teams where code = 'a'")
    expect(await spared.rows()).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ])
    await close()
    for (const columns of ['name', 'name, region']) {
      const { client } = await connect(tables(columns))
      await expect(client.query('delete from teams')).rejects.toMatchObject(refused('referential-action'))
      await close()
    }
  })

  const PARTS = `create table base (code text primary key, league int) partition by list (code);
    create table teams partition of base for values in ('a');
    insert into base values ('a', 1)`
  const INHERITED = `create table base (code text); create table teams (primary key (code)) inherits (base);
    insert into teams values ('a')`
  const users = (references: string): string =>
    `create table users (id int, name text references ${references}, full_name text)`

  test.each([
    ['delete from base', [INHERITED, users('teams on delete set null')]],
    ["update base set code = 'b'", [INHERITED, users('teams on update cascade')]],
    ['delete from base', [PARTS, users('teams on delete set null')]],
    ['delete from teams', [PARTS, users('base on delete set null')]],
    [
      'delete from leagues',
      [
        'create table leagues (id int primary key); insert into leagues values (1)',
        PARTS,
        'alter table base add foreign key (league) references leagues on delete cascade',
        users('teams on delete set null'),
      ],
    ],
    [
      'delete from base',
      [
        PARTS,
        `create table people (id int, name text references base on delete set null, full_name text) partition by list (id);
         create table users partition of people for values in (1)`,
      ],
    ],
  ])('an action of a foreign key by way of partitions and children: %s', async (statement, script) => {
    const { client, rows } = await connect([...script, "insert into users values (1, 'a', 'a')"].join(';'))
    await expect(client.query(statement)).rejects.toMatchObject(refused('referential-action'))
    expect(await rows()).toEqual([['a', 'a']])
  })

  test('an action of a foreign key, by the columns that are written', async () => {
    const { client, bare, rows } = await connect(
      `create table users (id int primary key, name int references users on delete set null, full_name bigint);
       insert into users values (1, null, null), (2, 1, 1)`,
      [changeColumnType({ table: 'users', from: 'name', fromType: 'int', to: 'full_name', type: 'bigint' })],
    )
    await expect(client.query('delete from users where id = 1')).rejects.toMatchObject(refused('referential-action'))
    await bare.query('alter table users drop full_name')
    await client.query('delete from users where id = 1')
    await bare.query('alter table users add full_name bigint')
    expect(await rows()).toEqual([[null, null]])
  })
})
