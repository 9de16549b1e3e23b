import { beforeAll, describe, expect, it, test } from 'vitest'
import { loadParser, parse } from '../parse/parser.ts'
import { modelOf, type Watch, watchValues } from './shape-model.ts'
import { shapeOf } from './text-shape.ts'

beforeAll(loadParser)

function watched(sql: string) {
  const shape = shapeOf(sql)
  if (shape === undefined) throw new RangeError('no shape')
  const model = modelOf(shape)
  const roots = (parse(model.text) ?? []).flatMap(({ stmt }) => stmt ?? [])
  const watch: Watch = { seen: false }
  return { roots, watch, whole: watchValues(roots, model, watch) }
}

describe('a watch on the values of a model', () => {
  it('lets the kind of a value be asked, and sees when the value is', () => {
    const { roots, watch, whole } = watched("SELECT 1, 'a', $1, -2.5 FROM users")
    expect(whole).toBe(true)
    const items = roots.flatMap((root) => ('SelectStmt' in root ? (root.SelectStmt.targetList ?? []) : []))
    const values = items.flatMap((item) => ('ResTarget' in item && item.ResTarget.val ? [item.ResTarget.val] : []))
    const kinds = values.map((each) => ('A_Const' in each ? Object.keys(each.A_Const) : Object.keys(each)))
    expect(kinds).toEqual([['ival', 'location'], ['sval', 'location'], ['ParamRef'], ['fval', 'location']])
    expect(watch.seen).toBe(false)
    const reads = values.map((each) => {
      watch.seen = false
      JSON.stringify(each)
      return watch.seen
    })
    expect(reads).toEqual([true, true, true, true])
  })

  test.each([
    ['a type', 'SELECT id::float(24) FROM users'],
    ['a precision', 'SELECT current_timestamp(3) FROM users'],
    ['an escape', "SELECT U&'!0061' UESCAPE '!' FROM users"],
  ])('is not there for a value that makes %s', (_, sql) => {
    expect(watched(sql).whole).toBe(false)
  })
})

const key = (sql: string): string | undefined => shapeOf(sql)?.key

describe('shapeOf', () => {
  test.each([
    ['values', "SELECT 1, 'a', 1.5, $1 FROM t", "SELECT 7, 'it''s', .5, $3 FROM t"],
    ['white space and comments', 'SELECT a FROM t', 'SELECT /* b */ a\n-- c\nFROM t'],
    ['the length of a list', 'SELECT a IN (1, 2, 3, 4, 5, 6, 7)', 'SELECT a IN (1, 2, 3, 4, 5, 6, 7, 8, 9)'],
    ['limits', 'SELECT a FROM t ORDER BY 1 LIMIT 5', 'SELECT a FROM t ORDER BY 1 LIMIT 7'],
  ])('is one for other %s', (_, one, other) => {
    expect(key(one)).toBeDefined()
    expect(key(other)).toBe(key(one))
  })

  test.each([
    ['a position', 'SELECT a, b FROM t ORDER BY 1', 'SELECT a, b FROM t ORDER BY 2'],
    ['a grouped position', 'SELECT a FROM t GROUP BY ROLLUP (1, a)', 'SELECT a FROM t GROUP BY ROLLUP (2, a)'],
    ['the kind of a number', 'SELECT 1', 'SELECT 2147483648'],
    ['the kind of a string', "SELECT 'a'", "SELECT E'a'"],
    ['a sign', 'SELECT 1', 'SELECT -1'],
    ['a short list', 'SELECT a IN (1, 2)', 'SELECT a IN (1, 2, 3)'],
    ['arguments', 'SELECT f(1, 2, 3, 4, 5, 6, 7)', 'SELECT f(1, 2, 3, 4, 5, 6, 7, 8)'],
    ['a null', 'SELECT a IN (1, 2, NULL)', 'SELECT a IN (1, 2, 3)'],
    ['letter case', 'SELECT a', 'SELECT A'],
    ['blanks that part tokens', 'SELECT a. b', 'SELECT a.b'],
  ])('is another for another: %s', (_, one, other) => {
    expect(key(one)).toBeDefined()
    expect(key(other)).not.toBe(key(one))
  })

  test.each([
    'DO $$ begin end $$',
    'SELECT 1; SELECT 2',
    "SET a = 'b'",
    "COPY t FROM 'f'",
    'SELECT 1a',
    "SELECT 'a",
    "SELECT 'a'\n'b'",
    "SELECT date'2000-01-01'",
  ])('is none for %s', (sql) => {
    expect(shapeOf(sql)).toBeUndefined()
  })
})
