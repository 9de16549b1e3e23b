import { readFileSync } from 'node:fs'
import type { Side } from '@expand-contract/core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SituationName } from '../../fixtures/migrating-tables.ts'
import { type Circumstances, planStatement } from '../../fixtures/plan-statement.ts'
import { tableFacts } from '../../fixtures/relation-facts.ts'
import { loadParser } from '../parse/parser.ts'
import type { Plan } from '../plan.ts'
import { REASONS, type ReasonCode } from './reasons.ts'

beforeAll(loadParser)

type Outcome = Plan['outcome']

/** What becomes of a statement: with both columns, with the new one alone, and with a sync trigger in between. */
interface ReasonCase {
  readonly code: ReasonCode
  readonly sql: string
  /** Where the reason points to; undefined where it is about the whole text. */
  readonly at: string | undefined
  readonly app?: Side
  readonly switch: Outcome
  readonly switchWithTrigger: Outcome
  readonly dropped: Outcome
  readonly given?: Omit<Circumstances, 'situation' | 'app'>
}

/** A read stays on the logical column while that is there and written. */
const READ = { switch: 'kept', switchWithTrigger: 'kept', dropped: 'refused' } as const

/** A write is left to the sync trigger. */
const WRITE = { switch: 'refused', switchWithTrigger: 'kept', dropped: 'refused' } as const

const overview: Circumstances['relations'] = (tables) => [
  tableFacts('overview', {
    columns: { id: 'integer', name: 'text' },
    kind: 'view',
    viewOf: tables.flatMap(({ name, oid }) => (name === 'users' ? [{ oid, columns: ['id', 'name'] }] : [])),
  }),
]

const teams = tableFacts('teams', { columns: { code: 'text' } })

const ofTeams: Circumstances['foreignKeys'] = (tables) => [
  {
    tables: tables.flatMap(({ name, oid }) => (name === 'users' ? [oid] : [])),
    columns: ['name'],
    references: { oid: teams.oid, name: teams.name, columns: ['code'] },
    onDelete: 'n',
    onUpdate: 'a',
  },
]

/** The new column draws from a sequence, and the old one may have been an identity column. */
const DRAWN = tableFacts('users', {
  columns: { id: 'integer', name: 'text', full_name: { type: 'text', default: "nextval('users_seq'::regclass)" } },
})

/** Facts that make the planning of a write fail, as an error in the rewriter itself would. */
const BROKEN = new Proxy([], {
  get: () => {
    throw new RangeError('an error of the rewriter')
  },
})

const CASES: readonly ReasonCase[] = [
  { code: 'field-of-row', sql: 'SELECT (coalesce(u)).name FROM users u', at: undefined, ...READ },
  { code: 'whole-row-in-function', sql: 'SELECT describe(u) FROM users u', at: 'u)', ...READ },
  { code: 'row-type', sql: 'SELECT NULL::users FROM users', at: 'users FROM', ...READ },
  {
    code: 'unknown-columns',
    sql: 'SELECT id FROM users WHERE EXISTS (SELECT 1 FROM unloaded WHERE x = name)',
    at: 'name)',
    ...READ,
  },
  {
    code: 'ambiguous-column',
    sql: 'SELECT name FROM users, people',
    at: 'name',
    switch: 'unchanged',
    switchWithTrigger: 'unchanged',
    dropped: 'refused',
  },
  {
    code: 'joined-columns',
    sql: "SELECT users.ctid FROM users JOIN (SELECT 'a' AS name) AS x USING (name)",
    at: 'users.ctid',
    ...READ,
  },
  {
    code: 'grouped-by-key',
    sql: 'SELECT title FROM tickets GROUP BY ROLLUP (id), title',
    at: 'id)',
    switch: 'kept',
    switchWithTrigger: 'kept',
    dropped: 'rewritten',
  },
  {
    code: 'conflict-target',
    sql: "INSERT INTO people (name) VALUES ('a') ON CONFLICT (name) DO NOTHING",
    at: 'name) DO',
    switch: 'rewritten',
    switchWithTrigger: 'rewritten',
    dropped: 'refused',
  },
  {
    code: 'subscript-assignment',
    sql: 'UPDATE labels SET words[1] = md5(random()::text)',
    at: 'words',
    ...WRITE,
    dropped: 'rewritten',
  },
  {
    code: 'several-columns',
    sql: 'MERGE INTO users USING teams s ON false WHEN NOT MATCHED THEN INSERT (id, name, age) VALUES (s.*)',
    at: 'WHEN',
    ...WRITE,
  },
  {
    code: 'row-assignment',
    sql: "UPDATE people SET (city, first_name) = ('a', 'b'), last_name = 'c'",
    at: 'city',
    app: 'new',
    ...WRITE,
    dropped: 'unchanged',
  },
  {
    code: 'evaluated-twice',
    sql: 'MERGE INTO tokens k USING teams t ON k.id = t.id WHEN NOT MATCHED THEN INSERT (owner) VALUES (t.lead)',
    at: 't.lead',
    ...WRITE,
    dropped: 'unchanged',
  },
  {
    code: 'column-positions',
    sql: "INSERT INTO users VALUES (1, 'a')",
    at: 'users',
    switch: 'rewritten',
    switchWithTrigger: 'rewritten',
    dropped: 'refused',
    given: { facts: { dropped: [2, 7] } },
  },
  {
    code: 'overriding',
    sql: "INSERT INTO users (name) OVERRIDING USER VALUE VALUES ('a')",
    at: 'OVERRIDING',
    ...WRITE,
    given: { facts: { columns: DRAWN.columns } },
  },
  {
    code: 'generated-column',
    sql: 'INSERT INTO shouts (word) VALUES ($1)',
    at: 'shouts',
    ...WRITE,
    dropped: 'unchanged',
  },
  {
    code: 'through-view',
    sql: "UPDATE overview SET name = 'a'",
    at: 'overview',
    ...WRITE,
    // The view names no column that is gone, so it takes the one that is left.
    dropped: 'unchanged',
    given: { relations: overview },
  },
  {
    code: 'read-through-view',
    sql: 'SELECT name FROM overview',
    at: 'overview',
    switch: 'kept',
    switchWithTrigger: 'kept',
    dropped: 'unchanged',
    given: { relations: overview },
  },
  { code: 'copy-from', sql: 'COPY people (name) FROM STDIN', at: 'people', ...WRITE },
  { code: 'do-block', sql: "DO $$ BEGIN UPDATE users SET name = 'a'; END $$", at: 'DO', ...WRITE },
  {
    code: 'user-trigger',
    sql: "UPDATE users SET name = 'a'",
    at: 'users',
    ...WRITE,
    dropped: 'rewritten',
    given: { facts: { triggers: [{ name: 'tidy', mentions: ['name'] }] } },
  },
  {
    code: 'referential-action',
    sql: 'DELETE FROM teams',
    at: 'teams',
    ...WRITE,
    dropped: 'unchanged',
    given: { relations: () => [teams], foreignKeys: ofTeams },
  },
  {
    code: 'backslash-strings',
    sql: String.raw`SELECT id FROM users WHERE name = 'a\b'`,
    at: undefined,
    switch: 'refused',
    switchWithTrigger: 'refused',
    dropped: 'refused',
    given: { session: { standardConformingStrings: false } },
  },
  {
    code: 'unsupported',
    sql: "UPDATE users SET name = 'a'",
    at: undefined,
    ...WRITE,
    // Triggers are not asked for where the new column alone is written.
    dropped: 'rewritten',
    given: { facts: { triggers: BROKEN }, mayFail: true },
  },
]

describe.each(CASES)('$code: $sql', (reason) => {
  const { code, sql, at, app, given } = reason
  const planned = (situation: SituationName, syncTrigger: boolean): Plan =>
    planStatement(sql, { ...given, situation, syncTrigger, ...(app ? { app } : {}) })

  it.each([
    ['with both columns', 'switch', false, reason.switch],
    ['with a sync trigger', 'switch', true, reason.switchWithTrigger],
    ['with the new column alone', 'dropped', false, reason.dropped],
  ] as const)('%s', (_, situation, syncTrigger, outcome) => {
    const plan = planned(situation, syncTrigger)
    expect(plan.outcome).toBe(outcome)
    if (outcome === 'rewritten' || outcome === 'unchanged') expect(plan.reasons).toEqual([])
    else
      expect(plan.reasons).toEqual([
        expect.objectContaining({ code, position: at === undefined ? at : sql.indexOf(at) }),
      ])
    if (outcome === 'refused') expect(plan.text).toBe(sql)
  })

  it('names the migration, what it is, and what to do', () => {
    const plans = [planned('switch', false), planned('dropped', false)]
    const message = plans.flatMap(({ reasons }) => reasons.map((each) => each.message))[0]
    expect(message).toContain(REASONS[code].what)
    expect(message).toContain(REASONS[code].remedy)
  })
})

it('keeps what went wrong where the rewriter itself has failed, and has none for any other reason', () => {
  const planned = (given: Omit<Circumstances, 'situation'>): Plan =>
    planStatement("UPDATE users SET name = 'secret'", { ...given, situation: 'switch' })
  const [failed] = planned({ facts: { triggers: BROKEN }, mayFail: true }).reasons
  expect(failed?.cause).toEqual(new RangeError('an error of the rewriter'))
  expect(failed?.message).not.toMatch(/an error of|secret/u)
  expect(() => planned({ facts: { triggers: BROKEN } })).toThrow('the rewriter has failed')
  const [left] = planned({ relations: overview }).reasons.concat(
    planStatement('SELECT describe(u) FROM users u', { situation: 'switch' }).reasons,
  )
  expect(left).toBeDefined()
  expect(left && 'cause' in left).toBe(false)
})

it('has a case for every reason', () => {
  // Those of texts of several statements in refuse/several-statements.test.ts, that of the session in test/pg; those of the parser in parser.test.ts and parser-instance.test.ts.
  const own = Object.keys(REASONS).filter(
    (code) => !/-in-text$|^too-deep$|^parser-failed$|^never-had-column$/u.test(code),
  )
  expect(CASES.map(({ code }) => code).toSorted()).toEqual(own.toSorted())
})

it('is explained in the README', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const rows = Object.entries(REASONS).map(([code, { what, remedy }]) => `| \`${code}\` | ${what} | ${remedy} |`)
  expect(
    readme
      .slice(readme.indexOf('## What is kept or refused'))
      .split('\n')
      .filter((line) => line.startsWith('| `')),
  ).toEqual(rows)
})
