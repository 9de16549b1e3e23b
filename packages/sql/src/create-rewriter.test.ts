import { DECISIONS, type Decision, type Migration, renameColumn } from '@expand-contract/core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { absentAt, migrationsFor, tablesAt } from '../fixtures/migrating-tables.ts'
import { catalogOf } from '../fixtures/plan-statement.ts'
import { tableFacts } from '../fixtures/relation-facts.ts'
import type { Catalog } from './catalog/catalog.ts'
import { createRewriter } from './create-rewriter.ts'
import { EditList } from './edit/edit-list.ts'
import { loadParser } from './parse/parser.ts'
import type { Plan } from './plan.ts'

beforeAll(loadParser)

const migrations = migrationsFor('old')
const catalogAt = (stage: 'old' | 'both' | 'new'): Catalog =>
  catalogOf(migrations, tablesAt(stage), { absent: absentAt(stage, migrations) })
const renaming = (table: string): Migration => renameColumn({ table, from: 'a', to: 'b' })
const always = (decision: Decision) => (): Decision => decision

describe('mayTouch', () => {
  const touches = (table: string, text: string): boolean =>
    createRewriter({ migrations: [renaming(table)] }).mayTouch(text, undefined)

  it.each([
    ['users', 'select a from users'],
    ['users', 'SELECT a FROM USERS'],
    ['users', 'SELECT a FROM "users"'],
    ['users', 'SELECT a FROM public.users u'],
    ['users', String.raw`SELECT a FROM U&"\0075sers"`],
    ['users', `SELECT a FROM u&"!0075sers" UESCAPE '!'`],
    ['users', 'COPY users FROM STDIN'],
    ['users', 'DO $$ BEGIN DELETE FROM users; END $$'],
    ['crm.users', 'SELECT a FROM users'],
    ['größe', 'SELECT a FROM größe'],
    ['a.b', 'SELECT a FROM "a.b"'],
    ['"my.schema"."my.table"', 'SELECT a FROM "my.table"'],
    ['my-table', 'SELECT a FROM "my-table"'],
    ['a+b', 'SELECT a FROM "a+b"'],
    ['what?', 'SELECT a FROM "what?"'],
    ['c:\\d', 'SELECT a FROM "c:\\d"'],
    ['"say ""hi"""', 'SELECT a FROM "say ""hi"""'],
    ['(x)[y]{z}|^$*/', 'SELECT a FROM "(x)[y]{z}|^$*/"'],
  ])('finds the table %s in %s', (table, text) => {
    expect(touches(table, text)).toBe(true)
  })

  it.each([
    ['users', 'SELECT a FROM teams'],
    ['users', 'BEGIN'],
    ['a+b', 'SELECT a FROM aab'],
    ['a|b', 'SELECT a FROM b'],
    ['"user."', 'SELECT a FROM users'],
    ['users', String.raw`SELECT a FROM U&"\0075sera"`],
    ['users', `SELECT a FROM u&"!0075sera" UESCAPE '!'`],
  ])('does not find the table %s in %s', (table, text) => {
    expect(touches(table, text)).toBe(false)
  })

  it('finds nothing without migrations', () => {
    const rewriter = createRewriter({ migrations: [] })
    expect(rewriter.mayTouch('SELECT 1', undefined)).toBe(false)
    expect(rewriter.mayTouch('SELECT U&"a"', undefined)).toBe(false)
  })

  it('knows the views and partitions that the catalog names', () => {
    const { mayTouch } = createRewriter({ migrations })
    const catalog = catalogOf(migrations, tablesAt('both'), { aliases: ['all.people', 'part'] })
    expect(mayTouch('SELECT * FROM "All.People"', catalog)).toBe(true)
    expect(mayTouch('SELECT * FROM PART', catalog)).toBe(true)
    expect(mayTouch('SELECT * FROM PART', undefined)).toBe(false)
    expect(mayTouch('SELECT * FROM users', catalog)).toBe(true)
  })
})

describe('missing', () => {
  const catalog = catalogOf(migrations, [...tablesAt('both'), tableFacts('seen', { columns: { id: 'integer' } })])
  const missing = (text: string) => createRewriter({ migrations }).planner(text, catalog).missing()

  it('names every relation that the catalog has not, once', () => {
    const text = `WITH c AS (SELECT * FROM inner_one) UPDATE users SET name = (SELECT x FROM crm."Two") FROM seen, c
                  WHERE EXISTS (SELECT FROM inner_one)`
    const found = missing(text)
    expect(found).toHaveLength(3)
    expect(found).toEqual(
      expect.arrayContaining([
        { schema: undefined, name: 'inner_one' },
        { schema: 'crm', name: 'Two' },
        { schema: undefined, name: 'c' },
      ]),
    )
  })

  it.each([
    ['INSERT INTO elsewhere SELECT 1', 'elsewhere'],
    ['DELETE FROM elsewhere', 'elsewhere'],
    ['MERGE INTO elsewhere USING users ON true WHEN MATCHED THEN DELETE', 'elsewhere'],
    ['COPY elsewhere TO STDOUT', 'elsewhere'],
    ['EXPLAIN SELECT * FROM elsewhere', 'elsewhere'],
    ['SELECT * FROM users JOIN elsewhere TABLESAMPLE SYSTEM (1) ON true', 'elsewhere'],
  ])('%s', (text, name) => {
    expect(missing(text)).toEqual([{ schema: undefined, name }])
  })

  it.each(['SELECT 1', 'SELECT * FROM users', 'CREATE TABLE elsewhere (id int)', 'SELECT FROM FROM'])(
    '%s: none',
    (text) => {
      expect(missing(text)).toEqual([])
    },
  )
})

describe('plan', () => {
  const text = 'SELECT users.name FROM users JOIN people USING (id)'

  it('gives the same object for the same decisions', () => {
    const { planner } = createRewriter({ migrations })
    const catalog = catalogAt('both')
    const old = planner(text, catalog).plan(always(DECISIONS.bothReadOld))
    const added = planner(text, catalog).plan(always(DECISIONS.bothReadNew))
    expect(planner(text, catalog).plan(always(DECISIONS.bothReadOld))).toBe(old)
    expect(planner(text, catalog).plan(always(DECISIONS.bothReadNew))).toBe(added)
    expect(added.text).not.toBe(old.text)
  })

  it('decides each migration of the text once', () => {
    const decide = vi.fn(always(DECISIONS.bothReadNew))
    createRewriter({ migrations })
      .planner(`${text}; SELECT * FROM users, users AS u, teams`, catalogAt('both'))
      .plan(decide)
    expect(decide.mock.calls).toHaveLength(2)
  })

  it('tells combinations of decisions apart', () => {
    const { planner } = createRewriter({ migrations })
    const catalog = catalogAt('both')
    const both = 'SELECT users.name, orders.amount FROM users, orders'
    const texts = [DECISIONS.bothReadOld, DECISIONS.bothReadNew].flatMap((users) =>
      [DECISIONS.bothReadOld, DECISIONS.bothReadNew].map(
        (orders) =>
          planner(both, catalog).plan(({ migration }) => (migration.table.name === 'users' ? users : orders)).text,
      ),
    )
    expect(new Set(texts).size).toBe(4)
  })

  it('follows the catalog', () => {
    const { planner } = createRewriter({ migrations })
    const decide = always(DECISIONS.oldOnly)
    const [one, other] = [catalogAt('old'), catalogAt('old')]
    expect(planner(text, one).plan(decide)).not.toBe(planner(text, other).plan(decide))
    expect(planner('SELECT name FROM users', catalogAt('new')).plan(always(DECISIONS.newOnly)).text).toContain(
      'full_name',
    )
  })

  it('forgets the texts that were not sent for longest', () => {
    const { planner } = createRewriter({ migrations, maxPlans: 2 })
    const catalog = catalogAt('both')
    // Texts of one shape are not kept.
    const of = (id: number): Plan =>
      planner(`SELECT name AS n${id} FROM users`, catalog).plan(always(DECISIONS.bothReadNew))
    const first = of(1)
    of(2)
    expect(of(1)).toBe(first)
    of(3)
    expect(of(1)).toBe(first)
    of(4)
    of(5)
    expect(of(1)).not.toBe(first)
  })

  it.each([
    'SELECT 1',
    'SELECT * FROM teams',
    'SELECT 1 FROM pg_class',
    "SELECT 'users'",
    'CREATE INDEX ON users (full_name)',
    'BEGIN; COMMIT',
    '',
    ' ; ',
    '-- users',
  ])('leaves alone what touches no migrating table: %s', (sql) => {
    const plan = createRewriter({ migrations }).planner(sql, catalogAt('both')).plan(always(DECISIONS.bothReadNew))
    expect(plan).toMatchObject({ outcome: 'unchanged', text: sql, touches: [], reads: {}, reasons: [] })
  })

  it.each([
    'SELEC name FROM users',
    'SELECT name FROM users WHERE',
    "SELECT 'users",
    'SELECT name FROM users; SELEC 1',
  ])('leaves alone what does not parse, for PostgreSQL to report: %s', (sql) => {
    const plan = createRewriter({ migrations }).planner(sql, catalogAt('both')).plan(always(DECISIONS.bothReadNew))
    expect(plan).toMatchObject({ outcome: 'unchanged', text: sql })
    expect(plan.mapPosition(3)).toBe(3)
  })

  it('leaves alone a table that has neither side in full', () => {
    const broken = tableFacts('users', { columns: { id: 'integer' } })
    const decide = vi.fn(always(DECISIONS.oldOnly))
    const sql = 'SELECT * FROM users'
    const plan = createRewriter({ migrations })
      .planner(sql, catalogOf(migrations, [broken]))
      .plan(decide)
    expect(plan).toMatchObject({ outcome: 'unchanged', text: sql, touches: [] })
    expect(decide).not.toHaveBeenCalled()
  })

  it.each([
    ['SELECT 1', 'SELECT'],
    ['insert into users default values', 'INSERT'],
    ['EXPLAIN SELECT 1', 'EXPLAIN'],
    ['DECLARE c CURSOR FOR SELECT 1', 'DECLARE CURSOR'],
    ['CREATE TABLE x AS SELECT 1', 'CREATE TABLE AS'],
    ['VACUUM users', 'VACUUM'],
    ['', ''],
  ])('says what command %j is', (sql, command) => {
    const { planner } = createRewriter({ migrations })
    expect(planner(sql, catalogAt('both')).plan(always(DECISIONS.bothReadOld)).command).toBe(command)
  })

  it('judges a text with a backslash by the session it is sent on, whatever was planned before', () => {
    const { planner } = createRewriter({ migrations })
    const catalog = catalogAt('both')
    const decide = always(DECISIONS.bothReadNew)
    const sql = String.raw`SELECT name FROM users WHERE name = '\'`
    const outcome = (standardConformingStrings: boolean): string =>
      planner(sql, catalog).plan(decide, { standardConformingStrings }).outcome
    expect([outcome(true), outcome(false), outcome(true)]).toEqual(['rewritten', 'refused', 'rewritten'])
    const plain = planner('SELECT name FROM users', catalog).plan(decide, { standardConformingStrings: false })
    expect(plain.outcome).toBe('rewritten')
  })
})

describe('a long statement', () => {
  /** Edits, and steps through the list of them, that a text of so many rows takes. */
  function context(rows: number): { readonly edits: number; readonly length: number } {
    const values = Array.from(
      { length: rows },
      (_, row) => `('user${row}@example.org', 'Name ${row} ${'x'.repeat(70)}')`,
    )
    const sql = `INSERT INTO users (email, name) VALUES ${values.join(', ')}`
    const after = vi.spyOn(EditList.prototype, 'after')
    const render = vi.spyOn(EditList.prototype, 'render')
    try {
      const plan = createRewriter({ migrations }).planner(sql, catalogAt('both')).plan(always(DECISIONS.bothReadOld))
      expect(plan.outcome).toBe('rewritten')
      expect(plan.text.split('full_name')).toHaveLength(2)
      expect(plan.text).toContain(`'Name ${rows - 1} ${'x'.repeat(70)}', 'Name ${rows - 1} `)
      return { edits: after.mock.calls.length + render.mock.calls.length, length: sql.length }
    } finally {
      after.mockRestore()
      render.mockRestore()
    }
  }

  it('takes work in proportion to its rows: 1 MB as ten times 100 kB', () => {
    const [short, long] = [context(1_000), context(10_000)]
    expect(long.length).toBeGreaterThan(1_000_000)
    expect(long.edits / short.edits).toBeLessThan(10.1)
  })
})
