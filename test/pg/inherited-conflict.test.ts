import { createRuntime, type Migration, renameColumn } from '@expand-contract/core'
import { instrumentedClient } from '@expand-contract/pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'

const SCHEMA = `
  create table logs (id int, a text, a_ec text, b text, b_ec text) partition by range (id);
  create table logs_1 partition of logs for values from (0) to (10) partition by range (id);
  create table logs_1_1 partition of logs_1 for values from (0) to (5);
  create table parent (id int, a text, a_ec text);
  create table child (extra text) inherits (parent)`

const migrating = (table: string, column = 'a'): Migration =>
  renameColumn({ table, from: column, to: `${column}_ec`, type: 'text' })

describe.each(postgresMajors())(
  'PostgreSQL %i: one column, declared on a table and on what inherits from it',
  (major) => {
    let database: TestDatabase

    beforeAll(async () => {
      database = await createDatabase(major, { sql: SCHEMA })
    })
    afterAll(async () => {
      await database?.drop()
    })

    async function send(migrations: readonly Migration[], text: string) {
      const runtime = await createRuntime({ migrations })
      const client = new (instrumentedClient(runtime))({ connectionString: database.url })
      await client.connect()
      try {
        return await client.query(text)
      } finally {
        await client.end()
        await runtime.close()
      }
    }

    test.each([
      ['logs', 'logs_1'],
      ['logs', 'logs_1_1'],
      ['logs', 'public.logs_1_1'],
      ['logs_1', 'logs_1_1'],
      ['parent', 'child'],
    ])('is refused, in whatever order: %s and %s', async (above, below) => {
      const [upper, lower] = [migrating(above), migrating(below)]
      for (const migrations of [
        [upper, lower],
        [lower, upper],
      ])
        await expect(send(migrations, `insert into ${below} (id, a) values (1, 'x')`)).rejects.toMatchObject({
          code: 'EC_CONFLICT',
          migration: lower.id,
          message: expect.stringContaining(`The migrations ${upper.id} and ${lower.id} both have the column "a"`),
          hint: expect.stringContaining(`Remove ${lower.id}`),
        })
    })

    test('is not refused where the columns differ, or the tables do not belong together', async () => {
      await send([migrating('logs'), migrating('logs_1', 'b')], "insert into logs_1 (id, a, b) values (1, 'x', 'y')")
      await send([migrating('logs'), migrating('parent')], "insert into logs_1 (id, a) values (1, 'x')")
      const { rows } = await send([], 'select a_ec, b_ec from logs order by b')
      expect(rows).toEqual([
        { a_ec: 'x', b_ec: 'y' },
        { a_ec: 'x', b_ec: null },
      ])
    })
  },
)
