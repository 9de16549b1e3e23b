import { createRuntime, defineMigration } from '@expand-contract/core'
import { instrumentedSql } from '@expand-contract/postgres-js'
import postgres from 'postgres'
import { describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors } from '../support/postgres.ts'

/** postgres-js gives up a transaction in which any query has failed, one of ours included. */
describe.each(postgresMajors())('PostgreSQL %i: a mapping that fails, while the old column is alone', (major) => {
  test.each(['old', 'new'] as const)(
    'fails no statement of an application on the %s column, in or out of a transaction',
    async (app) => {
      const database = await createDatabase(major, {
        sql: "create table users (id int, name text); insert into users values (1, 'Ada')",
      })
      const migrations = [
        defineMigration({
          table: 'users',
          old: { name: undefined },
          new: { slug: app === 'old' ? 'varchar(0)' : undefined },
          forward: { slug: 'no_such(name)' },
          backward: { name: 'no_such(slug)' },
          app,
        }),
      ]
      for (const inTransaction of [true, false]) {
        const bare = postgres(database.url, { max: 1, onnotice: () => undefined })
        const sql = instrumentedSql(await createRuntime({ migrations }), bare)
        const work = async (on: postgres.ISql) => {
          await on`update users set id = id + 1`
          return await on`select id from users`
        }
        const [row] = await (inTransaction ? sql.begin(work) : work(sql))
        expect(row?.id).toBe(inTransaction ? 2 : 3)
        await bare.end()
      }
      await database.drop()
    },
  )
})
