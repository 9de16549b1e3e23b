import { renameColumn } from '@expand-contract/core'
import { syncTriggerName } from '@expand-contract/sql'
import { describe, expect, test } from 'vitest'
import { read } from '../architecture/workspace.ts'
import { EngineFixture } from '../pg/engine-fixture.ts'
import { postgresMajors } from '../support/postgres.ts'

const [install = '', remove = ''] = [...read('docs/sync-trigger.md').matchAll(/^```sql\n([\s\S]*?)^```/gmu)].map(
  ([, sql]) => sql ?? '',
)

const MIGRATIONS = [
  renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'read-new' }),
  renameColumn({ table: 'users', from: 'tags', to: 'labels' }),
]
const SCHEMA = `create table users (id int primary key, name text, tags text[]);
  insert into users values (1, 'Ada', '{a}');
  create view named as select id, name from users;
  create function lowered() returns trigger language plpgsql as $$ begin new.name := lower(new.name); return new; end $$;`

describe.each(postgresMajors())('PostgreSQL %i: the trigger of docs/sync-trigger.md', (major) => {
  test('keeps the columns in step, whoever writes, and takes what cannot be planned', async () => {
    const fixture = await EngineFixture.open(major, { sql: SCHEMA, migrations: MIGRATIONS, catalogRefreshMs: 0 })
    const { bare } = fixture
    const client = await fixture.client()
    const users = async () => (await bare.query('select id, name, full_name from users order by id')).rows

    await bare.query(install)
    const { rows } = await bare.query(
      "select tgname as name, tgenabled as enabled from pg_trigger where tgname like '~%'",
    )
    expect(rows).toEqual([{ name: syncTriggerName('users.full_name'), enabled: 'A' }])

    // Writers without the library: of one column or both, of neither, in any session.
    await bare.query("insert into users (id, name) values (2, 'Grace')")
    await bare.query("insert into users (id, full_name) values (3, 'Alan')")
    await bare.query("insert into users (id, name, full_name) values (4, 'Barbara', 'Somebody')")
    await bare.query('set session_replication_role = replica')
    await bare.query("update users set full_name = 'Grace Hopper' where id = 2")
    await bare.query('reset session_replication_role')
    await bare.query("update users set name = 'A', full_name = 'B' where id = 4")
    await bare.query('update users set id = id where id = 1')
    expect(await users()).toEqual([
      { id: 1, name: 'Ada', full_name: 'Ada' },
      { id: 2, name: 'Grace Hopper', full_name: 'Grace Hopper' },
      { id: 3, name: 'Alan', full_name: 'Alan' },
      { id: 4, name: 'A', full_name: 'A' },
    ])

    // Statements that cannot be planned are left to it, with the flag on as well.
    for (const flag of [false, true]) {
      fixture.flags.set('read-new', flag)
      await client.query(`do $$ begin update users set name = 'Do ${flag}' where id = 1; end $$`)
      await client.query(`update named set name = 'View ${flag}' where id = 2`)
      expect((await client.query('select name from users where id < 3 order by id')).rows).toEqual([
        { name: `Do ${flag}` },
        { name: `View ${flag}` },
      ])
    }
    // A trigger of the user's that sorts before it.
    await bare.query('create trigger lowered before insert or update on users for each row execute function lowered()')
    await client.query("update users set name = 'LOUD' where id = 3")
    expect(
      await bare.query('select 1 from users where full_name is distinct from name').then(({ rowCount }) => rowCount),
    ).toBe(0)
    expect((await users())[2]).toEqual({ id: 3, name: 'loud', full_name: 'loud' })

    await bare.query('alter table users add labels text[]')
    // It is the trigger of one migration, and none for the other of the table.
    await expect(client.query("do $$ begin update users set tags = '{b}'; end $$")).rejects.toThrow('users.labels')

    await bare.query('drop trigger lowered on users')
    await bare.query(remove)
    await bare.query('alter table users drop name cascade')
    expect((await client.query('select name from users where id = 3')).rows).toEqual([{ name: 'loud' }])
    await fixture.close()
  })
})
