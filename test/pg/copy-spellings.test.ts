import { createRuntime, fixedPhases, renameColumn } from '@expand-contract/core'
import { instrumentedClient } from '@expand-contract/pg'
import pg from 'pg'
import { to } from 'pg-copy-streams'
import { describe, expect, test } from 'vitest'
import { databaseForTests } from '../support/database-for-tests.ts'
import { createDatabase, postgresMajors } from '../support/postgres.ts'

const TABLE = `create table t (id int, a text, c text); insert into t values (1, 'ann''s', null), (2, 'b|"', 'x')`
const ADDED = `alter table t add a_ec text; update t set a_ec = a`
const migration = renameColumn({ table: 't', from: 'a', to: 'a_ec', type: 'text', after: 'id' })

/** What PostgreSQL's grammar has kept from older releases, and what is usual now. */
const SPELLINGS = [
  'copy t to stdout',
  'copy binary t to stdout',
  'COPY BINARY t (a, id) TO STDOUT',
  'copy binary public.t to stdout with',
  'copy /* a */ binary /* b */ t -- c\n to stdout',
  "copy binary t to stdout (encoding 'utf8')",
  "copy binary t to stdout with (encoding 'utf8')",
  'copy t to stdout binary',
  'copy t to stdout with binary',
  'copy t to stdout (format binary)',
  "copy t to stdout using delimiters '|'",
  "copy t to stdout delimiters '|' with null as 'N'",
  "copy t (c, a) to stdout delimiters '|' (null 'N')",
  "copy t to stdout with delimiter '|' null 'N' csv header quote '''' escape '''' force quote a, c",
  'copy t to stdout csv force quote *',
  "copy t to stdout with (format csv, header true, force_quote (a), delimiter ';')",
  // PostgreSQL refuses these.
  "copy binary t to stdout delimiters '|'",
  'copy binary t to stdout csv',
  'copy binary t to stdout with (format csv)',
  'copy binary t to stdout with binary',
] as const

describe.each(postgresMajors())('PostgreSQL %i: COPY of a table, however it is written', (major) => {
  const twin = databaseForTests(major, TABLE)

  async function copied(client: pg.Client, text: string): Promise<string> {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of client.query(to(text))) chunks.push(chunk as Buffer)
    } catch (error) {
      return error instanceof pg.DatabaseError ? `${error.code} ${error.message}` : String(error)
    }
    return Buffer.concat(chunks).toString('latin1')
  }

  test.each([
    ['both columns', [TABLE, ADDED], 'expand'],
    ['the new column that is read', [TABLE, ADDED], 'contract'],
    ['the new column alone', [TABLE, ADDED, 'alter table t drop a'], 'contract'],
  ] as const)('with %s', async (_, sql, phase) => {
    const database = await createDatabase(major, { sql: sql.join(';') })
    const runtime = await createRuntime({ migrations: [migration], phases: fixedPhases({ [migration.id]: phase }) })
    const client = new (instrumentedClient(runtime))({ connectionString: database.url })
    await client.connect()
    for (const text of SPELLINGS) expect(await copied(client, text), text).toBe(await copied(twin.client, text))
    await client.end()
    await database.drop()
  })
})
