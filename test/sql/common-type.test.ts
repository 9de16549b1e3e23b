import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { columnType } from '../../packages/sql/fixtures/relation-facts.ts'
import type { ColumnType } from '../../packages/sql/src/catalog/catalog.ts'
import { commonType } from '../../packages/sql/src/resolve/common-type.ts'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'

const label = columnType('text', { declared: 'public.label', bare: '"public"."label"' })

const TYPES: readonly ColumnType[] = [
  ...['text', 'character varying', 'character varying(10)', 'character varying(20)', 'character(5)', 'bytea'],
  ...['smallint', 'integer', 'bigint', 'numeric', 'numeric(8,2)', 'numeric(5,1)', 'float4', 'float8'],
  ...['date', 'timestamp', 'timestamp with time zone', 'time', 'boolean', 'uuid', 'text[]'],
].map((declared) => columnType(declared))

const PAIRS = [...TYPES, label].flatMap((left) => [...TYPES, label].map((right) => [left, right] as const))

describe.each(postgresMajors())('the type of a merged column on PostgreSQL %i', (major) => {
  let database: TestDatabase
  let client: pg.Client

  beforeAll(async () => {
    database = await createDatabase(major, { sql: 'create domain label as text' })
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
  })

  afterAll(async () => {
    await client.end()
    await database.drop()
  })

  test('is foretold', async () => {
    const known = PAIRS.flatMap(([left, right]) => {
      const common = commonType(left, right)
      return common ? [{ left, right, expected: common.cast?.bare ?? left.declared }] : []
    })
    const source = (alias: string, type: ColumnType): string => `(select null::${type.declared} as x) ${alias}`
    const different: string[] = []
    for (const { left, right, expected } of known) {
      await client.query(
        `create or replace temp view merged as
         select x, null::${expected} as expected from ${source('a', left)} join ${source('b', right)} using (x)`,
      )
      const { rows } = await client.query(
        `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
         where attrelid = 'merged'::regclass order by attnum`,
      )
      await client.query('drop view merged')
      if (rows[0].type !== rows[1].type) different.push(`${left.declared}, ${right.declared}: ${rows[0].type}`)
    }
    expect(different).toEqual([])
    // Every type with itself, and what becomes something else.
    expect(known.length).toBeGreaterThan(TYPES.length + 40)
  })
})
