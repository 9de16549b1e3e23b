import { describe, expect, test } from 'vitest'
import { nameOf, statementsIn } from './statements-in.ts'

const scanned = (text: string) => statementsIn(text).statements

describe('statementsIn', () => {
  test.each([
    ['select 1', [['select']]],
    ['begin; select a from "T b"; commit;', [['begin'], ['select', 'a', 'from', '"T b"'], ['commit']]],
    ["insert into t values ('a; begin', E'it\\'s; begin', $$x; begin$$, $q$;$q$)", [['insert', 'into', 't', 'values']]],
    ["select 'a\\'; begin", [['select'], ['begin']]],
    ['/* a; /* b; */ c; */ select -- d; e\n 1; ;', [['select']]],
    ['/* a /* b; /* c; */ d; */ e; */ select 1', [['select']]],
    [
      'create rule r as on insert to t do also (a; b); c',
      [['create', 'rule', 'r', 'as', 'on', 'insert', 'to', 't', 'do', 'also', 'a', 'b'], ['c']],
    ],
    ['select "a;""b"', [['select', '"a;""b"']]],
    ['', []],
  ])('%s', (text, words) => {
    expect(scanned(text).map((statement) => statement.words)).toEqual(words)
  })

  test('the texts are those of the statements', () => {
    expect(scanned(' a; b ;c').map(({ text }) => text)).toEqual([' a', ' b ', 'c'])
  })

  test('a statement of a megabyte is taken apart in time', () => {
    const text = `insert into t values ${Array(40_000).fill("('value', $$x$$, 1e5)").join(', ')}; commit`
    // Of the processor: others may have it for a while.
    const start = process.cpuUsage()
    expect(scanned(text)).toHaveLength(2)
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(2_000)
  })
})

test('nameOf folds as PostgreSQL does', () => {
  expect(['Users', '"Users"', '"a""b"'].map(nameOf)).toEqual(['users', 'Users', 'a"b'])
  expect(['U&"d\\0061t\\+000061"', 'u&"a\\\\b""c"', 'U&"\\+ffffff"'].map(nameOf)).toEqual([
    'data',
    'a\\b"c',
    '\\+ffffff',
  ])
})
