import { describe, expect, test } from 'vitest'
import { isControl, isQuiet, mayChangePath, mustComeFirst, transactionEffect } from './transaction-words.ts'

describe('transactionEffect', () => {
  test.each([
    ['begin', 'opens'],
    ['BEGIN ISOLATION LEVEL SERIALIZABLE', 'opens'],
    ['/* x */ start transaction read only', 'opens'],
    ['start', undefined],
    ['commit', 'closes'],
    ['END WORK', 'closes'],
    ['rollback', 'closes'],
    ['abort', 'closes'],
    ["prepare transaction 'x'", 'closes'],
    ["commit prepared 'x'", undefined],
    ["rollback prepared 'x'", undefined],
    ['prepare x as select 1', undefined],
    ['commit and chain', 'chains'],
    ['rollback work and chain', 'chains'],
    ['commit and no chain', 'closes'],
    ['rollback to savepoint a', undefined],
    ['ROLLBACK WORK TO a', undefined],
    ['savepoint a; release a', undefined],
    ['begin; select 1', 'opens'],
    ['begin; select 1; commit', 'closes'],
    ['commit; begin', 'opens'],
    ["insert into t values ('commit')", undefined],
    ["select 'x; commit'", undefined],
    ['select "begin" from t', undefined],
    ['update t set a = 1 where b = $$begin$$ -- commit', undefined],
    ['select case when a then b end from t', undefined],
  ])('%s', (text, effect) => {
    expect(transactionEffect(text)).toBe(effect)
  })
})

test.each([
  ['begin', true],
  ['  -- hello\n SET LOCAL search_path = a', true],
  ['/* a */ commit;', true],
  ['lock table users', true],
  ['set local a = 1; select * from users', false],
  ['select 1', false],
  ['prepare p as select 1', false],
  ['settings', false],
  ['set constraints all deferred', true],
  ['SET CONSTRAINTS key DEFERRED', false],
  ['set /* a */ constraints -- b\n key, other immediate;', false],
])('isControl: %s', (text, expected) => {
  expect(isControl(text)).toBe(expected)
})

test.each([
  ['set transaction isolation level serializable; select 1', true],
  ['SET SESSION TRANSACTION READ ONLY', true],
  ['lock users; select 1', true],
  ['set a = 1', false],
])('mustComeFirst: %s', (text, expected) => {
  expect(mustComeFirst(text)).toBe(expected)
})

test.each([
  ['set search_path = a', true],
  ["SET SCHEMA 'a'", true],
  ['set role x', true],
  ['set local app.tenant_id = 5', false],
  ['select set_config($1, $2, true)', true],
])('mayChangePath: %s', (text, expected) => {
  expect(mayChangePath(text)).toBe(expected)
})

describe('isQuiet', () => {
  test.each([
    'select 1',
    '  SELECT 1 ;\n',
    '-- why\n/* where */ select name from users',
    'insert into t values (1) on conflict do nothing',
    'with a as (select 1) update t set a = 2',
    'values (1)',
    'table users',
    'with a as (insert into t values (1) returning *) select * from a',
    'with a as (insert /* why */ into t values (1) returning *) select * from a',
    "select name from t where note = 'look into it' or note = $$into$$ -- into",
    'merge into t using s on true when matched then do nothing',
  ])('%s', (text) => {
    expect(isQuiet(text)).toBe(true)
  })

  test.each([
    'begin',
    'select 1; commit',
    "select set_config('search_path', 'a', true)",
    'execute p',
    'explain analyze execute p',
    'create table a as select 1',
    'select * into a from b',
    'with a as (select 1) SELECT * INTO temp b from a',
    'selection',
    '/* begin */ commit',
    '',
  ])('not: %s', (text) => {
    expect(isQuiet(text)).toBe(false)
  })

  test('a long row of comments, or of blanks, is looked through once', () => {
    expect(isQuiet(`${'/**/'.repeat(50_000)}x`)).toBe(false)
    expect(isQuiet(`select 1;${' '.repeat(500_000)};`)).toBe(false)
  })
})
