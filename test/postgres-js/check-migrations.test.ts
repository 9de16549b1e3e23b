import { createRuntime, renameColumn } from '@expand-contract/core'
import { checkMigrations, instrumentedSql } from '@expand-contract/postgres-js'
import postgres from 'postgres'
import { expect, test } from 'vitest'
import { createDatabase, newestMajor } from '../support/postgres.ts'

test('checkMigrations compares the migrations with the database, through postgres() and instrumentedSql', async () => {
  const database = await createDatabase(newestMajor(), {
    sql: `create table users (id int, name text, full_name text); insert into users values (1, 'a long name')`,
  })
  const runtime = await createRuntime({
    migrations: [
      renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' }),
      renameColumn({ id: 'gone', table: 'usres', from: 'name', to: 'full_name' }),
    ],
    observer: { onStatement: () => expect.unreachable('a query of the check was planned') },
  })
  const bare = postgres(database.url, { max: 1 })
  const sql = instrumentedSql(runtime, bare)
  for (const handed of [sql, bare])
    expect(await checkMigrations(runtime, handed)).toMatchObject([{ code: 'missing-table', migration: 'gone' }])
  await bare`alter table users alter full_name type varchar(5)`
  expect((await checkMigrations(runtime, sql)).map(({ code }) => code)).toEqual([
    ...['missing-table', 'value-range', 'type-differs'],
  ])
  await bare.end()
  expect(await checkMigrations(runtime, sql)).toMatchObject([{ code: 'not-checked' }])
  await database.drop()
})
