import { changeColumnType, mergeColumns, renameColumn, splitColumn } from '@expand-contract/core'
import { readParity, runParity } from '@expand-contract/runner'
import { afterEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'
import { bothSides, definitionsOf, expandAndFill, parityOf } from './parity-life.ts'

const LONG = 'ä'.repeat(31)
const NAMES = { old: LONG, new: `${'ö'.repeat(30)}"x` }

describe.each(postgresMajors())('PostgreSQL %i: parity of every kind of change and table', (major) => {
  let db: ExpandedDatabase
  /** Columns can be named from 15 on. */
  const remove = (column: string): string => `SET NULL${major < 15 ? '' : ` (${column})`}`
  const open = async (sql: string): Promise<void> => {
    db = await ExpandedDatabase.open(major, sql)
  }
  afterEach(() => db.close())

  test('a key that becomes wider: index, checks and foreign keys from it; those that point at it are named, and go back with it', async () => {
    await open(
      `
      create table towns (id int primary key); insert into towns values (1), (2);
      create table users (id int primary key, town int not null references towns);
      create table orders (id int primary key, user_id int constraint orders_user references users on delete ${remove('user_id')});
      alter table users add constraint positive check (id > 0 and id <> all (array[7, 8]));
      create index users_partial on users (id desc) include (town) where id is not null;
      create index users_call on users (abs(id));
      create statistics users_both (mcv) on id, town from users;
      insert into users select g, 1 from generate_series(10, 20) g; insert into orders select g, g from generate_series(10, 20) g;
      alter table users replica identity using index users_pkey; cluster users using users_pkey`,
    )
    const wider = changeColumnType({ table: 'users', from: 'id', fromType: 'int4', to: 'id_new', type: 'int8' })
    const other = changeColumnType({
      table: 'orders',
      from: 'user_id',
      fromType: 'int4',
      to: 'user_id_new',
      type: 'int8',
    })
    const parity = await parityOf(db, wider)
    expect(parity.missing).toEqual([])
    expect(parity.later).toEqual(
      ['CLUSTER mark of users_pkey', 'replica identity by users_pkey', 'primary key users_pkey'].map((what) => ({
        ...{ what, by: 'contract' },
      })),
    )
    expect(parity.forPeople.map(({ what, before }) => [what, before])).toEqual([
      ['index users_call', 'switch'],
      ['foreign key orders_user of public.orders', 'switch'],
    ])
    const { old, new: made } = await bothSides(db, 'users', { old: '(id', new: '(id_new' })
    expect(made).toEqual(old.filter((text) => !/abs|FOREIGN/u.test(text)))
    expect(await definitionsOf(db, 'users')).toContain('CREATE UNIQUE INDEX ON public.users USING btree (id_new)')
    // The column that points at it is in a migration of its own, and is offered as soon as it is there.
    const target = 'REFERENCES "public"."users" ("id_new") ON DELETE'
    expect(parity.forPeople[1]?.sql).toContain(`FOREIGN KEY ("user_id") ${target} ${remove('"user_id"')} NOT VALID`)
    await parityOf(db, other)
    const [, incoming] = (await readParity(db.client, wider)).forPeople
    expect(incoming?.sql).toContain(`FOREIGN KEY ("user_id_new") ${target} ${remove('"user_id_new"')} NOT VALID`)
    await db.client.query(incoming?.sql ?? '')
    await db.client.query('create index users_call_new on users (abs(id_new))')
    expect((await readParity(db.client, wider)).forPeople).toEqual([])
    await db.rollback(wider)
    expect((await definitionsOf(db, 'orders')).filter((text) => text.includes('id_new'))).toEqual([
      `FOREIGN KEY (user_id_new) REFERENCES users(id) ON DELETE ${remove('user_id_new')}`,
    ])
    await db.rollback(other)
    expect((await definitionsOf(db, 'orders')).filter((text) => text.startsWith('FOREIGN'))).toEqual([
      `FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE ${remove('user_id')}`,
    ])
  })

  test('a varchar that becomes text: PostgreSQL prints its expressions otherwise, and they are the same', async () => {
    await open(`create table users (id int primary key, name varchar(40) check (name <> ''), note varchar(9));
      create index on users (lower(name)); create index on users (name varchar_pattern_ops) where name like 'a%';
      insert into users select g, 'n' || g from generate_series(1, 20) g`)
    const migration = changeColumnType({
      table: 'users',
      from: 'name',
      fromType: 'varchar(40)',
      to: 'label',
      type: 'text',
    })
    const { missing, forPeople, met } = await parityOf(db, migration)
    expect([missing, forPeople]).toEqual([[], []])
    expect(met).toEqual({ check: 1, index: 2 })
  })

  test('a type that values change for: plain indexes; what could refuse or lose something is for people, and a declared counterpart counts', async () => {
    await open(`create table users (id int primary key, code text not null constraint code_key unique, constraint code_check check (code <> ''),
        constraint code_excluded exclude using btree (code with =));
      create index code_plain on users (code); create index code_expression on users (lower(code)); create index code_pattern on users (code text_pattern_ops);
      create statistics code_statistics on lower(code), id from users;
      create view codes as select id, code from users; create policy code_policy on users using (code <> 'x');
      create function code_of(int) returns text language sql begin atomic select code from users where id = $1; end;
      create function noop() returns trigger language plpgsql as 'begin return new; end';
      create trigger "on_code" after update of code on users for each row execute function noop();
      alter table users add column upper_code text generated always as (upper(code)) stored;
      insert into users select g, g::text from generate_series(1, 20) g; ${major < 15 ? '' : 'create publication listed for table users (id, code);'}`)
    const migration = changeColumnType({
      ...{ table: 'users', from: 'code', fromType: 'text', to: 'number', type: 'int4' },
      constraints: { code_key: 'number_key' },
    })
    const { missing, forPeople, later, met } = await parityOf(db, migration)
    expect(missing).toEqual([])
    expect(later).toEqual([{ what: 'NOT NULL of number on users', by: 'contract' }])
    expect(met).toEqual({ index: 1 })
    const named = forPeople.map(({ what, before }) => `${before}: ${what}`).sort()
    expect(named).toEqual(
      [
        'contract: function public.code_of(pg_catalog.int4)',
        'contract: generated column public.users.upper_code',
        'contract: policy code_policy on public.users',
        ...(major < 15 ? [] : ['contract: publication listed of public.users']),
        'contract: trigger on_code on public.users',
        'contract: view public.codes',
        ...[
          'check code_check',
          'index code_excluded',
          'index code_expression',
          'index code_key',
          'index code_pattern',
        ].map((what) => `switch: ${what}`),
        'switch: statistics code_statistics',
      ].map((text) => text.replace('pg_catalog.int4', 'integer')),
    )
    for (const { sql, why } of forPeople) expect([sql.length > 20, why.length > 10]).toEqual([true, true])
    await db.client.query('create unique index number_key on users (number)')
    expect((await readParity(db.client, migration)).forPeople.map(({ what }) => what)).not.toContain('index code_key')
    // What somebody has made of the new column must not go with it.
    await db.client.query('create view numbers as select number from users')
    await expect(db.rollback(migration)).rejects.toMatchObject({
      code: 'EC_ROLLBACK_DEPENDS',
      message: expect.stringContaining('view public.numbers'),
    })
    expect(await db.phase(migration)).toBe('expand')
    await db.client.query('drop view numbers')
    await db.rollback(migration)
  })

  test('a split and a merge: grants on all that is written, everything else is for people', async () => {
    await open(`do $$ begin create role parity_splitter; exception when duplicate_object then null; end $$;
      create table users (id int primary key, name text not null unique, first text, last text);
      create index on users (last); create index on users (first, last);
      grant select (id, first, name), update (first, name) on users to parity_splitter; insert into users values (1, 'Ada L', 'Ada', 'L')`)
    const split = splitColumn({
      ...{ table: 'users', from: 'name', to: { given: 'text', family: 'text' } },
      forward: { given: "split_part(name, ' ', 1)", family: "split_part(name, ' ', 2)" },
      backward: "given || ' ' || family",
    })
    const merge = mergeColumns({
      ...{ table: 'users', from: { first: 'text', last: 'text' }, to: 'whole', type: 'text' },
      forward: "first || ' ' || last",
      backward: { first: "split_part(whole, ' ', 1)", last: "split_part(whole, ' ', 2)" },
    })
    for (const migration of [split, merge]) {
      const { missing, forPeople } = await parityOf(db, migration)
      expect(missing).toEqual([])
      expect(forPeople.length).toBe(migration === split ? 1 : 2)
    }
    const rows =
      await db.rows(`select attname as column, x.privilege_type as privilege from pg_attribute, aclexplode(attacl) x
      where attrelid = 'users'::regclass and attname in ('given', 'family', 'whole') order by 1, 2`)
    expect(rows.map(({ column, privilege }) => `${column} ${privilege}`)).toEqual(
      // Of the merged column the role may see the half alone.
      ['family SELECT', 'family UPDATE', 'given SELECT', 'given UPDATE', 'whole UPDATE'],
    )
  })

  test('partitions of partitions, with indexes of their own, and a schema and names that must be quoted', async () => {
    await open(`create schema "Crm"; create table "Crm".towns (name text primary key); insert into "Crm".towns select 'n' || g from generate_series(1, 40) g;
      create table "Crm"."U s" (id int, name text not null, part int, constraint fk foreign key (name) references "Crm".towns,
        constraint "U s_name_key" unique (name, part), check (name <> '')) partition by list (part);
      create index by_name on "Crm"."U s" (lower(name));
      create table "Crm".one partition of "Crm"."U s" for values in (1);
      create table "Crm".more partition of "Crm"."U s" for values in (2, 3) partition by list (part);
      create table "Crm".two partition of "Crm".more for values in (2);
      create table "Crm".three (part int, name text not null, id int, constraint "U s_name_check" check (name <> ''));
      alter table "Crm".more attach partition "Crm".three for values in (3);
      create index own on "Crm".one (name, id); create unique index own_three on "Crm".three (name) where id > 3;
      alter table "Crm".three alter name set statistics 7; comment on column "Crm".two.name is 'a part';
      insert into "Crm"."U s" select g, 'n' || g, 1 + g % 3 from generate_series(1, 30) g`)
    const migration = renameColumn({ table: '"Crm"."U s"', from: 'name', to: 'zz_name_2' })
    const { missing, forPeople } = await parityOf(db, migration)
    expect([missing, forPeople]).toEqual([[], []])
    for (const table of ['"Crm"."U s"', '"Crm".one', '"Crm".more', '"Crm".two', '"Crm".three']) {
      const { old, new: made } = await bothSides(db, table, { old: 'name', new: 'zz_name_2' })
      expect([table, made]).toEqual([table, old])
    }
    const { rows } = await db.client.query(
      "select count(*)::int as n from pg_inherits i join pg_class c on c.oid = inhrelid where relkind in ('i', 'I')",
    )
    // Two indexes on four members below the root, and their counterparts.
    expect(rows).toEqual([{ n: 16 }])
    expect(
      await db.rows(
        "select relname from pg_attribute a join pg_class c on c.oid = attrelid where attname = 'zz_name_2' and not attnotnull and relkind in ('r', 'p')",
      ),
    ).toEqual([])
    expect(
      await db.rows(
        `select col_description('"Crm".two'::regclass, attnum) as text from pg_attribute where attrelid = '"Crm".two'::regclass and attname = 'zz_name_2'`,
      ),
    ).toEqual([{ text: 'a part' }])
    expect((await runParity(db.client, migration)).actions).toEqual([])
    // A partition that comes later has all of it by itself.
    await db.client.query('create table "Crm".four partition of "Crm"."U s" for values in (4)')
    expect((await readParity(db.client, migration)).missing).toEqual([])
    await db.rollback(migration)
  })

  test('children by inheritance, each with what it has of its own', async () => {
    await open(`create table users (id int primary key, name text, constraint inherited check (name <> ''));
      create table staff (level int) inherits (users); create index staff_name on staff (name); alter table staff alter name set not null;
      alter table staff add constraint own check (name <> 'x'); create index users_name on users (name);
      insert into users select g, 'n' || g from generate_series(1, 20) g; insert into staff select g, 's' || g, 1 from generate_series(21, 40) g`)
    const migration = renameColumn({ table: 'users', from: 'name', to: 'zz_name_2' })
    expect((await parityOf(db, migration)).missing).toEqual([])
    for (const table of ['users', 'staff']) {
      const { old, new: made } = await bothSides(db, table, { old: 'name', new: 'zz_name_2' })
      expect(made).toEqual(old)
    }
    expect(
      await db.rows(
        "select attrelid::regclass::text as t, attnotnull as n from pg_attribute where attname = 'zz_name_2' and attnum > 0 order by 1",
      ),
    ).toContainEqual({ t: 'staff', n: true })
  })

  test('names of 63 bytes, names that are taken, and a twin of the index that is there already', async () => {
    const [old] = [NAMES.old.replaceAll('"', '""')]
    await open(`create table "${LONG}t" (id int primary key, "${old}" text not null, lower text);
      alter table "${LONG}t" add constraint "${'c'.repeat(63)}" check (lower("${old}") <> 'lower'), add constraint "${'~'.repeat(63)}" check ("${old}" <> 'y');
      alter table "${LONG}t" add constraint "${'語'.repeat(21)}" check ("${old}" <> 'z');
      create unique index "${'i'.repeat(63)}" on "${LONG}t" ("${old}"); create index "${'i'.repeat(62)}j" on "${LONG}t" (lower("${old}"), lower(lower));
      create index free on "${LONG}t" ("${old}", id); create table "free_${NAMES.new.slice(0, 20)}" (a int);
      insert into "${LONG}t" select g, 'n' || g, '' from generate_series(1, 20) g`)
    const migration = renameColumn({ table: `"${LONG}t"`, from: NAMES.old, to: NAMES.new })
    await expandAndFill(db, migration)
    // Somebody has built it by hand, under a name of his own.
    await db.client.query(`create unique index mine on "${LONG}t" ("${NAMES.new.replaceAll('"', '""')}")`)
    const { actions } = await runParity(db.client, migration)
    const built = actions.filter((action) => action.kind === 'sql' && action.sql.includes('INDEX CONCURRENTLY'))
    expect(built.length).toBe(2)
    expect((await readParity(db.client, migration)).missing).toEqual([])
    const violated = async (value: string): Promise<unknown> =>
      db.client
        .query(`insert into "${LONG}t" (id, "${old}") values (99, $1)`, [value])
        .catch(({ constraint }) => constraint)
    expect([await violated('LOWER'), await violated('y'), await violated('z')]).toEqual([
      'c'.repeat(63),
      '~'.repeat(63),
      '語'.repeat(21),
    ])
  })
})
