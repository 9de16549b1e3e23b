import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CARRIER_CASES } from '../../packages/sql/fixtures/carrier-cases.ts'
import { createTableSql } from '../../packages/sql/fixtures/create-table-sql.ts'
import { JOIN_CASES } from '../../packages/sql/fixtures/join-cases.ts'
import { MAPPING_CASES } from '../../packages/sql/fixtures/mapping-cases.ts'
import { SITUATIONS, type SituationName, tablesAt } from '../../packages/sql/fixtures/migrating-tables.ts'
import { planStatement } from '../../packages/sql/fixtures/plan-statement.ts'
import { READ_CASES } from '../../packages/sql/fixtures/read-cases.ts'
import { WRITE_CASES } from '../../packages/sql/fixtures/write-cases.ts'
import { loadParser } from '../../packages/sql/src/parse/parser.ts'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'

/** MERGE, RETURNING old and the like: what the text says is for the newest server; the differential tests have the others. */
const major = newestMajor()
const cases = [...READ_CASES, ...JOIN_CASES, ...CARRIER_CASES, ...WRITE_CASES, ...MAPPING_CASES]

describe.each(Object.keys(SITUATIONS) as SituationName[])('in the situation %s', (situation) => {
  let database: TestDatabase
  let client: pg.Client

  beforeAll(async () => {
    await loadParser()
    const tables = tablesAt(SITUATIONS[situation].stage)
    database = await createDatabase(major, { sql: tables.map(createTableSql).join('\n') })
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
  })

  afterAll(async () => {
    await client.end()
    await database.drop()
  })

  const possible = cases.filter(({ without }) => !without?.includes(situation))

  test.each(possible)('PostgreSQL accepts what becomes of: $sql', async ({ sql, app = 'old' }) => {
    const plan = planStatement(sql, { situation, app })
    expect(plan.reasons).toEqual([])
    expect(await problemOf(client, plan.text)).toBeUndefined()
  })
})

/** PREPARE parses and analyses without running; what it does not take is run in a transaction that is undone. */
async function problemOf(client: pg.Client, text: string): Promise<string | undefined> {
  const preparable = /^(?:SELECT|VALUES|WITH|INSERT|UPDATE|DELETE|MERGE)\b[^;]*$/u.test(text)
  await client.query('BEGIN')
  try {
    await client.query(preparable ? `PREPARE ec_probe AS ${text}` : text)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await client.query('ROLLBACK')
    await client.query('DEALLOCATE ALL')
  }
}
