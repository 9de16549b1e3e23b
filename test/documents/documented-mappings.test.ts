import {
  changeColumnType,
  createRuntime,
  fixedFlags,
  type MigratingColumn,
  type Migration,
  mergeColumns,
  quoteIdentifier,
  quoteTable,
  roundTripQuery,
  splitColumn,
} from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { readSwitch } from '../support/read-switch.ts'
import { documentedMappings } from './documented-mappings.ts'
import { nastyValues } from './nasty-values.ts'

const { found, unread } = documentedMappings()

test('every declaration of a page, an example or a comment is tried', () => {
  expect(unread).toEqual([])
  expect(found.length).toBeGreaterThan(15)
})

/** What the pages said once. */
const LOSSY = [
  splitColumn({
    table: 'people',
    from: 'name',
    fromType: 'text',
    to: { first_name: 'text', last_name: 'text' },
    forward: { first_name: "split_part(name, ' ', 1)", last_name: "substr(name, strpos(name, ' ') + 1)" },
    backward: "concat_ws(' ', first_name, last_name)",
  }),
  mergeColumns({
    table: 'orders',
    from: { day: 'date', hour: 'time' },
    to: 'placed_at',
    type: 'timestamp',
    forward: "case when day < '10000-01-01' then day + hour end",
    backward: { day: 'placed_at::date', hour: 'placed_at::time' },
  }),
]

describe('mappings that users find', () => {
  let database: TestDatabase
  let bare: pg.Client
  beforeAll(async () => {
    database = await createDatabase(newestMajor())
    bare = new pg.Client({ connectionString: database.url })
    await bare.connect()
  })
  afterAll(async () => {
    await bare?.end()
    await database?.drop()
  })

  test.each([
    [LOSSY[0], 'a name without a space, an empty one and none', 5],
    [LOSSY[1], 'infinity, midnight at the end of the day and null', 19],
  ])('a mapping that does not come back is counted: %#', async (migration, _what, differing) => {
    if (migration === undefined) throw new Error('There is no such mapping.')
    await bare.query(script(migration))
    const { rows } = await bare.query(roundTripQuery(migration))
    expect(rows[0].differing).toBe(String(differing))
  })

  test('values without an equality operator are compared as well', async () => {
    const json = changeColumnType({ table: 'docs', from: 'body', fromType: 'json', to: 'body_b', type: 'jsonb' })
    await bare.query(`create table docs (body json); insert into docs values ('{"a": 1}'), ('{"a":1, "a": 2}'), (null)`)
    expect((await bare.query(roundTripQuery(json))).rows).toEqual([{ rows: '3', differing: '1' }])
  })

  test.each(
    found.map(({ file, migration }, index) => [`${index + 1}: ${migration.id} in ${file}`, migration] as const),
  )('%s', async (_, declared) => {
    const migration: Migration = { ...declared, flag: 'documented' }
    const table = quoteTable(migration.table)
    await bare.query(
      `drop schema if exists crm cascade; create schema crm; drop table if exists ${table}; ${script(migration)}`,
    )
    const olds = migration.old.map(({ name }) => quoteIdentifier(name))
    const values = async () =>
      (await bare.query(`select ${olds.map((name) => `${name}::text`).join(', ')} from ${table} order by number`)).rows
    const before = await values()
    expect((await bare.query(roundTripQuery(migration))).rows).toEqual([
      { rows: String(before.length), differing: '0' },
    ])

    const runtime = await createRuntime({
      migrations: [migration],
      flags: fixedFlags({ documented: true }),
      phases: readSwitch([migration]),
    })
    const pool = instrumentedPool(runtime, { connectionString: database.url, max: 1 })
    try {
      // First from the old columns, then from the new ones, which are read by now.
      for (const other of await backfill(bare, migration)) expect(other).toEqual({ missing: '0' })
      await pool.query(`update ${table} set ${olds.map((name) => `${name} = ${name}`).join(', ')}`)
      expect(await values()).toEqual(before)
    } finally {
      await pool.end()
      await runtime.close()
    }
  })
})

/** Where a declaration leaves the type to the catalog. */
const typeOf = ({ name, type }: MigratingColumn): string => type ?? (name === 'amount' ? 'int4' : 'text')

function script(migration: Migration): string {
  const columns = [...migration.old, ...migration.new].map(
    (column) => `${quoteIdentifier(column.name)} ${typeOf(column)}`,
  )
  const lists = migration.old.map(
    (column, at) =>
      `(values ${nastyValues(typeOf(column))
        .map((value) => `(${value}::${typeOf(column)})`)
        .join(', ')}) as v${at}(v)`,
  )
  const table = quoteTable(migration.table)
  return `create table ${table} (number int generated always as identity primary key, ${columns.join(', ')});
    insert into ${table} (${migration.old.map(({ name }) => quoteIdentifier(name)).join(', ')})
    select ${lists.map((_, at) => `v${at}.v`).join(', ')} from ${lists.join(' cross join ')}`
}

/** Fills the new columns; answers how many rows still differ, which is what the library takes for granted from here on. */
async function backfill(client: pg.Client, migration: Migration): Promise<readonly unknown[]> {
  const table = quoteTable(migration.table)
  const forward = migration.new.map(({ name }) => {
    const mapping = migration.forward[name]
    return [quoteIdentifier(name), mapping?.kind === 'column' ? quoteIdentifier(mapping.column) : `(${mapping?.sql})`]
  })
  await client.query(`update ${table} set ${forward.map(([name, value]) => `${name} = ${value}`).join(', ')}`)
  const differs = forward.map(([name, value]) => `${name} is distinct from ${value}`).join(' or ')
  return (await client.query(`select count(*) as missing from ${table} where ${differs}`)).rows
}
