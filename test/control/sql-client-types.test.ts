import type { PGlite, Transaction } from '@electric-sql/pglite'
import { joinFleet, openControl, type SqlClient } from '@expand-contract/control'
import type pg from 'pg'
import type pgOldest from 'pg-oldest'
import type postgres from 'postgres'
import { expectTypeOf, test } from 'vitest'

test('clients of the drivers are clients of the control schema as they are', () => {
  expectTypeOf<pg.Client>().toExtend<SqlClient>()
  expectTypeOf<pg.Pool>().toExtend<SqlClient>()
  expectTypeOf<pg.PoolClient>().toExtend<SqlClient>()
  expectTypeOf<InstanceType<typeof pgOldest.Client>>().toExtend<SqlClient>()
  expectTypeOf<PGlite>().toExtend<SqlClient>()
  expectTypeOf<Transaction>().toExtend<SqlClient>()
  expectTypeOf(openControl).parameter(0).toEqualTypeOf<SqlClient>()
  expectTypeOf(joinFleet).parameter(1).toEqualTypeOf<SqlClient>()
})

test('postgres-js becomes one by the line that is documented', () => {
  const client = (sql: postgres.Sql) => ({
    query: async (text: string, values: string[] = []) => ({ rows: await sql.unsafe(text, values) }),
  })
  expectTypeOf(client).returns.toExtend<SqlClient>()
})
