import { beforeAll, describe, expect, it } from 'vitest'
import type { SituationName } from '../../fixtures/migrating-tables.ts'
import { planStatement } from '../../fixtures/plan-statement.ts'
import { loadParser } from '../parse/parser.ts'

beforeAll(loadParser)

const index = (name: string, columns: readonly string[], ...leaves: (readonly [string, string])[]) => ({
  ...{ name, columns, leaves },
})
const USERS = [
  index('users_pkey', ['id']),
  index('users_email_key', ['email']),
  index('users_name_key', ['name'], ['parts', 'users_1_name_idx']),
  index('users_full_name_key', ['full_name'], ['parts', 'users_1_full_name_idx']),
]
const OLD = ['public.users_name_key', 'parts.users_1_name_idx']
const NEW = ['public.users_full_name_key', 'parts.users_1_full_name_idx']

interface Plan {
  readonly situation?: SituationName
  readonly app?: 'old' | 'new'
  readonly refusingIndexes?: typeof USERS
}

/** The names under which an upsert would be told that it was overtaken; undefined where it cannot be. */
function indexesOf(sql: string, { situation = 'expand', app = 'old', refusingIndexes = USERS }: Plan = {}) {
  const { overtaken } = planStatement(sql, { situation, app, facts: { refusingIndexes } })
  return overtaken?.indexes.map(({ schema, name }) => `${schema}.${name}`)
}

const UPSERT = 'INSERT INTO users (name, email) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET age = 1'
const OF_NEW = UPSERT.replaceAll('name', 'full_name')

describe('an upsert is overtaken by the index of the column that is not its target', () => {
  it.each<[SituationName, readonly string[] | undefined]>([
    ['off', undefined],
    ['expand', NEW],
    ['switch', NEW],
    ['contract', OLD],
    ['dropped', undefined],
  ])('%s', (situation, expected) => {
    expect(indexesOf(UPSERT, { situation })).toEqual(expected)
  })

  it('written against the new column', () => {
    expect(indexesOf(OF_NEW, { app: 'new' })).toEqual(OLD)
    expect(indexesOf(OF_NEW, { app: 'new', situation: 'contract' })).toEqual(OLD)
  })

  it('that names the shadow itself', () => {
    expect(indexesOf(`INSERT INTO users (full_name, name) VALUES ($1, $1) ON CONFLICT (full_name) DO NOTHING`)).toEqual(
      OLD,
    )
  })

  it.each([
    UPSERT.replace('(name) DO', 'ON CONSTRAINT users_name_key DO'),
    UPSERT.replace('(name) DO', "(lower(name), coalesce(email, '')) DO"),
    UPSERT.replace('(name) DO', '(name) WHERE age = 7 DO'),
    UPSERT.replace('DO UPDATE SET age = 1', 'DO NOTHING'),
    `WITH x AS (${UPSERT} RETURNING id) SELECT * FROM x`,
    `EXPLAIN ANALYZE ${UPSERT}`,
    `PREPARE p AS ${UPSERT}`,
    `SELECT 1; ${UPSERT}`,
    'INSERT INTO users (name, email) SELECT name, email FROM users ON CONFLICT (name) DO NOTHING',
  ])('%s', (sql) => {
    expect(indexesOf(sql)).toEqual(NEW)
  })

  it('by the name of a constraint whose column is not written any more', () => {
    const byName = UPSERT.replace('(name) DO', 'ON CONSTRAINT users_name_key DO')
    expect(indexesOf(byName, { situation: 'contract' })).toEqual(OLD)
  })

  it('is told under no name where that is none that refuses at once', () => {
    expect(indexesOf(UPSERT, { refusingIndexes: USERS.slice(0, 3) })).toEqual([])
  })

  it.each([
    'INSERT INTO users (name) VALUES ($1) ON CONFLICT DO NOTHING',
    'INSERT INTO users (name, email) VALUES ($1, $2) ON CONFLICT (email) DO UPDATE SET name = $1',
    'INSERT INTO users (id, name) VALUES (1, $1) ON CONFLICT (id) DO NOTHING',
    'INSERT INTO users (id, name) VALUES (1, $1) ON CONFLICT ON CONSTRAINT users_pkey DO NOTHING',
    'INSERT INTO users (name) VALUES ($1)',
    'INSERT INTO teams (id, full_name) VALUES (1, $1) ON CONFLICT (full_name) DO NOTHING',
    'UPDATE users SET name = $1',
  ])('is not: %s', (sql) => {
    expect(indexesOf(sql)).toBeUndefined()
  })

  it('knows the other indexes of the table, which refuse for reasons of their own', () => {
    const { overtaken } = planStatement(UPSERT, { situation: 'expand', facts: { refusingIndexes: USERS } })
    expect(overtaken?.tables).toEqual([
      {
        ...{ schema: 'public', name: 'users' },
        indexes: ['users_pkey', 'users_email_key', 'users_name_key', 'users_full_name_key'],
      },
    ])
  })

  it('counts for split columns, of which the index has one or all', () => {
    const plan = planStatement('INSERT INTO people (name) VALUES ($1) ON CONFLICT (name) DO NOTHING', {
      situation: 'expand',
      facts: { refusingIndexes: [index('whole', ['first_name', 'last_name']), index('of_city', ['city'])] },
    })
    expect(plan.overtaken?.indexes).toEqual([{ schema: 'public', name: 'whole' }])
  })
})
