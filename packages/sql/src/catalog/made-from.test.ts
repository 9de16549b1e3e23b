import { DECISIONS, type Decision, type Migration, renameColumn } from '@expand-contract/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { catalogOf, planWith } from '../../fixtures/plan-statement.ts'
import { type TableFacts, tableFacts } from '../../fixtures/relation-facts.ts'
import { loadParser } from '../parse/parser.ts'
import { createCatalog } from './create-catalog.ts'

beforeAll(loadParser)

const NAME: Migration = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })
const [id, name, full_name, note] = ['integer', 'text', 'text', 'character varying(9)']
const USERS: TableFacts = { columns: { id, name, note, full_name } }

/** What becomes of a statement on a table beside `users`. */
function plan(sql: string, other: TableFacts, users = USERS, decision: Decision = DECISIONS.bothReadNew): string {
  const tables = [tableFacts('users', users), tableFacts('other', other)]
  const catalog = catalogOf([NAME], tables)
  return planWith(sql, { migrations: [NAME], catalog }, decision).text
}

describe('a table that was made from a migrating one', () => {
  it('has the columns that the application knows', () => {
    const logical = 'SELECT "other"."id", "other"."name", "other"."note" FROM other'
    expect(plan('SELECT * FROM other', USERS)).toBe(logical)
  })

  it('is filled with the column that the application knows alone', () => {
    const sql = "INSERT INTO other (id, name) VALUES (1, 'a')"
    expect(plan(sql, USERS)).toBe(sql)
    expect(plan("INSERT INTO other VALUES (1, 'a')", USERS)).toBe(`INSERT INTO other ("id", "name") VALUES (1, 'a')`)
  })

  it('is filled with both where it takes no row without them', () => {
    const strict = { columns: { id, name, note, full_name: { type: 'text', notNull: true } } }
    expect(plan("INSERT INTO other (id, name) VALUES (1, 'a')", strict)).toBe(
      `INSERT INTO other (id, name, "full_name") VALUES (1, 'a', 'a')`,
    )
  })

  it('has the new column alone when it was made after the old one was dropped', () => {
    const users = { columns: { id, name: null, note, full_name } }
    expect(
      plan("INSERT INTO other VALUES (1, 'a', 'n')", { columns: { id, note, full_name } }, users, DECISIONS.newOnly),
    ).toBe(`INSERT INTO other ("id", "full_name", "note") VALUES (1, ('a')::"pg_catalog"."text", 'n')`)
  })

  it('is written as the table is when it may become a partition of it', () => {
    const partitioned = { ...USERS, partitioned: true }
    expect(plan("UPDATE other SET name = 'a' RETURNING name", USERS, partitioned)).toBe(
      `UPDATE other SET name = 'a', "full_name" = 'a' RETURNING name`,
    )
    const sql = "UPDATE other SET name = 'a' RETURNING name"
    expect(plan(sql, { ...USERS, temporary: true }, partitioned)).toBe(sql)
  })
})

describe('a table is its own', () => {
  it('that looks like one made behind the migration, while the new column is not there', () => {
    const users = { columns: { id, name, note } }
    expect(plan('SELECT * FROM other', { columns: { id, full_name, note } }, users, DECISIONS.oldOnly)).toBe(
      'SELECT * FROM other',
    )
  })

  it.each<[string, TableFacts['columns']]>([
    ['without the new column', { id, name, note }],
    ['with the columns of both sides in another order', { id, name, full_name, note }],
    ['with a column more', { id, name, note, full_name, more: 'text' }],
    ['with a column less', { id, name, full_name }],
    ['with a column of another type', { id, name, note: 'text', full_name }],
    ['with a migrating column of another type', { id, name: 'integer', note, full_name }],
  ])('%s', (_, columns) => {
    expect(plan('SELECT * FROM other', { columns })).toBe('SELECT * FROM other')
  })

  it('in another schema, where it has the name of one that is declared with its own', () => {
    const migration: Migration = { ...NAME, table: { schema: 'one', name: 'users' } }
    const tables = ['one', 'two'].map((schema, index) => ({
      ...tableFacts('users', { ...USERS, schema }),
      oid: index + 1,
    }))
    const relations = tables.map((facts) => ({ schema: facts.schema, name: facts.name, facts }))
    const catalog = createCatalog({ migrations: [migration], relations, absent: [], aliases: [] })
    const sql = 'SELECT * FROM two.users'
    expect(planWith(sql, { migrations: [migration], catalog }, DECISIONS.bothReadNew).text).toBe(sql)
  })
})
