import { describe, expect, test } from 'vitest'
import {
  endsFirst,
  isControl,
  isRowsOnly,
  mayChangePath,
  mustComeFirst,
  transactionEffect,
} from './transaction-words.ts'

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
    ['/* a /* b /* c */ d */ e */ begin', 'opens'],
    ['create function f() returns int begin atomic select case when true then 1 end; select 2; end', undefined],
    ['create or replace procedure p() begin atomic select 1; end; commit', 'closes'],
    ['create rule r as on insert to t do also (delete from s; select 1); begin', 'opens'],
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
  ["set a = ';'; -- ;", true],
  ['/* a /* b /* c */ */ */ lock table users;', true],
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
  ['/* /* /* */ */ */ set transaction read only', true],
  ['set a = 1', false],
])('mustComeFirst: %s', (text, expected) => {
  expect(mustComeFirst(text)).toBe(expected)
})

test.each([
  ['rollback; select 1', true],
  ['/* /* /* */ */ */ end;', false],
  ["commit prepared 'a;b'", false],
])('endsFirst: %s', (text, expected) => {
  expect(endsFirst(text)).toBe(expected)
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
    'select id, role, schema, "authorization" from t where reset = 1 and discard is null',
    'select \'a; b\', $$;$$, "c;" from t -- ; the end',
    "insert into t values ('reset role; discard all')",
    "select 'set_config(' as a, set_config from t",
    'select 1; -- done\n/* truly; /* so */ */',
    '(select 1) union (select 2)',
    '/* a /* b /* c */ d */ e */ ( -- f\n(select 1))',
    'select a as into, t.into from t',
    'select U&"d\\0061ta" from t',
  ])('%s', (text) => {
    expect(isRowsOnly(text)).toBe(true)
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
    '/* a /* b */ select 1 */ begin',
    '/* a /* b /* c */ d */ e */ begin',
    '(select 1); begin',
    "select pg_catalog . \"set_config\" ('search_path', 'a', true)",
    "select U&\"set\\005fconfig\"('search_path', 'a', true)",
    'select a, b /* no */ into t2 from t',
    "select 'it\\'; begin; --'",
    "select 'not closed; begin",
    '/* not closed; select 1',
    '',
  ])('not: %s', (text) => {
    expect(isRowsOnly(text)).toBe(false)
  })

  test('a long row of comments, or of blanks, is looked through once', () => {
    expect(isRowsOnly(`${'/**/'.repeat(50_000)}x`)).toBe(false)
    expect(isRowsOnly(`select 1;${' '.repeat(500_000)};`)).toBe(false)
  })
})
