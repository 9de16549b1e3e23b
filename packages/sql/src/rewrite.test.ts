import { DECISIONS, type Decision, renameColumn } from '@expand-contract/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { corpusCases } from '../fixtures/corpus-cases.ts'
import type { SituationName } from '../fixtures/migrating-tables.ts'
import { catalogOf, planStatement, planWith } from '../fixtures/plan-statement.ts'
import { tableFacts } from '../fixtures/relation-facts.ts'
import type { RelationFacts } from './catalog/catalog.ts'
import { loadParser } from './parse/parser.ts'
import type { Plan } from './plan.ts'

beforeAll(loadParser)

describe('the corpus', () => {
  // With a database, and for every schema, test/corpus compares what is sent; it writes these files, too.
  it.each(corpusCases())('$name: $sql', ({ sql, app, golden }) => {
    for (const [situation, expected] of Object.entries(golden)) {
      const { text, outcome, reasons } = planStatement(sql, { situation: situation as SituationName, app })
      const notes = reasons.map(({ code, message }) => `-- ${outcome} (${code}): ${message}\n`)
      expect(`${notes.join('')}${outcome === 'refused' ? '' : `${text}\n`}`, situation).toBe(expected)
      if (reasons.length === 0) expect(outcome, situation).toBe(text === sql ? 'unchanged' : 'rewritten')
    }
  })
})

describe('a NATURAL join with what has columns that are not known', () => {
  it.each([
    ['expand', '"users"."id", "users"."name", "users"."email", "users"."age"'],
    ['switch', '"users"."id", "users"."full_name" AS "name", "users"."email", "users"."age"'],
  ] as const)('must not see the shadow column: %s', (situation, columns) => {
    const sql = 'SELECT email FROM users NATURAL JOIN generate_series(1, 2) AS id'
    expect(planStatement(sql, { situation })).toMatchObject({
      outcome: 'rewritten',
      reasons: [],
      text: `SELECT email FROM (SELECT ${columns} FROM users) AS "users" NATURAL JOIN generate_series(1, 2) AS id`,
    })
  })
})

describe('a read that cannot be proven', () => {
  it.each(['expand', 'switch'] as const)('keeps no write from the other column: %s', (situation) => {
    const plan = planStatement('INSERT INTO users (email, name) SELECT email, full_name FROM users, f() g', {
      situation,
    })
    expect(plan.outcome).toBe('kept')
    expect(plan.text).toBe(
      'INSERT INTO users (email, name, "full_name") SELECT ec.c1, ec.c2, ec.c2 FROM (SELECT email, full_name FROM users, f() g) AS ec(c1, c2)',
    )
    const other = planStatement('INSERT INTO orders (amount) SELECT full_name FROM users, f() g', { situation })
    expect(other.text).toContain('INTO orders (amount, "amount_big") SELECT')
  })

  it.each(['expand', 'switch'] as const)('is refused beside a write that would have to be planned: %s', (situation) => {
    const plan = (sql: string, syncTrigger = false) => planStatement(sql, { situation, syncTrigger })
    const insert = 'INSERT INTO users (email, name) SELECT email, (coalesce(u)).name FROM users u'
    expect(plan(insert)).toMatchObject({ outcome: 'refused', reasons: [{ code: 'field-of-row' }] })
    expect(plan(insert, true)).toMatchObject({ outcome: 'kept', text: insert })
    const update = 'UPDATE users SET name = $1 WHERE (coalesce(users)).name = $2'
    expect(plan(update).outcome).toBe('refused')
    expect(plan(update.replace('SET name', 'SET age')).outcome).toBe('kept')
    expect(plan('DELETE FROM users WHERE (coalesce(users)).name = $2').outcome).toBe('kept')
  })
})

describe('rows of VALUES that stand for several columns each', () => {
  it('are refused where they are written, and only there', () => {
    const sql = 'INSERT INTO users (id, name) VALUES ((f()).*), ((f()).*)'
    const refused = { outcome: 'refused', reasons: [{ code: 'several-columns', position: sql.indexOf('VALUES') }] }
    for (const situation of ['expand', 'switch', 'contract', 'dropped'] as const)
      expect(planStatement(sql, { situation })).toMatchObject(refused)
    expect(planStatement(sql, { situation: 'off' })).toMatchObject({ outcome: 'unchanged' })
  })
})

describe('a statement that writes the shadow itself', () => {
  it('has other migrations planned all the same', () => {
    const sql = 'WITH w AS (UPDATE users SET full_name = name) INSERT INTO orders (amount) VALUES (1)'
    const { text } = planStatement(sql, { situation: 'switch' })
    expect(text).toBe(
      'WITH w AS (UPDATE users SET full_name = name) INSERT INTO orders (amount, "amount_big") VALUES (1, ((1)::integer)::"pg_catalog"."int8")',
    )
  })
})

describe('a statement that writes the shadow of one migration of a table with two', () => {
  const migrations = [
    renameColumn({ table: 'accounts', from: 'name', to: 'full_name', type: 'text' }),
    renameColumn({ table: 'accounts', from: 'age', to: 'years', type: 'integer' }),
  ]
  const accounts = tableFacts('accounts', {
    columns: { id: 'integer', name: 'text', age: 'integer', full_name: 'text', years: 'integer' },
    primaryKey: 'id',
  })
  const plan = (sql: string, decision: Decision): Plan =>
    planWith(sql, { migrations, catalog: catalogOf(migrations, [accounts]) }, decision)

  it.each([
    [
      'INSERT INTO accounts (full_name, age) VALUES ($1, $2)',
      'INSERT INTO accounts (full_name, age, "years") VALUES ($1, $2, $2)',
    ],
    ['UPDATE accounts SET full_name = name, age = 3', 'UPDATE accounts SET full_name = name, age = 3, "years" = 3'],
    [
      'UPDATE accounts SET (full_name, age) = ROW(name, 3)',
      'UPDATE accounts SET (full_name, age, "years") = ROW(name, 3, 3)',
    ],
    [
      'INSERT INTO accounts (id, age) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET full_name = excluded.name',
      'INSERT INTO accounts (id, age, "years") VALUES (1, 2, 2) ON CONFLICT (id) DO UPDATE SET full_name = excluded.name',
    ],
    [
      'MERGE INTO accounts USING (SELECT 1 AS id) s ON s.id = accounts.id WHEN NOT MATCHED THEN INSERT (id, full_name, age) VALUES (1, $1, $2)',
      'MERGE INTO accounts USING (SELECT 1 AS id) s ON s.id = accounts.id WHEN NOT MATCHED THEN INSERT (id, full_name, age, "years") VALUES (1, $1, $2, $2)',
    ],
    [
      'WITH w AS (INSERT INTO accounts (id, full_name) VALUES (1, $1)) UPDATE accounts SET age = 3, name = $2',
      'WITH w AS (INSERT INTO accounts (id, full_name) VALUES (1, $1)) UPDATE accounts SET age = 3, "years" = 3, name = $2',
    ],
  ] as const)('has the other one planned: %s', (sql, text) => {
    expect(plan(sql, DECISIONS.bothReadNew)).toMatchObject({ outcome: 'rewritten', text })
  })

  it('is refused where it is COPY, which no other column can be added to', () => {
    expect(plan('COPY accounts (full_name, age) FROM STDIN', DECISIONS.bothReadOld)).toMatchObject({
      outcome: 'refused',
      reasons: [{ code: 'copy-from', migration: 'accounts.years' }],
    })
    expect(plan('COPY accounts (full_name, age) FROM STDIN', DECISIONS.newOnly)).toMatchObject({
      text: 'COPY accounts (full_name, "years") FROM STDIN',
    })
    for (const sql of ['COPY accounts (id, full_name) FROM STDIN', 'COPY accounts (full_name, years) FROM STDIN'])
      expect(plan(sql, DECISIONS.bothReadNew).outcome).toBe('unchanged')
  })

  it('reads it as it is where it is COPY to a file', () => {
    expect(plan('COPY accounts (full_name, age) TO STDOUT', DECISIONS.bothReadNew).text).toBe(
      'COPY (SELECT accounts."full_name", accounts."years" AS "age" FROM ONLY accounts) TO STDOUT',
    )
    expect(plan('COPY accounts (full_name, years) TO STDOUT', DECISIONS.bothReadNew).outcome).toBe('unchanged')
  })
})

describe('several columns that are set from one value', () => {
  it.each(['$1', '1', 'f()', 'ARRAY(SELECT 1)', '(1)', 'age'])(
    'are left to PostgreSQL, which refuses them: %s',
    (value) => {
      for (const situation of ['expand', 'switch', 'contract', 'dropped'] as const)
        for (const columns of ['name', 'name, email'])
          expect(planStatement(`UPDATE users SET (${columns}) = ${value}`, { situation }).outcome).toBe('unchanged')
    },
  )
})

describe('what a plan tells', () => {
  it('names the side that each migration reads, and the command', () => {
    const sql = 'INSERT INTO people (name) SELECT name FROM users'
    expect(planStatement(sql, { situation: 'expand' })).toMatchObject({
      command: 'INSERT',
      reads: { 'people.first_name+last_name': 'old', 'users.full_name': 'old' },
    })
    expect(planStatement(sql, { situation: 'switch' })).toMatchObject({
      reads: { 'people.first_name+last_name': 'new', 'users.full_name': 'new' },
    })
  })

  it('says that a kept read reads the old side', () => {
    const plan = planStatement('SELECT label(u) FROM users u', { situation: 'switch' })
    expect(plan).toMatchObject({ outcome: 'kept', reads: { 'users.full_name': 'old' } })
  })

  it('says so of each migration in a text that is sent without edits', () => {
    const plan = planStatement('SELECT (coalesce(u)).name, o.amount FROM users u, orders o', { situation: 'switch' })
    expect(plan).toMatchObject({ outcome: 'kept', reads: { 'users.full_name': 'old', 'orders.amount_big': 'old' } })
  })

  it('says so of a read through a view, with which the rest of the statement agrees', () => {
    const relations = (tables: readonly RelationFacts[]) => [
      tableFacts('overview', {
        columns: { id: 'integer', name: 'text', amount: 'integer' },
        kind: 'view',
        viewOf: tables.flatMap(({ name, oid }) => {
          const columns = { users: ['id', 'name'], orders: ['amount'] }[name]
          return columns === undefined ? [] : [{ oid, columns }]
        }),
      }),
    ]
    const sql = 'SELECT o.id, u.name FROM overview o JOIN users u ON u.id = o.id'
    for (const app of ['old', 'new'] as const) {
      const plan = planStatement(sql, { situation: 'switch', app, relations })
      expect(plan).toMatchObject({ outcome: 'kept', reads: { 'users.full_name': 'old', 'orders.amount_big': 'old' } })
      expect(plan.reasons.map(({ migration, code }) => [migration, code])).toEqual([
        ['users.full_name', 'read-through-view'],
        ['orders.amount_big', 'read-through-view'],
      ])
    }
    expect(planStatement(sql, { situation: 'switch', relations }).text).toBe(sql)
  })

  it('says that what writes the shadow itself reads the logical side', () => {
    const plan = planStatement('UPDATE users SET full_name = name', { situation: 'switch' })
    expect(plan).toMatchObject({ outcome: 'unchanged', reads: { 'users.full_name': 'old' } })
  })

  it('leads from a position in the sent text to the one in the text of the application', () => {
    const sql = "SELECT '😀', name, nosuch FROM users"
    const { text, mapPosition } = planStatement(sql, { situation: 'switch' })
    expect(mapPosition(text.indexOf('nosuch'))).toBe(sql.indexOf('nosuch'))
    expect(mapPosition(text.indexOf('😀'))).toBe(sql.indexOf('😀'))
    expect(mapPosition(text.indexOf('full_name'))).toBeUndefined()
  })

  it('keeps every position of a text that is not changed', () => {
    const { mapPosition } = planStatement('SELECT id, nosuch FROM users', { situation: 'switch' })
    expect([0, 11, 27].map(mapPosition)).toEqual([0, 11, 27])
  })

  it('refuses a text as a whole: nothing of it is edited when one statement is refused', () => {
    const sql = "UPDATE users SET name = 'a'; COPY users FROM STDIN"
    expect(planStatement(sql, { situation: 'expand' })).toMatchObject({ outcome: 'refused', text: sql })
  })
})
