import { defineMigration, fixedPhases } from '@expand-contract/core'
import { expect, test } from 'vitest'
import { openPGlite } from './open-pglite.ts'

interface Sends {
  query(text: string): Promise<{ readonly rows: readonly unknown[] }>
}

test.each(['old', 'new'] as const)(
  'a mapping that fails, while the old column is alone, fails no statement of an application on the %s column',
  async (app) => {
    for (const inTransaction of [true, false]) {
      await using fixture = await openPGlite({
        script: "create table users (id int, name text); insert into users values (1, 'Ada')",
        migrations: [
          defineMigration({
            table: 'users',
            old: { name: undefined },
            new: { slug: app === 'old' ? 'varchar(0)' : undefined },
            forward: { slug: 'no_such(name)' },
            backward: { name: 'no_such(slug)' },
            app,
            flag: 'slug',
          }),
        ],
        phases: fixedPhases(),
      })
      const work = async (on: Sends) => {
        await on.query('update users set id = id + 1')
        return (await on.query('select id from users')).rows
      }
      expect(await (inTransaction ? fixture.db.transaction((tx) => work(tx)) : work(fixture.db))).toEqual([{ id: 2 }])
    }
  },
)
