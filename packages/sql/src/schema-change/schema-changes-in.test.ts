import { beforeAll, expect, it } from 'vitest'
import { loadParser } from '../parse/parser.ts'
import type { SchemaChange } from './schema-change.ts'
import { schemaChangesIn } from './schema-changes-in.ts'

beforeAll(loadParser)

const short = ({ kind, table, ...more }: SchemaChange): string =>
  [
    kind,
    table.schema === undefined ? table.name : `${table.schema}.${table.name}`,
    ...('column' in more ? [more.column] : []),
    ...('to' in more ? [`-> ${more.to}`] : []),
    ...('trigger' in more ? [more.trigger] : []),
  ].join(' ')

const of = (text: string): readonly string[] => schemaChangesIn(text).changes.map(short)

it.each<[string, readonly string[]]>([
  ['alter table users drop column name', ['drop-column users name']],
  ['ALTER TABLE ONLY "Shop"."Users" DROP "Na me" CASCADE;', ['drop-column Shop.Users Na me']],
  [
    'alter table if exists users drop column if exists name, add full_name text',
    ['drop-column users name', 'add-column users full_name'],
  ],
  [
    'alter table users alter name type text, alter column age set data type bigint using age::bigint',
    ['retype-column users name', 'retype-column users age'],
  ],
  ['alter table users rename name to full_name', ['rename-column users name -> full_name']],
  ['alter table users rename to people', ['rename-table users -> people']],
  ['drop table a, b.c', ['drop-table a', 'drop-table b.c']],
  ['create table users (id int)', ['create-table users']],
  ['create table t as select 1', ['create-table t']],
  ['create trigger t before update on users for each row execute function f()', ['create-trigger users t']],
  ['alter table users add constraint c check (name <> $$drop column name$$)', []],
  ['alter view v rename column a to b; alter type t rename attribute a to b; drop view v', []],
  [
    "do $$ begin if true then alter table users drop column name; end if; execute 'alter table a drop b'; end $$",
    ['drop-column users name', 'drop-column a b'],
  ],
  ['-- alter table users drop column name\n/* alter table users drop column name; */ select 1', []],
])('%s', (text, expected) => {
  expect(of(text)).toEqual(expected)
})

it('tells where the name stands, behind what is not ASCII as well', () => {
  const text = `-- 😀 größer\nselect 'ä';\nalter table users\n  drop column if exists name,\n  drop column "Größe";`
  const { changes } = schemaChangesIn(text)
  expect(changes.map(({ at }) => text.slice(at.start, at.end))).toEqual(['name', '"Größe"'])
  expect(changes.map(({ statement }) => text.slice(statement.start).slice(0, 17))).toEqual([
    'alter table users',
    'alter table users',
  ])
})

it('is not led astray by a column that is called as its table, or as a key word', () => {
  const text = 'alter table name drop column drop, drop column name, add drop int'
    .replace('column drop', 'column "drop"')
    .replace('add drop', 'add "drop"')
  const { changes } = schemaChangesIn(text)
  expect(changes.map(({ at }) => at.start)).toEqual([
    text.indexOf('"drop"'),
    text.indexOf('name,'),
    text.lastIndexOf('"drop"'),
  ])
})

it('reads what psql reads, and says what it could not', () => {
  const text = `\\connect shop\n\\set x 1\nalter table users drop column name;\ncopy t from stdin;\n1\t2\n\\.\nalter table users drop column age;\nselect from where;\n`
  const { changes, unread } = schemaChangesIn(text)
  expect(changes.map(short)).toEqual(['drop-column users name', 'drop-column users age'])
  expect(unread.map(({ start, end }) => text.slice(start, end).trim())).toEqual([
    '\\connect shop',
    '\\set x 1',
    '1\t2',
    '\\.',
    'select from where',
  ])
})
