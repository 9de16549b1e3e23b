import { loadParser } from '@expand-contract/sql'
import { beforeAll, describe, expect, test } from 'vitest'
import { typeModifiers } from '../../packages/session/src/catalog/type-modifiers.ts'
import { createDatabase, postgresMajors } from '../support/postgres.ts'
import { queryServer } from '../support/query-server.ts'

const TYPES = [
  ...['text', 'varchar', 'varchar(20)', 'char', 'char(3)', 'bpchar', '"char"', 'bit', 'bit(5)', 'bit varying(8)'],
  ...['numeric', 'numeric(12,2)', 'numeric(5)[]', 'varchar(7)[]', 'int', 'json', 'tstzrange', 'short', 'mood'],
  ...['time(2)', 'time(1) with time zone', 'timestamp(3)', 'timestamptz(0)', 'timestamp(4) without time zone'],
  ...['interval', 'interval(3)', 'interval year', 'interval day to second(2)', 'interval hour to minute'],
  ...['pg_catalog.interval(2)', 'pg_catalog.varchar(9)', 'interval second(1)'],
]

beforeAll(loadParser)

describe.each(postgresMajors())('PostgreSQL %i', (major) => {
  test('the modifiers of declared types are those that a column of the type has', async () => {
    const columns = TYPES.map((type, index) => `c${index} ${type}`)
    const script = `create domain short as varchar(5); create type mood as enum ('calm'); create table t (${columns})`
    const database = await createDatabase(major, { sql: script })
    const { rows } = await queryServer(
      database.url,
      "select atttypid::int as oid, atttypmod as modifier from pg_attribute where attrelid = 't'::regclass and attnum > 0 order by attnum",
    )
    const asked = typeModifiers(
      TYPES.map((declared) => ({ declared })),
      rows.map(({ oid }) => ({ oid: Number(oid), modifier: undefined })),
    )
    let step = asked.next()
    while (step.done !== true) {
      const { text, values } = step.value
      const answer = await queryServer(database.url, text, [...values])
      step = asked.next({ rows: answer.rows.map(asText), fields: [] })
    }
    expect(step.value.map((modifier, index) => [TYPES[index], modifier])).toEqual(
      rows.map(({ modifier }, index) => [TYPES[index], modifier]),
    )
    await database.drop()
  })
})

const asText = (row: Record<string, unknown>): Record<string, string | null> =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value === null ? null : String(value)]))
