import { changeColumnType, defineMigration, mergeColumns, renameColumn } from '@expand-contract/core'
import { type Fixture, RENAME, USERS, WIDEN } from './fixture.ts'

const LOWER = defineMigration({
  table: 'users',
  old: { name: 'text' },
  new: { low: 'text' },
  forward: { low: 'lower(name)' },
  backward: { name: 'low' },
})
const WHOLE = mergeColumns({
  ...{ table: 'users', from: { first: 'text', last: 'text' }, to: 'whole', type: 'text' },
  ...{
    forward: "first || ' ' || last",
    backward: { first: "split_part(whole, ' ', 1)", last: "split_part(whole, ' ', 2)" },
  },
})
const TIMES = { table: 'users', from: 'created', fromType: 'timestamp', to: 'created_at', type: 'timestamptz' } as const
const BARE_CAST = changeColumnType(TIMES)
const IN_UTC = changeColumnType({
  ...TIMES,
  forward: "created at time zone 'UTC'",
  backward: "created_at at time zone 'UTC'",
})
const TIMED = "create table users (id int primary key, created timestamp default timestamp '2024-01-01 12:00');"
const PARTED = 'create table users (id int, name text) partition by range (id);'
const trigger = (timing: string, body: string): string => `
  create function touch() returns trigger language plpgsql as $$ begin ${body} end $$;
  create trigger touched ${timing} on users for each row execute function touch();`

/** Hazards of a table, its rows and what surrounds it, in the order of their codes. */
export const TABLE_FIXTURES: readonly Fixture[] = [
  {
    code: 'D07',
    plant: 'create view active as select id, name from users where id > 10',
    expanded: true,
    says: '"full_name" AS "name"',
  },
  {
    code: 'D07',
    what: 'of another type, and before expand',
    migration: changeColumnType({ table: 'users', from: 'name', fromType: 'text', to: 'label', type: 'varchar(80)' }),
    plant: 'create view active as select u.id, u.name from users u',
    expanded: true,
    says: '"label"::text AS "name"',
  },
  {
    code: 'D07',
    what: 'a materialized view',
    plant: 'create materialized view active as select id, name from users',
    by: 'drop materialized view active',
  },
  {
    code: 'D07',
    what: 'with a literal',
    plant: "create view active as select id, name from users where name <> 'name'",
    by: 'drop view active',
  },
  {
    code: 'D10',
    plant: "alter table users add constraint named check (name <> 'user 7') not valid",
    says: '1 row violates the check named',
    by: "update users set name = 'user' where id = 7",
    pasted: true,
  },
  {
    code: 'D15',
    plant: async ({ sql }) => {
      await sql('alter table users set (autovacuum_freeze_max_age = 100000)')
      await sql('do $$ begin for n in 1..85000 loop perform pg_current_xact_id(); commit; end loop; end $$')
    },
  },
  {
    code: 'D35',
    plant: "alter table users enable row level security; create policy named on users using (name <> '')",
  },
  { code: 'D36', plant: 'alter table users add low text generated always as (lower(name)) stored' },
  {
    code: 'D37',
    plant: `create function first_name() returns text language plpgsql as $$ begin return (select name from users limit 1); end $$`,
    by: 'drop function first_name',
  },
  {
    code: 'D37',
    what: 'of a trigger',
    plant: trigger('before insert', 'new.name := trim(new.name); return new;'),
    by: 'drop trigger touched on users',
  },
  {
    code: 'D37',
    what: 'known to PostgreSQL',
    since: 14,
    plant: 'create function first_name() returns text begin atomic select name from users limit 1; end',
    by: 'drop function first_name',
  },
  {
    code: 'D38',
    plant: `alter table users add unique (name); create table orders (id int, who text references users (name))`,
    says: 'FOREIGN KEY (who) REFERENCES public.users(name)',
  },
  {
    code: 'D39',
    table: 'create table users (id serial primary key, name text);',
    migration: WIDEN,
    plant: `create function next_user() returns bigint language plpgsql as $$ begin
      return nextval(pg_get_serial_sequence('users', 'id')); end $$`,
    by: `create or replace function next_user() returns bigint language plpgsql as $$ begin return nextval('public.users_id_seq'); end $$`,
  },
  {
    code: 'D40',
    plant: trigger('after insert', 'update users set name = upper(name) where id = new.id; return null;'),
    by: 'drop trigger touched on users',
  },
  {
    code: 'D40',
    what: 'on DELETE',
    plant: trigger('after delete', 'insert into public.users (id, name) values (-old.id, old.name); return null;'),
    by: 'drop trigger touched on users',
  },
  {
    code: 'D41',
    plant: trigger('after delete', `execute 'insert into log select $1' using old.id; return null;`),
    by: 'drop trigger touched on users',
  },
  {
    code: 'D42',
    plant: `create language other handler plpgsql_call_handler;
      create function touch() returns trigger language other as $$ begin return new; end $$;
      create trigger touched before insert on users for each row execute function touch()`,
    by: 'drop trigger touched on users',
  },
  {
    code: 'D43',
    plant: `create function all_users() returns table (number int, label text) language plpgsql as $$ begin
      return query select * from users; end $$`,
    says: 'select "id", "name" from users',
  },
  {
    code: 'D43',
    what: 'in SQL, with an alias',
    plant: `create function all_users() returns table (number int, label text) language sql as 'select u.* from public.users u'`,
  },
  {
    code: 'D43',
    what: 'rows of the table, written out',
    plant: `create function all_users() returns setof users language plpgsql as $$ begin return query select id, name from users; end $$`,
    by: `create or replace function all_users() returns setof users language plpgsql as $$ begin return query select * from users; end $$`,
  },
  {
    code: 'D43',
    what: 'INSERT ... SELECT *',
    plant: `create table archive (id int, name text);
      create function keep() returns void language plpgsql as $$ begin insert into archive select * from users; end $$`,
  },
  {
    code: 'D44',
    table: `${PARTED} create foreign data wrapper away; create server away foreign data wrapper away;
      create foreign table users_away partition of users for values from (0) to (10) server away;`,
  },
  {
    code: 'D45',
    table: `${PARTED} create table users_1 (name text, id int); alter table users attach partition users_1 for values from (0) to (10);`,
    by: 'alter table users detach partition users_1',
  },
  { code: 'D46', plant: 'create table users_staging (like users including all)', by: 'drop table users_staging' },
  {
    code: 'D46',
    what: 'a partition that was detached',
    table: `${PARTED} create table users_1 partition of users for values from (0) to (10);`,
    expanded: true,
    after: 'alter table users detach partition users_1',
    by: 'drop table users_1',
  },
  {
    code: 'D47',
    what: 'a mapping of several columns, of which the role reads some',
    table:
      "create table users (id int primary key, first text, last text); insert into users values (1, 'Ada', 'Lovelace');",
    migration: WHOLE,
    plant: 'grant insert, select (id, last) on users to %role%; grant update (first) on users to %role%',
  },
  {
    code: 'D47',
    what: 'behind expand',
    plant: 'grant select (id, name), update (name) on users to %role%',
    expanded: true,
    after: 'revoke all (full_name) on users from %role%',
    says: 'GRANT SELECT ("full_name"), UPDATE ("full_name")',
  },
  {
    code: 'D48',
    plant:
      'alter table users enable row level security; alter table users force row level security; alter table users owner to %role%',
    asRole: true,
  },
  {
    code: 'D49',
    since: 15,
    plant: 'create publication shop for table users (id, name)',
    expanded: true,
    says: 'ADD TABLE public.users ("id", "name", "full_name")',
  },
  {
    code: 'D51',
    migration: changeColumnType({ table: 'users', from: 'name', fromType: 'text', to: 'label', type: 'varchar(6)' }),
    mended: {
      migration: changeColumnType({ table: 'users', from: 'name', fromType: 'text', to: 'label', type: 'varchar(60)' }),
    },
  },
  {
    code: 'D51',
    what: 'in a row behind the sample, with all rows',
    migration: changeColumnType({ table: 'users', from: 'id', fromType: 'int4', to: 'small', type: 'int2' }),
    plant: "insert into users select n, 'x' from generate_series(21, 2000) n; insert into users values (70000, 'far')",
    options: { rows: Number.POSITIVE_INFINITY },
    by: 'delete from users where id = 70000',
  },
  {
    code: 'D52',
    migration: LOWER,
    plant: "insert into users values (0, 'Ada')",
    by: 'update users set name = lower(name)',
  },
  {
    code: 'D53',
    table: `${TIMED} insert into users values (1);`,
    migration: BARE_CAST,
    says: 'under another TimeZone',
    mended: { migration: IN_UTC },
  },
  {
    code: 'D53',
    what: 'of a format',
    plant: "update users set name = '03/04/2024'",
    migration: changeColumnType({ table: 'users', from: 'name', fromType: 'text', to: 'day', type: 'date' }),
    says: 'DateStyle',
    mended: {
      migration: changeColumnType({
        ...{ table: 'users', from: 'name', fromType: 'text', to: 'day', type: 'date' },
        ...{ forward: "to_date(name, 'DD/MM/YYYY')", backward: "to_char(day, 'DD/MM/YYYY')" },
      }),
    },
  },
  { code: 'D54', table: TIMED, migration: BARE_CAST, mended: { migration: IN_UTC } },
  {
    code: 'D54',
    what: 'two defaults',
    plant: "alter table users alter name set default 'nobody'",
    expanded: true,
    after: "alter table users alter full_name set default 'somebody'",
  },
  { code: 'D55', migration: WIDEN, mended: { migration: RENAME } },
  {
    code: 'D56',
    table: 'create table users (id int, name text);',

    by: 'alter table users alter id set not null; create unique index on users (id)',
  },
  { code: 'D56', what: 'as pasted', table: 'create table users (id int, name text);' },
  {
    code: 'D57',
    plant: 'alter table users add constraint one unique (name) deferrable initially deferred',
    expanded: true,
    after: 'alter table users add constraint other unique (full_name)',
  },
  {
    code: 'D57',
    what: 'of a foreign key',
    plant: `create table names (name text primary key); insert into names select name from users;
      alter table users add constraint one foreign key (name) references names`,
    expanded: true,
    after: 'alter table users add constraint other foreign key (full_name) references names deferrable',
  },
  {
    code: 'D58',
    what: 'a volatile default',
    plant: 'alter table users alter name set default random()::text',
    by: 'alter table users alter name drop default',
  },
  { code: 'D59', table: USERS.replace('create table', 'create unlogged table') },
  {
    code: 'D60',
    expanded: true,
    after: async ({ db }) => {
      const old = await db.connect({ application_name: 'old pod' })
      old.on('error', () => undefined)
      await old.query("update users set name = 'x' where id = 1")
    },
    by: `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'old pod' and datname = current_database()`,
  },
  {
    code: 'D62',
    plant: `create schema other; create table other.users (id int)`,
    mended: { migration: renameColumn({ table: 'public.users', from: 'name', to: 'full_name', type: 'text' }) },
  },
  {
    code: 'D64',
    table: `${PARTED} create foreign data wrapper away; create server away foreign data wrapper away;
      create foreign table users_away partition of users for values from (0) to (10) server away;`,
    migration: LOWER,
    by: 'alter table users detach partition users_away',
  },
  {
    code: 'D65',
    plant: "create function tidy(text) returns text volatile language sql as 'select $1'",
    migration: defineMigration({
      ...{ table: 'users', old: { name: 'text' }, new: { tidied: 'text' } },
      ...{ forward: { tidied: 'tidy(name)' }, backward: { name: 'tidied' } },
    }),
    by: 'alter function tidy immutable',
  },
  {
    code: 'D67',
    plant: `create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
      create trigger touched before update of name on users for each row execute function touch()`,
  },
]
