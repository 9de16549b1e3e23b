import { changeColumnType, fixedPhases, renameColumn } from '@expand-contract/core'
import { checkMigrations } from '@expand-contract/pglite'
import { expect, test } from 'vitest'
import { openPGlite } from './open-pglite.ts'

test('checkMigrations compares the migrations with the database, through PGlite itself and instrumented', async () => {
  await using fixture = await openPGlite({
    phases: fixedPhases(),
    script: `create table users (id int, name text, full_name text);
      create table orders (id int, amount bigint); insert into orders values (1, 5000000000)`,
    migrations: [
      renameColumn({ id: 'misspelt', table: 'usres', from: 'name', to: 'full_name', flag: 'a' }),
      renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'b' }),
      changeColumnType({ table: 'orders', from: 'amount', fromType: 'int8', to: 'small', type: 'int4', flag: 'c' }),
    ],
  })
  for (const db of [fixture.db, fixture.driver])
    expect(await checkMigrations(fixture.runtime, db)).toMatchObject([
      { code: 'missing-table', severity: 'error', migration: 'misspelt' },
      { code: 'value-range', severity: 'error', table: 'public.orders' },
    ])
  expect(fixture.statements).toEqual([])
})
