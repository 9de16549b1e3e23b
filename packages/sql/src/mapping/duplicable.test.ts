import { beforeAll, describe, expect, it } from 'vitest'
import { loadParser } from '../parse/parser.ts'
import { isDuplicableSql, type Repetition } from './duplicable.ts'

beforeAll(loadParser)

const UNKNOWN: Repetition = { volatileFunctions: undefined }

describe('an expression may stand twice', () => {
  it.each([
    '1',
    "'a'::text",
    'NULL',
    '$1',
    '$1::numeric(12,2)',
    'a',
    't.a',
    '-a + 2 * b',
    "a || ' ' || b",
    "a LIKE 'x%'",
    'a BETWEEN 1 AND 2',
    'a NOT BETWEEN SYMMETRIC 1 AND 2',
    'a IN (1, 2)',
    'a = ANY ($1)',
    'a IS DISTINCT FROM b',
    'a IS NULL OR NOT b',
    'a IS TRUE',
    'coalesce(a, b, 1)',
    'greatest(a, 1)',
    'CASE a WHEN 1 THEN b ELSE 2 END',
    'ARRAY[a, 1]',
    'ROW(a, 1)',
    '(a, b)',
    'a COLLATE "C"',
    'now()',
    'pg_catalog.now()',
    'CURRENT_TIMESTAMP',
    'CURRENT_USER',
    'lower(a)',
    'upper(btrim(a))',
    "data ->> 'name'",
    'tags && $1',
  ])('%s', (sql) => {
    expect(isDuplicableSql(sql, UNKNOWN)).toBe(true)
  })
})

describe('an expression may not', () => {
  it.each([
    'random()',
    'gen_random_uuid()',
    "nextval('s')",
    'clock_timestamp()',
    'app.now()',
    'app.lower(a)',
    'unknown(a)',
    'lower(random()::text)',
    'a + random()',
    'coalesce(a, random())',
    'CASE WHEN random() > 0.5 THEN 1 END',
    'CASE WHEN a THEN b ELSE random() END',
    'ARRAY[1, random()]',
    'a BETWEEN 1 AND random()',
    '(SELECT 1)',
    'EXISTS (SELECT 1)',
    'a = ANY (SELECT 1)',
    'a OPERATOR(app.+) b',
    'a <~> b',
    'row(a, random())',
    'DEFAULT',
    'not sql at all',
  ])('%s', (sql) => {
    expect(isDuplicableSql(sql, UNKNOWN)).toBe(false)
  })
})

describe('where there is no other way', () => {
  const known: Repetition = { volatileFunctions: new Set(['format', 'notify']), atAnyCost: true }
  const unknown: Repetition = { ...known, volatileFunctions: undefined }

  it.each([
    'length(a)',
    "date_trunc('day', now())",
    "concat_ws(' ', a, $1)",
    "substring(a from '[a-z]+')",
    'extract(year from a)',
    'make_interval(days => 3)',
    "(a->>'x')::int + round(b, 2)",
    'lower(a)',
  ])("PostgreSQL's own functions of one value may stand twice: %s", (sql) => {
    expect(isDuplicableSql(sql, known)).toBe(true)
  })

  it.each(['random()', 'notify(a)', 'app.length(a)', 'length(random()::text)', '(SELECT a)', 'clock_timestamp()'])(
    'nothing else may: %s',
    (sql) => {
      expect(isDuplicableSql(sql, known)).toBe(false)
    },
  )

  it('a name that a volatile function of the database has is not taken for that of PostgreSQL', () => {
    expect(isDuplicableSql("format('%s', a)", known)).toBe(false)
    expect(isDuplicableSql("pg_catalog.format('%s', a)", known)).toBe(true)
    expect(isDuplicableSql('lower(a)', { volatileFunctions: new Set(['lower']) })).toBe(false)
  })

  it('where such names are not known, only the schema tells', () => {
    expect(isDuplicableSql('length(a)', unknown)).toBe(false)
    expect(isDuplicableSql('pg_catalog.length(a)', unknown)).toBe(true)
    expect(isDuplicableSql('upper(a)', unknown)).toBe(true)
  })
})
