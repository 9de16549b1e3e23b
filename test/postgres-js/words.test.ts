import { renameColumn } from '@expand-contract/core'
import { expect, test } from 'vitest'
import { newestMajor } from '../support/postgres.ts'
import { openSql } from './open-sql.ts'

const script = `create table users (id int primary key, name text, full_name text, role text, title text, schema text);
insert into users values (1, 'ann', 'ann', 'admin', 'Dr; reset', 'public')`
const migrations = [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'name' })]

test.each([
  'select id, name, title from users',
  'select id, name, role, schema from users',
  "select id, name from users where title like 'Dr; reset%' -- ; discard",
  '(select id, name from users) union (select id, name from users)',
  '/* a /* b /* c */ d */ e */ select id, name from users',
  "update users set name = name where title <> 'reset; role' returning id, name",
])('a statement that only looks as if it changed the session is sent again after a drop: %s', async (text) => {
  for (const max of [1, 2]) {
    await using fixture = await openSql(newestMajor(), { script, migrations, max, catalogRefreshMs: 60_000 })
    const { sql } = fixture
    await sql.unsafe(text)
    await fixture.bare('alter table users drop column name')
    expect(await sql.unsafe(text)).toEqual([expect.objectContaining({ id: 1, name: 'ann' })])
  }
})

test('a function whose body is SQL ends no transaction', async () => {
  await using fixture = await openSql(newestMajor(), { script, migrations, max: 1, catalogRefreshMs: 60_000 })
  const { sql } = fixture
  await sql.begin(async (tx) => {
    await tx.unsafe('create function two() returns int begin atomic select case when true then 1 end; select 2; end')
    await tx.unsafe('alter table users drop column name')
    expect((await tx.unsafe('select name, two() from users'))[0]).toEqual({ name: 'ann', two: 2 })
  })
})
