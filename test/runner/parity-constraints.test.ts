import { changeColumnType, type Migration, renameColumn } from '@expand-contract/core'
import { readParity, runParity } from '@expand-contract/runner'
import { afterEach, describe, expect, test } from 'vitest'
import { readDependents } from '../../packages/runner/src/contract/dependents.ts'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'
import { bothSides, expandAndFill, parityOf } from './parity-life.ts'
import { runStageOf, toSwitch } from './run-stages.ts'

const renamed = (table: string): Migration => renameColumn({ table, from: 'name', to: 'zz_name_2' })

const majors = postgresMajors()
if (!majors.includes(18)) console.log('PostgreSQL 18 was not asked for: its constraints were not tried.')

describe.each(majors)('PostgreSQL %i: constraints and settings that few columns have', (major) => {
  let db: ExpandedDatabase
  const open = async (sql: string): Promise<void> => {
    db = await ExpandedDatabase.open(major, sql)
  }
  afterEach(() => db.close())
  const since18 = test.runIf(major >= 18)
  const before18 = test.runIf(major < 18)

  /** NOT NULL constraints of migrating columns, table by table. */
  const notNulls = (column: string) =>
    db.rows(
      `select conrelid::regclass::text as on, conname as name, pg_get_constraintdef(k.oid) as is, convalidated as valid, obj_description(k.oid, 'pg_constraint') as comment
       from pg_constraint k join pg_class c on c.oid = conrelid join pg_attribute a on a.attrelid = conrelid and conkey = array[attnum] where contype = 'n' and attname = $1 and relnamespace = 'public'::regnamespace order by 1, 2`,
      [column],
    )
  const fails = (sql: string): Promise<unknown> => db.client.query(sql).catch(({ code }: { code: string }) => code)
  /** Runs what is left to people before reads move, as it is offered. */
  const decide = async (migration: Migration): Promise<readonly string[]> => {
    const { forPeople } = await readParity(db.client, migration)
    const texts = forPeople.filter(({ before }) => before === 'switch')
    for (const { sql } of texts) await db.client.query(sql)
    return texts.map(({ what }) => what)
  }

  since18('NOT NULL that is NOT VALID, that has a name and a comment, and that children do not inherit', async () => {
    await open(`create table unvalidated (id int primary key, name text); insert into unvalidated values (1, null), (2, 'x');
      alter table unvalidated add constraint name_is_there not null name not valid;
      create table commented (id int primary key, name text constraint is_there not null); comment on constraint is_there on commented is 'It''s there';
      create table commented_child () inherits (commented); insert into commented_child values (1, 'x');
      create table alone (id int primary key, name text, constraint only_here not null name no inherit); create table alone_child () inherits (alone);
      create table alone_strict () inherits (alone); alter table alone_strict alter name set not null;
      insert into alone values (1, 'x'); insert into alone_child values (2, null); insert into alone_strict values (3, 'y');
      create table parted (id int, name text constraint parted_named not null) partition by range (id); create table parted_1 partition of parted for values from (0) to (9);
      insert into parted values (1, 'x')`)
    const before = await notNulls('name')
    for (const table of ['unvalidated', 'commented', 'alone', 'parted']) {
      const migration = renamed(table)
      expect(await parityOf(db, migration)).toMatchObject({
        missing: [],
        forPeople: [],
        met: { 'not null': expect.any(Number) },
      })
      expect((await runParity(db.client, migration)).actions).toEqual([])
    }
    const made = await notNulls('zz_name_2')
    const shown = (rows: typeof made) =>
      rows.map(({ on, is, valid, comment }) => ({ on, valid, comment, is: String(is).replace('zz_name_2', 'name') }))
    expect(shown(made)).toEqual(shown(before))
    expect(made.map(({ name }) => name)).toEqual([
      ...['only_here_zz_name_2', 'alone_strict_zz_name_2_not_null', 'is_there_zz_name_2', 'is_there_zz_name_2'],
      ...['parted_named_zz_name_2', 'parted_named_zz_name_2', 'name_is_there_zz_name_2'],
    ])
    // The row of before stays as it is, and no new one is like it.
    expect(await fails('insert into unvalidated values (3, null)')).toBe('23502')
    expect(await fails('insert into alone_child values (3, null)')).toMatchObject({ rowCount: 1 })
  })

  since18('such a NOT NULL moves with contract, and comes back', async () => {
    await open(`create table users (id int primary key, name text); insert into users values (1, null), (2, 'x');
      alter table users add constraint name_is_there not null name not valid;
      create table cents (id int primary key, name text); insert into cents values (1, null), (2, '7'); alter table cents add constraint digits not null name not valid;
      create table alone (id int primary key, name text, constraint only_here not null name no inherit); create table alone_child () inherits (alone);
      insert into alone values (1, 'x'); insert into alone_child values (2, null)`)
    const before = await notNulls('name')
    const lossy = changeColumnType({ table: 'cents', from: 'name', fromType: 'text', to: 'zz_name_2', type: 'int4' })
    for (const migration of [renamed('users'), lossy, renamed('alone')]) {
      await toSwitch(db, migration)
      await runStageOf(db, migration, 'contract')
    }
    expect((await notNulls('zz_name_2')).map(({ on, is }) => `${on} ${is}`)).toEqual([
      ...[
        'alone NOT NULL zz_name_2 NO INHERIT',
        'cents NOT NULL zz_name_2 NOT VALID',
        'users NOT NULL zz_name_2 NOT VALID',
      ],
    ])
    expect(await notNulls('name')).toEqual([])
    for (const migration of [renamed('users'), lossy, renamed('alone')]) await runStageOf(db, migration, 'rollback')
    expect(await notNulls('name')).toEqual(before)
  })

  before18('a child that has dropped what its parent has NOT NULL', async () => {
    await open(`create table users (id int primary key, name text not null); create table staff () inherits (users); alter table staff alter name drop not null;
      create table strict () inherits (users); insert into users values (1, 'x'); insert into staff values (2, null); insert into strict values (3, 'x')`)
    expect((await parityOf(db, renamed('users'))).missing).toEqual([])
    const rows = await db.rows(
      "select attrelid::regclass::text as on, attname from pg_attribute where attnotnull and attname in ('name', 'zz_name_2') and attrelid in ('users'::regclass, 'staff'::regclass, 'strict'::regclass) order by 1, 2",
    )
    expect(rows.map(({ on, attname }) => `${on}.${attname}`)).toEqual([
      ...['strict.name', 'strict.zz_name_2', 'users.name', 'users.zz_name_2'],
    ])
  })

  since18('keys WITHOUT OVERLAPS and foreign keys with a PERIOD', async () => {
    await open(`create extension btree_gist;
      create table rooms (name int, during tstzrange, floor int, constraint rooms_pk primary key (name, during without overlaps),
        constraint rooms_key unique (floor, name, during without overlaps) deferrable);
      create table stays (id int primary key, name int, span tstzrange, constraint stay foreign key (name, period span) references rooms (name, period during));
      insert into rooms values (1, '[2020-01-01,2020-02-01)', 1); insert into stays values (1, 1, '[2020-01-02,2020-01-03)')`)
    const [rooms, stays] = [renamed('rooms'), renamed('stays')]
    expect((await parityOf(db, stays)).missing).toEqual([])
    const parity = await parityOf(db, rooms)
    expect(parity.missing).toEqual([])
    expect(parity.forPeople.map(({ what, before }) => `${before}: ${what}`)).toEqual([
      ...['contract: primary key rooms_pk', 'switch: index rooms_pk', 'switch: index rooms_key'],
      'switch: foreign key stay of public.stays',
    ])
    expect(await decide(rooms)).toHaveLength(3)
    expect((await readParity(db.client, rooms)).forPeople.map(({ what }) => what)).toEqual(['primary key rooms_pk'])
    const kept = [
      'UNIQUE (floor, name, during WITHOUT OVERLAPS) DEFERRABLE',
      'FOREIGN KEY (name, PERIOD span) REFERENCES rooms(name, PERIOD during)',
    ]
    const made = [
      ...(await bothSides(db, 'rooms', { old: 'name', new: 'zz_name_2' })).new,
      ...(await bothSides(db, 'stays', { old: 'name', new: 'zz_name_2' })).new,
    ]
    expect(made).toEqual(expect.arrayContaining(kept))
    expect(await fails("insert into rooms values (1, '[2020-01-05,2020-01-06)', 2)")).toBe('23P01')
    // What moves the key, as contract's gate gives it, is for people as well.
    await db.client.query('alter table stays drop constraint stay, drop constraint stay_zz_name_2')
    const [key] = (await readDependents(db.client, await db.shape(rooms))).filter(({ kind }) => kind === 'primary key')
    expect(key?.moves).toBeUndefined()
    await db.client.query(key?.sql ?? '')
    expect(await bothSides(db, 'rooms', { old: 'name', new: 'zz_name_2' })).toMatchObject({
      old: expect.arrayContaining(['UNIQUE (name, during WITHOUT OVERLAPS)']),
    })
    expect(
      await db.rows("select pg_get_constraintdef(oid) as is from pg_constraint where conname = 'rooms_pk'"),
    ).toEqual([{ is: 'PRIMARY KEY (zz_name_2, during WITHOUT OVERLAPS)' }])
  })

  test('exclusion constraints, with all that they can have, and of a type whose operators may be others', async () => {
    await open(`create extension btree_gist; create schema other; create extension if not exists intarray schema other;
      create table rooms (id int, name int, during int4range, tags int[],
        constraint a_plain exclude using gist (name with =, during with &&),
        constraint b_more exclude using gist (name with =, int4range(id, id + name) with &&) include (tags) with (fillfactor = 70) where (name > 0) deferrable initially deferred);
      insert into rooms values (1, 1, '[1,5)', '{1}');
      create table codes (name text, during int4range, constraint codes_ex exclude using gist (name with =, during with &&)); insert into codes values ('1', '[1,5)')`)
    const migration = renamed('rooms')
    expect(await parityOf(db, migration)).toMatchObject({ missing: [] })
    expect(await decide(migration)).toEqual(['index a_plain', 'index b_more'])
    // Its expression has no statistics yet.
    await runParity(db.client, migration)
    expect(await readParity(db.client, migration)).toMatchObject({ missing: [], forPeople: [], met: { index: 2 } })
    const definitions = await db.rows(
      "select pg_get_constraintdef(oid) as is from pg_constraint where contype = 'x' and conrelid = 'rooms'::regclass order by conname",
    )
    const [plain, plainNew, more, moreNew] = definitions.map(({ is }) => String(is).replaceAll('zz_name_2', 'name'))
    expect([plainNew, moreNew]).toEqual([plain, more])
    expect((await runParity(db.client, migration)).actions).toEqual([])
    await db.rollback(migration)
    const other = changeColumnType({ table: 'codes', from: 'name', fromType: 'text', to: 'number', type: 'int4' })
    const [offered] = (await parityOf(db, other)).forPeople
    expect(offered?.sql).toContain(
      '-- ALTER TABLE "public"."codes" ADD EXCLUDE USING gist (name WITH =, during WITH &&)',
    )
  })

  test('NULLS NOT DISTINCT, INCLUDE, expressions, predicates, collations, statistics and settings', async () => {
    await open(`do $$ begin create role parity_granted_${major}; create role parity_second_${major}; exception when duplicate_object then null; end $$;
      create table users (id int primary key, name text collate "C", k int, constraint one_null unique ${major < 15 ? '' : 'nulls not distinct'} (name, k),
        constraint with_k unique (name) include (k));
      create index partial on users (lower(name) collate "POSIX", k) include (name) where name like 'x%' and k > 0; create index posix on users (name collate "POSIX" desc);
      create statistics all_kinds (mcv, ndistinct) on name, k, lower(name), (name || k::text) from users; create statistics of_length on (length(name)) from users;
      alter table users alter name set storage external, alter name set compression pglz, alter name set statistics 50, alter name set (n_distinct = -0.3, n_distinct_inherited = 5);
      grant select (name), update (name) on users to parity_granted_${major} with grant option; grant select (name) on users to public;
      set role parity_granted_${major}; grant select (name) on users to parity_second_${major}; reset role;
      insert into users select g, 'x' || g, g from generate_series(1, 30) g`)
    const migration = renamed('users')
    expect(await parityOf(db, migration)).toMatchObject({ missing: [], forPeople: [] })
    const { old, new: made } = await bothSides(db, 'users', { old: 'name', new: 'zz_name_2' })
    expect(made).toEqual(old)
    expect(made.length).toBe(8)
    const [one, other] = await db.rows(
      `select attcollation, attstorage, attcompression, attstattarget, attoptions,
        (select array_agg(grantee::regrole || privilege_type || is_grantable order by 1) from aclexplode(attacl) where grantee <> 0) as granted,
        (select count(*) from aclexplode(attacl) where grantee = 0) as everybody
      from pg_attribute where attrelid = 'users'::regclass and attname in ('name', 'zz_name_2') order by attnum`,
    )
    expect(other).toEqual(one)
  })

  test('a type that takes all values keeps the collation', async () => {
    await open(
      `create table codes (id int primary key, code varchar(10) collate "C" unique); insert into codes values (1, 'a')`,
    )
    const wider = changeColumnType({ table: 'codes', from: 'code', fromType: 'varchar(10)', to: 'label', type: 'text' })
    expect(await parityOf(db, wider)).toMatchObject({ missing: [], forPeople: [] })
    expect(
      await db.rows(
        "select count(distinct attcollation)::int as n from pg_attribute where attrelid = 'codes'::regclass and attname in ('code', 'label')",
      ),
    ).toEqual([{ n: 1 }])
  })

  test('generated columns that read it, stored and virtual', async () => {
    const virtual = major < 18 ? '' : ', soft text generated always as (lower(name) || k) virtual'
    await open(`create table users (id int primary key, name text, k int, loud text generated always as (upper(name)) stored${virtual});
      create table staff (level int) inherits (users); insert into users values (1, 'Ada', 1); insert into staff values (2, 'Bob', 2)`)
    const migration = renamed('users')
    await expandAndFill(db, migration)
    await runParity(db.client, migration)
    const { forPeople } = await readParity(db.client, migration)
    const all = major < 18 ? ['loud'] : ['loud', 'soft']
    expect(forPeople.map(({ what, before }) => `${before}: ${what}`).sort()).toEqual(
      all.map((name) => `contract: generated column public.users.${name}`),
    )
    for (const { sql } of forPeople) await db.client.query(sql)
    await db.client.query("update only users set name = 'Eve'; insert into staff values (3, 'Dan', 3)")
    const column = major < 17 ? 'loud_new' : 'loud'
    expect(await db.rows(`select ${column} as loud${major < 18 ? '' : ', soft'} from users order by id`)).toEqual(
      ['EVE', 'BOB', 'DAN'].map((loud, at) => ({
        loud,
        ...(major < 18 ? {} : { soft: `${loud.toLowerCase()}${at + 1}` }),
      })),
    )
    // From 17 on it stands in its place, and lets go of the old column.
    expect((await readParity(db.client, migration)).forPeople.length).toBe(major < 17 ? 1 : 0)
    await expect(db.rollback(migration)).rejects.toMatchObject({ code: 'EC_ROLLBACK_DEPENDS' })
  })
})
