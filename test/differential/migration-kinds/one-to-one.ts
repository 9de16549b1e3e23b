import { changeColumnType, defineMigration, renameColumn, type Side } from '@expand-contract/core'
import type { ColumnSpec, MigrationKind, PartSpec } from './migration-kind.ts'

const NAMES = ['Ada', "O'Brien", 'zoë ☃', 'ada', 'B_b%', '', 'Grace', 'Linus'].map((name) => [name])
const bothSides = <T>(value: T): Readonly<Record<Side, T>> => ({ old: value, new: value })

/** One column under two names, with nothing between them but a cast. */
function renamed(old: ColumnSpec, added: ColumnSpec, options: Partial<PartSpec> = {}): PartSpec {
  const constraints =
    old.unique !== undefined && added.unique !== undefined ? { constraints: { [old.unique]: added.unique } } : {}
  return {
    declare: (app, table, flag) =>
      old.type === added.type
        ? renameColumn({ table, app, flag, from: old.name, to: added.name, type: old.type, ...constraints })
        : changeColumnType({
            ...{ table, app, flag, ...constraints },
            ...{ from: old.name, fromType: old.type, to: added.name, type: added.type },
          }),
    columns: { old: [old], new: [added] },
    computed: { new: [`"${old.name.replaceAll('"', '""')}"`], old: [`"${added.name.replaceAll('"', '""')}"`] },
    family: bothSides('text'),
    samples: bothSides(NAMES),
    ...options,
  }
}

const standingAfter = (part: PartSpec, after: string): PartSpec => ({
  ...part,
  declare: (app, table, flag) => ({ ...part.declare(app, table, flag), after }),
})

const counts = bothSides(['7', '12', '-3', '40', '0', '2000', '55', '66'].map((count) => [count]))
const widened = renamed(
  { name: 'visits', type: 'integer' },
  { name: 'visits_big', type: 'bigint' },
  { family: bothSides('number'), samples: counts },
)
const toText = renamed({ name: 'name', type: 'character varying(40)' }, { name: 'full_name', type: 'text' })

export const renameToText: MigrationKind = { name: 'varchar-to-text', parts: [toText] }

export const renameSame: MigrationKind = {
  name: 'rename',
  idType: 'int generated always as identity',
  parts: [renamed({ name: 'label', type: 'text' }, { name: 'caption', type: 'text' })],
}

export const widen: MigrationKind = { name: 'int4-to-int8', parts: [widened] }

/** With two dropped columns nothing but `after` tells where each of them stood. */
export const twoAtOnce: MigrationKind = {
  name: 'two-on-one-table',
  parts: [standingAfter(toText, 'id'), standingAfter(widened, 'age')],
}

export const required: MigrationKind = {
  name: 'rename-not-null',
  parts: [
    renamed(
      { name: 'nick', type: 'character varying(30)', notNull: true },
      { name: 'nickname', type: 'character varying(30)', notNull: true },
    ),
  ],
}

export const defaulted: MigrationKind = {
  name: 'rename-default',
  parts: [
    renamed(
      { name: 'status', type: 'text', notNull: true, default: "'it''s new'" },
      { name: 'state', type: 'text', notNull: true, default: "'it''s new'" },
    ),
  ],
}

const UUIDS = Array.from('01234567', (digit) => [`00000000-0000-4000-8000-00000000000${digit}`])

export const volatileDefault: MigrationKind = {
  name: 'rename-volatile-default',
  parts: [
    renamed(
      { name: 'token', type: 'uuid', default: 'gen_random_uuid()' },
      { name: 'token_id', type: 'uuid', default: 'gen_random_uuid()' },
      { family: bothSides('uuid'), samples: bothSides(UUIDS) },
    ),
  ],
}

export const unique: MigrationKind = {
  name: 'rename-unique',
  parts: [
    renamed(
      { name: 'login', type: 'character varying(40)', unique: 'users_login_key' },
      { name: 'login_name', type: 'text', unique: 'users_login_name_key' },
    ),
  ],
}

/** Names that rewritten text would be likely to use itself. */
export const awkward: MigrationKind = {
  name: 'awkward-names',
  parts: [renamed({ name: 'ec', type: 'text' }, { name: 'v', type: 'character varying(90)' })],
}

const LONG_NAME = `Ünïcode_${'x'.repeat(63 - 10)}`

export const quoted: MigrationKind = {
  name: 'quoted-names',
  table: { schema: undefined, name: 'Größe "T" 😀' },
  parts: [renamed({ name: 'Näme "q" $1', type: 'text' }, { name: LONG_NAME, type: 'text' })],
}

export const qualified: MigrationKind = {
  name: 'other-schema',
  table: { schema: 'crm', name: 'users' },
  // A table of the same name on the search path, with columns of the same names, that does not migrate.
  before: `create table public.users (id int primary key, name varchar(40), full_name text, email text);
    insert into public.users values (1, 'not migrating', 'nor this', 'x'), (2, null, 'b', 'y')`,
  parts: [toText],
}

export const partitioned: MigrationKind = {
  name: 'partitioned',
  idType: 'serial',
  partitioned: true,
  parts: [toText],
}

export const enumToText: MigrationKind = {
  name: 'enum-to-text',
  before: "create type mood as enum ('sad', 'ok', 'happy')",
  parts: [
    {
      declare: (app, table, flag) =>
        defineMigration({
          ...{ table, app, flag },
          old: { mood: 'mood' },
          new: { mood_text: 'text' },
          forward: { mood_text: 'mood::text' },
          backward: { mood: 'mood_text::mood' },
        }),
      columns: { old: [{ name: 'mood', type: 'mood' }], new: [{ name: 'mood_text', type: 'text' }] },
      computed: { new: ['mood::text'], old: ['mood_text::mood'] },
      family: bothSides('word'),
      samples: bothSides(['happy', 'sad', 'ok', 'sad', 'ok', 'happy', 'sad', 'ok'].map((mood) => [mood])),
    },
  ],
}

export const wideKey: MigrationKind = {
  name: 'int4-to-int8-key',
  key: true,
  contract: [
    "alter table users alter column id_big set default nextval('users_id_seq')",
    'alter sequence users_id_seq owned by users.id_big',
    'alter table posts drop constraint posts_author_id_fkey',
    'alter table notes drop constraint notes_author_id_fkey',
    'alter table users drop constraint users_pkey',
    'alter table users alter column id drop default, alter column id drop not null, alter column id_big set not null',
    'alter table users drop constraint users_id_big_key',
    'alter table users add constraint users_id_big_key primary key (id_big)',
    'alter table posts add constraint posts_author_id_fkey foreign key (author_id) references users (id_big) on delete cascade on update cascade',
    'alter table notes add constraint notes_author_id_fkey foreign key (author_id) references users (id_big)',
  ],
  parts: [
    {
      declare: (app, table, flag) =>
        changeColumnType({
          ...{ table, app, flag, constraints: { users_pkey: 'users_id_big_key' } },
          ...{ from: 'id', fromType: 'integer', to: 'id_big', type: 'bigint' },
        }),
      columns: {
        old: [{ name: 'id', type: 'integer', clause: 'serial constraint users_pkey primary key' }],
        new: [
          {
            name: 'id_big',
            type: 'bigint',
            unique: 'users_id_big_key',
            clause: "bigint default nextval('users_id_seq') constraint users_id_big_key primary key",
          },
        ],
      },
      computed: { new: ['id'], old: ['id_big'] },
      family: bothSides('number'),
      samples: bothSides(['1', '2', '3', '4', '5', '6', '201', '202'].map((id) => [id])),
    },
  ],
}
