import { changeColumnType, defineMigration, renameColumn } from '@expand-contract/core'
import { type Fixture, RENAME } from './fixture.ts'

const typed = (type: string) => changeColumnType({ table: 'users', from: 'name', fromType: 'text', to: 'label', type })
const DOMAIN = `create domain checked as text check (value <> ''); create table users (id int primary key, name checked);
  insert into users values (1, 'x'); analyze users`

/** What `expand` refuses, each as a finding in the same words. */
export const REFUSAL_FIXTURES: readonly Fixture[] = [
  { code: 'D20', table: '', by: 'create table users (id int, name text)' },
  { code: 'D21', table: 'create table users (id int);', by: 'alter table users add name text' },
  {
    code: 'D22',
    table: 'create table users (id int, name text generated always as (id::text) stored);',
    by: 'alter table users alter name drop expression',
  },
  {
    code: 'D23',
    table: 'create table users (id int, name text) partition by list (name);',
    by: 'drop table users; create table users (id int, name text) partition by list (id)',
  },
  {
    code: 'D24',
    table: 'create table people (id int, name text); create table users () inherits (people);',
    mended: { migration: renameColumn({ table: 'people', from: 'name', to: 'full_name', type: 'text' }) },
  },
  { code: 'D25', plant: 'alter table users owner to %role%', asRole: true, says: 'GRANT USAGE, CREATE ON SCHEMA' },
  {
    code: 'D25',
    what: 'of the table',
    plant: 'grant usage, create on schema expand_contract to %role%; grant all on users to %role%',
    asRole: true,
    by: 'alter table users owner to %role%',
  },
  {
    code: 'D26',
    options: { controlSchema: 'nowhere' },
    mended: { options: { controlSchema: 'expand_contract' } },
  },
  { code: 'D27', plant: 'alter table users add full_name int', by: 'alter table users drop full_name' },
  { code: 'D28', migration: typed('moood'), by: 'create domain moood as text' },
  {
    code: 'D29',
    plant: `create schema crm; create function crm.tidy(text) returns text immutable language sql as 'select $1';
      set search_path = public, crm`,
    migration: defineMigration({
      ...{ table: 'users', old: { name: 'text' }, new: { tidied: 'text' } },
      ...{ forward: { tidied: 'tidy(name)' }, backward: { name: 'tidied' } },
    }),
    mended: {
      migration: defineMigration({
        ...{ table: 'users', old: { name: 'text' }, new: { tidied: 'text' } },
        ...{ forward: { tidied: 'crm.tidy(name)' }, backward: { name: 'tidied' } },
      }),
    },
  },
  { code: 'D30', plant: "alter table users add full_name text default 'x'" },
  { code: 'D30', what: 'NOT NULL', table: 'create table users (id int, name text, full_name text not null);' },
  {
    code: 'D31',
    plant: `create function touch() returns trigger language plpgsql as $$ begin new.name := trim(new.name); return new; end $$;
      create trigger "~~late" before insert or update on users for each row execute function touch()`,
    by: 'alter trigger "~~late" on users rename to early',
  },
  {
    code: 'D32',
    plant: `do $$ begin for n in 3..1600 loop execute format('alter table users add c%s bool', n); end loop; end $$`,
    by: 'create table narrow as select id, name from users; drop table users; alter table narrow rename to users',
  },
  {
    code: 'D33',
    table: DOMAIN,
    mended: { options: { confirmed: ['rewrite'] } },
    migration: renameColumn({ table: 'users', from: 'name', to: 'full_name' }),
  },
  {
    code: 'D34',
    plant: 'create publication shop for table users',
    mended: { options: { confirmed: ['publication'] } },
  },
  {
    code: 'D66',
    plant: "alter table users add full_name text; update users set full_name = 'mine'",
    by: 'update users set full_name = null',
  },
  { code: 'D34', what: 'of all tables', plant: 'create publication shop for all tables', by: 'drop publication shop' },
]

/** What only `expand` makes, and only it puts right. */
export const TRIGGER_FIXTURES: readonly Fixture[] = [
  {
    code: 'D18',
    expanded: true,
    after: 'alter table users disable trigger user; alter table users enable trigger user',
    says: 'ENABLE ALWAYS TRIGGER',
  },
  {
    code: 'D18',
    what: 'a child that came later',
    expanded: true,
    after: 'create table minors () inherits (users)',
    says: 'expand-contract expand users.full_name',
    by: async ({ db }) => db.expand(RENAME),
  },
  {
    code: 'D18',
    what: 'another function',
    expanded: true,
    after: async ({ db }) => {
      const { rows } = await db.client.query(
        "select pg_get_functiondef(tgfoid) as text from pg_trigger where tgrelid = 'users'::regclass and tgname like '~%'",
      )
      await db.client.query(rows[0].text.replace(/begin[\s\S]*end(?=\n)/u, 'begin return new; end'))
    },
    by: async ({ db }) => db.expand(RENAME),
  },
  {
    code: 'D11',
    since: 15,
    asRole: true,
    plant: `create table log (id int); create function touch() returns trigger language plpgsql as $$ begin insert into log values (new.id); return null; end $$;
      create trigger touched after update on users for each row execute function touch(); alter table users owner to %role%`,
    says: 'GRANT SET ON PARAMETER session_replication_role',
  },
  {
    code: 'D11',
    what: 'without that privilege',
    until: 14,
    asRole: true,
    plant: `create function touch() returns trigger language plpgsql as $$ begin return null; end $$;
      create trigger touched after update on users for each row execute function touch(); alter table users owner to %role%`,
    by: 'drop trigger touched on users',
  },
  {
    code: 'D11',
    what: 'a rule, for a role',
    asRole: true,
    plant:
      'create table log (id int); create rule kept as on update to users do also insert into log values (old.id); alter table users owner to %role%',
    by: 'drop rule kept on users',
  },
  {
    code: 'D17',
    asRole: true,
    plant: 'alter table users owner to %role%; revoke update on users from %role%',
  },
]
