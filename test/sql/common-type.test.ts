import { describe, expect, test } from 'vitest'
import { columnType } from '../../packages/sql/fixtures/relation-facts.ts'
import type { ColumnType } from '../../packages/sql/src/catalog/catalog.ts'
import { commonType } from '../../packages/sql/src/resolve/common-type.ts'
import { databaseForTests } from '../support/database-for-tests.ts'
import { postgresMajors } from '../support/postgres.ts'

const label = columnType('text', { declared: 'public.label', bare: '"public"."label"' })

const TYPES: readonly ColumnType[] = [
  ...['text', 'character varying', 'character varying(10)', 'character varying(20)', 'character(5)', 'bytea'],
  ...['smallint', 'integer', 'bigint', 'numeric', 'numeric(8,2)', 'numeric(5,1)', 'float4', 'float8'],
  ...['date', 'timestamp', 'timestamp with time zone', 'time', 'boolean', 'uuid', 'text[]'],
].map((declared) => columnType(declared))

const PAIRS = [...TYPES, label].flatMap((left) => [...TYPES, label].map((right) => [left, right] as const))

describe.each(postgresMajors())('the type of a merged column on PostgreSQL %i', (major) => {
  const database = databaseForTests(major, 'create domain label as text')

  test('is foretold', async () => {
    const known = PAIRS.flatMap(([left, right]) => {
      const common = commonType(left, right)
      return common ? [{ left, right, expected: common.cast?.bare ?? left.declared }] : []
    })
    const source = (alias: string, type: ColumnType): string => `(select null::${type.declared} as x) ${alias}`
    const different: string[] = []
    for (const { left, right, expected } of known) {
      await database.client.query(
        `create or replace temp view merged as
         select x, null::${expected} as expected from ${source('a', left)} join ${source('b', right)} using (x)`,
      )
      const { rows } = await database.client.query(
        `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
         where attrelid = 'merged'::regclass order by attnum`,
      )
      await database.client.query('drop view merged')
      if (rows[0].type !== rows[1].type) different.push(`${left.declared}, ${right.declared}: ${rows[0].type}`)
    }
    expect(different).toEqual([])
    // Every type with itself, and what becomes something else.
    expect(known.length).toBeGreaterThan(TYPES.length + 40)
  })
})
