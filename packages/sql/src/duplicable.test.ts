import { beforeAll, describe, expect, it } from 'vitest'
import { isDuplicableSql } from './duplicable.ts'
import { loadParser } from './parser.ts'

beforeAll(loadParser)

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
    expect(isDuplicableSql(sql)).toBe(true)
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
    'row(a, b)',
    'DEFAULT',
    'not sql at all',
  ])('%s', (sql) => {
    expect(isDuplicableSql(sql)).toBe(false)
  })
})
