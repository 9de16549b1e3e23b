import { beforeAll, describe, expect, it } from 'vitest'
import { loadParser, parse } from '../parse/parser.ts'
import { namesItself, outputName } from './output-name.ts'

beforeAll(loadParser)

const nameOf = (item: string): string => outputName(targetOf(item))

const targetOf = (item: string): Parameters<typeof outputName>[0] => {
  const select = parse(`SELECT ${item}`)?.[0]?.stmt
  const target = select && 'SelectStmt' in select ? select.SelectStmt.targetList?.[0] : undefined
  if (!target || !('ResTarget' in target)) throw new RangeError(`not a select item: ${item}`)
  return target.ResTarget
}

/** The rules; test/sql/output-name.test.ts asks PostgreSQL about the whole of its grammar. */
describe('an output column is named after', () => {
  it.each([
    ['its alias', 'a AS "B"', 'B'],
    ['its column', 'public.t.a', 'a'],
    ['its field', '(t).a', 'a'],
    ['its array, not the place in it', 'a[1]', 'a'],
    ['its function', 'app.f(a)', 'f'],
    ['what a cast casts', 'a::text', 'a'],
    ['the type of a cast of something without a name', '(1 + 2)::int', 'int4'],
    ['the last branch of CASE', 'CASE WHEN true THEN 1 ELSE a END', 'a'],
    ['CASE where that has no name', 'CASE WHEN true THEN a ELSE 1 END', 'case'],
    ['the column of a sub-select', '(SELECT max(a) FROM t)', 'max'],
    ['a sub-select without a name, rather than a type', '(SELECT 1)::text', '?column?'],
    ['the first query of a union', '(SELECT 1 AS a UNION SELECT 2 AS b)', 'a'],
    ['nothing', 'a + 1', '?column?'],
  ])('%s: %s', (_, item, name) => {
    expect(nameOf(item)).toBe(name)
  })
})

describe('the name of a constant of PostgreSQL’s major is left to it', () => {
  it.each([
    '(SELECT true)',
    '(SELECT false UNION SELECT true)::text',
    'CASE WHEN a THEN false ELSE (SELECT (SELECT true)) END',
  ])('%s', (item) => {
    expect(namesItself(targetOf(item))).toBe(true)
  })

  it.each(['true', '(SELECT true AS a)', '(SELECT 1)', 'coalesce((SELECT true), a)', '(SELECT true) AS a'])(
    'and no other: %s',
    (item) => {
      expect(namesItself(targetOf(item))).toBe(false)
    },
  )
})
