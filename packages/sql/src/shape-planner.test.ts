import { lex } from '@expand-contract/core'
import fc from 'fast-check'
import { afterAll, describe, expect, it, test, vi } from 'vitest'
import { corpusCases } from '../fixtures/corpus-cases.ts'
import { absentAt, migrationsFor, SITUATIONS, type SituationName, tablesAt } from '../fixtures/migrating-tables.ts'
import { catalogOf } from '../fixtures/plan-statement.ts'
import { createRewriter } from './create-rewriter.ts'
import { loadParser } from './parse/parser.ts'
import type { Plan } from './plan.ts'
import type { fill } from './shape/plan-template.ts'

const counted = vi.hoisted(() => ({ filled: 0 }))

vi.mock('./shape/plan-template.ts', async (original) => {
  const actual = await original<{ fill: typeof fill }>()
  const counting: typeof fill = (...of) => {
    counted.filled++
    return actual.fill(...of)
  }
  return { ...actual, fill: counting }
})

await loadParser()

afterAll(() => {
  // Each plan that is made by a template has one that was made to prove it.
  expect(counted.filled).toBeGreaterThan(1_500)
})

type App = 'old' | 'new'

/** The plans of one rewriter, which knows the texts that it has seen, and of one that has seen none. */
function rewriters(situation: SituationName, app: App) {
  const { stage, decision } = SITUATIONS[situation]
  const migrations = migrationsFor(app)
  const catalog = () => catalogOf(migrations, tablesAt(stage), { absent: absentAt(stage, migrations) })
  const known = catalog()
  const rewriter = createRewriter({ migrations })
  const other = createRewriter({ migrations })
  return {
    seen: (text: string) => rewriter.planner(text, known).plan(() => decision),
    // A catalog of its own has no shapes.
    unseen: (text: string) => other.planner(text, catalog()).plan(() => decision),
  }
}

const facts = ({ outcome, text, command, reads, reasons, touches }: Plan) => ({
  ...{ outcome, text, command, reads, reasons },
  touches: touches.map(({ migration }) => migration.id),
})

const positions = ({ text, mapPosition }: Plan) =>
  [...text.slice(0, 2_000)].map((_, position) => mapPosition(position)).join()

interface Part {
  readonly kind: string
  readonly text: string
}

/** A text in its tokens, with what stands between them. */
function partsOf(sql: string): readonly Part[] | undefined {
  const parts: Part[] = []
  let at = 0
  const whole = lex(sql, (kind, start, end) => {
    parts.push({ kind: 'gap', text: sql.slice(at, start) }, { kind, text: sql.slice(start, end) })
    at = end
  })
  return whole ? [...parts, { kind: 'gap', text: sql.slice(at) }] : undefined
}

const GAPS = [' ', '\n', '\t ', ' /* it, 1 */ ', ' -- one, "two\n', ' /* /* $1 */ */ ']
const STRINGS = ["''", "'a'", "'it''s'", "'a, b'", "'--'", "'/*'", String.raw`'a\b'`, "'ä😀'", "'1900000003'", "'$1'"]
const NUMBERS = ['0', '1', '2', '7', '42', '2147483647', '2147483648', '007', '1900000002', '1.5', '.5', '1e3']

/** The same statement with other values and other white space, most of them of the same shape. */
function variant(parts: readonly Part[], pick: (count: number) => number): string {
  const one = (list: readonly string[]): string => list[pick(list.length)] ?? ''
  return parts
    .map(({ kind, text }) => {
      if (kind === 'gap') return text === '' || pick(3) === 0 ? text : one(GAPS)
      if (kind !== 'literal') return text
      if (text.startsWith("'")) return one(STRINGS)
      return /^\d+$/u.test(text) ? one(NUMBERS.slice(0, 6)) : /^[\d.]+$/u.test(text) ? one(NUMBERS.slice(9)) : text
    })
    .join('')
}

/** A sequence of numbers that is the same on every run. */
function picks(seed: number): (count: number) => number {
  let state = seed
  return (count) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % count
  }
}

describe.each(['expand', 'switch', 'dropped'] as const)('in the situation %s', (situation) => {
  const of = { old: rewriters(situation, 'old'), new: rewriters(situation, 'new') }

  test.each(corpusCases())('$sql', ({ sql, app }) => {
    const { seen, unseen } = of[app]
    const parts = partsOf(sql)
    if (parts === undefined) return
    const pick = picks(sql.length)
    for (let turn = 0; turn < 4; turn++) {
      const text = variant(parts, pick)
      const [plan, expected] = [seen(text), unseen(text)]
      expect(facts(plan)).toEqual(facts(expected))
      if (turn === 3) expect(positions(plan)).toBe(positions(expected))
    }
  })
})

const value = fc.oneof(
  fc.constantFrom(...STRINGS),
  fc.constantFrom(...NUMBERS),
  fc.string({ maxLength: 5 }).map((text) => `'${text.replaceAll(/['\0]/gu, "''")}'`),
)
const element = fc.oneof(
  { weight: 6, arbitrary: value },
  { weight: 1, arbitrary: fc.constantFrom('NULL', 'DEFAULT', 'now()', "lower('a')", '- 5', '-1.5', '$1', '$2') },
)
const list = (items: fc.Arbitrary<string>, min = 1) =>
  fc
    .tuple(fc.array(items, { minLength: min, maxLength: 24 }), fc.constantFrom(', ', ',', ' ,\n '))
    .map(([all, comma]) => all.join(comma))
const alike = (width: number) =>
  fc
    .tuple(...Array.from({ length: width }, () => fc.constantFrom('s', 'i', 'x')))
    .chain((kinds) =>
      list(
        fc
          .tuple(
            ...kinds.map((kind) =>
              kind === 's'
                ? fc.constantFrom(...STRINGS)
                : kind === 'i'
                  ? fc.nat(99).map(String)
                  : fc.constantFrom("lower('A')", 'DEFAULT'),
            ),
          )
          .map((row) => `(${row.join(', ')})`),
      ),
    )

const TEMPLATES: readonly ((lists: fc.Arbitrary<string>) => fc.Arbitrary<string>)[] = [
  (lists) => lists.map((values) => `SELECT id, name FROM users WHERE name IN (${values}) AND id > 3`),
  (lists) =>
    lists.map(
      (values) => `SELECT * FROM users u WHERE u.id IN (${values}) OR u.name IN (${values}) ORDER BY 2, name LIMIT 5`,
    ),
  (lists) =>
    lists.map(
      (values) => `UPDATE users SET name = 'a' || (1 IN (${values}))::text WHERE name = ANY (ARRAY[${values}])`,
    ),
  (lists) =>
    lists.map((values) => `SELECT name, count(*) FROM users GROUP BY 1 HAVING count(*) IN (${values}) ORDER BY 1`),
]

const ROWS: readonly ((rows: string) => string)[] = [
  (rows) => `INSERT INTO users (id, name) VALUES ${rows}`,
  (rows) =>
    `INSERT INTO users (name, id) VALUES ${rows} ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING *`,
  (rows) => `INSERT INTO users VALUES ${rows} RETURNING name, id`,
  (rows) => `WITH v (a, b) AS (VALUES ${rows}) UPDATE users SET name = v.b FROM v WHERE id = v.a`,
  (rows) => `SELECT name FROM users WHERE (name, id) IN (${rows})`,
]

describe('lists of any length', () => {
  const of = {
    switch: rewriters('switch', 'old'),
    expand: rewriters('expand', 'old'),
    dropped: rewriters('dropped', 'old'),
  }
  const agree = (text: string): void => {
    for (const { seen, unseen } of Object.values(of)) {
      const [plan, expected] = [seen(text), unseen(text)]
      expect(facts(plan)).toEqual(facts(expected))
    }
  }

  test.each(TEMPLATES.map((template, index) => ({ index, template })))('of values: $index', ({ template }) => {
    fc.assert(fc.property(template(fc.oneof(list(value), list(element), list(fc.nat().map(String), 6))), agree), {
      numRuns: 100,
      seed: 9,
    })
  })

  test.each(ROWS.map((template, index) => ({ index, template })))('of rows: $index', ({ template }) => {
    fc.assert(
      fc.property(
        fc
          .oneof(alike(2), alike(2), list(fc.tuple(element, element).map((row) => `(${row.join(', ')})`)))
          .map(template),
        agree,
      ),
      { numRuns: 100, seed: 9 },
    )
  })

  it('ten thousand rows', () => {
    const rows = (count: number, first: number): string =>
      Array.from({ length: count }, (_, row) => `(${first + row}, 'Customer ${first + row}')`).join(', ')
    for (const count of [1_000, 3_000, 10_000]) {
      const { text } = of.switch.seen(`insert into users (id, name) values ${rows(count, count)}`)
      const pairs = [...text.matchAll(/\((\d+), 'Customer (\d+)', 'Customer (\d+)'\)/gu)]
      expect(pairs.map(([, id, old, now]) => [id, old, now].join())).toEqual(
        Array.from({ length: count }, (_, row) => Array.from({ length: 3 }, () => count + row).join()),
      )
    }
  })
})

const CUSTOMARY: readonly string[] = [
  'SELECT id, name FROM users WHERE id = $1',
  "SELECT u.* FROM users u WHERE u.id = 5 AND u.name <> 'a'",
  'SELECT u.name, count(*) FROM users u JOIN people p ON p.id = u.id WHERE u.name IN ($1, $2) GROUP BY 1 ORDER BY 1 LIMIT 10',
  'INSERT INTO users (id, name) VALUES ($1, $2) RETURNING id, name',
  "INSERT INTO users (id, name) VALUES (1, 'a'), (2, 'b') RETURNING *",
  "INSERT INTO users (id, name) VALUES (DEFAULT, 'a'), (DEFAULT, NULL)",
  'INSERT INTO users (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING *',
  "INSERT INTO users (name) SELECT 'a' || $1",
  "INSERT INTO people (first_name, last_name) VALUES ('a', 'b')",
  'UPDATE users SET name = $2 WHERE id = $1',
  "UPDATE users SET name = 'a' || name WHERE id = -7 RETURNING name",
  "DELETE FROM users WHERE name = 'a'",
]

test.each(CUSTOMARY)('is planned by its shape: %s', (sql) => {
  for (const situation of ['expand', 'switch', 'dropped'] as const) {
    const { seen, unseen } = rewriters(situation, 'old')
    for (const comment of ['one', 'two']) seen(`${sql} /* ${comment} */`)
    const before = counted.filled
    const plan = seen(`${sql} /* three */`)
    // A text that stays as it is needs no template.
    if (plan.outcome === 'rewritten') expect(counted.filled).toBe(before + 1)
    expect(plan.text).toBe(unseen(`${sql} /* three */`).text)
  }
})

it('a position in a list is no value', () => {
  const { seen } = rewriters('switch', 'old')
  const grouped = (position: number) => seen(`SELECT id, name FROM users GROUP BY ${position}, id, 2 LIMIT ${position}`)
  for (let turn = 0; turn < 3; turn++) grouped(2)
  const { unseen } = rewriters('switch', 'old')
  expect(grouped(1).text).toBe(unseen('SELECT id, name FROM users GROUP BY 1, id, 2 LIMIT 1').text)
})
