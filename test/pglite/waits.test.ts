import { renameColumn } from '@expand-contract/core'
import { expect, test } from 'vitest'
import { openPGlite } from './open-pglite.ts'

const script = `create table users (id int primary key, name text, full_name text, role text, title text);
insert into users values (1, 'ann', 'ann', 'admin', 'Dr; reset')`
const migrations = [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'name' })]

test('a statement that only looks as if it changed the session is sent again after a drop', async () => {
  const texts = [
    'select id, name, role from users',
    "select id, name from users where title like 'Dr; reset%' -- ; discard",
    '(select id, name from users) union (select id, name from users)',
    '/* a /* b /* c */ d */ e */ select id, name from users',
  ]
  await using fixture = await openPGlite({ script, migrations, catalogRefreshMs: 60_000 })
  for (const text of texts) {
    await fixture.db.query(text)
    await fixture.bare('alter table users drop column name')
    expect((await fixture.db.query(text)).rows).toEqual([expect.objectContaining({ id: 1, name: 'ann' })])
    await fixture.bare('alter table users add column name text')
    await fixture.bare('update users set name = full_name')
    await fixture.db.exec('create table again (id int); drop table again')
  }
})

test('settings of the application stay as they are when the catalog is read, in a transaction and outside', async () => {
  await using fixture = await openPGlite({ script, migrations, catalogRefreshMs: 0 })
  const { db } = fixture
  const settings = async (on: Pick<typeof db, 'query'>): Promise<unknown> =>
    (
      await on.query(
        'select current_setting($$statement_timeout$$) as statement, current_setting($$lock_timeout$$) as lock',
      )
    ).rows[0]
  const mine = { statement: '10s', lock: '9s' }
  await db.exec("set statement_timeout = '10s'; set lock_timeout = '9s'")
  await db.query("update users set name = 'bob' where id = 1")
  expect(await settings(db)).toEqual(mine)
  await db.transaction(async (tx) => {
    await tx.exec("set local lock_timeout = '8s'; alter table users add more text")
    await tx.query("update users set name = 'cyd' where id = 1")
    expect(await settings(tx as unknown as typeof db)).toEqual({ ...mine, lock: '8s' })
  })
  expect(await settings(db)).toEqual(mine)
  expect(await fixture.bare('select name, full_name from users')).toEqual([{ name: 'cyd', full_name: 'cyd' }])
})
