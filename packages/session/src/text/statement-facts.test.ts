import { describe, expect, test } from 'vitest'
import { StatementFacts } from './statement-facts.ts'

const facts = (text: string) => new StatementFacts(text)

describe('effect', () => {
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
    expect(facts(text).effect).toBe(effect)
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
])('control: %s', (text, expected) => {
  expect(facts(text).control).toBe(expected)
})

test.each([
  ['set transaction isolation level serializable; select 1', true],
  ['SET SESSION TRANSACTION READ ONLY', true],
  ['lock users; select 1', true],
  ['/* /* /* */ */ */ set transaction read only', true],
  ['set a = 1', false],
])('mustComeFirst: %s', (text, expected) => {
  expect(facts(text).mustComeFirst).toBe(expected)
})

test.each([
  ['rollback; select 1', true],
  ['/* /* /* */ */ */ end;', false],
  ["commit prepared 'a;b'", false],
])('endsFirst: %s', (text, expected) => {
  expect(facts(text).endsFirst).toBe(expected)
})

test.each([
  ['set search_path = a', true],
  ["SET SCHEMA 'a'", true],
  ['set role x', true],
  ['set local app.tenant_id = 5', false],
  ["set local app.role = 'editor'", false],
  ['set local statement_timeout = 5', false],
  ['set time zone local', false],
  ['set session characteristics as transaction read only', false],
  ['set session authorization x', true],
  ['set local session authorization x', true],
  ['set session role x', true],
  ['SET "Search_Path" = a', true],
  ['set U&"search\\005fpath" = a', true],
  ['reset role', true],
  ['reset all', true],
  ['reset work_mem', false],
  ['discard temp', true],
  ['begin; set search_path = a; commit', true],
  ['select role, schema from t', false],
  ["select 'set_config(' from t; select 'set search_path'", false],
  ["select 1; select 'a\\'; set search_path = b; --'", true],
  ["select U&\"set!005fconfig\" uescape '!' ('search_path', 'a', true)", true],
  ['select set_config($1, $2, true)', true],
])('mayChangePath: %s', (text, expected) => {
  expect(facts(text).mayChangePath).toBe(expected)
})

describe('rowsOnly', () => {
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
    expect(facts(text).rowsOnly).toBe(true)
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
    expect(facts(text).rowsOnly).toBe(false)
  })

  test('a long row of comments, or of blanks, is looked through once', () => {
    expect(facts(`${'/**/'.repeat(50_000)}x`).rowsOnly).toBe(false)
    expect(facts(`select 1;${' '.repeat(500_000)};`).rowsOnly).toBe(false)
  })
})

test.each([
  ['create table a ()', true],
  ['begin; alter table a add b int', true],
  ['/* a */ drop table a', true],
  ['do $$ begin end $$', true],
  ['call p()', true],
  ['select * into a from b', true],
  ['explain analyze create table a as select 1', true],
  ['begin; insert into a values (1); commit', false],
  ['select \'create\'; select "into", do from a', false],
  ["select 'a\\'; create table a (); --'", true],
  ['select a from b', false],
])('mayChangeCatalog: %s', (text, expected) => {
  expect(facts(text).mayChangeCatalog).toBe(expected)
})

test.each([
  ['set search_path = a', true],
  ['set local search_path = a', false],
  ['begin; set local search_path = a; set role b', true],
  ['reset search_path', true],
  ['discard all', true],
  ["select set_config('search_path', 'a', false)", true],
  ["set application_name = 'search_path'", false],
  ['select schema, role from a', false],
])('leavesAnotherPath: %s', (text, expected) => {
  expect(facts(text).leavesAnotherPath).toBe(expected)
})

test.each([
  ['begin', true],
  ['start transaction', true],
  ['begin; select 1; commit', true],
  ['select 1', false],
  ["select 'begin'; select 2", false],
  ['commit and chain', false],
])('opens: %s', (text, expected) => {
  expect(facts(text).opens).toBe(expected)
})

test.each([
  ['execute p', ['p']],
  ['explain (analyze) EXECUTE "P"(1)', ['P']],
  ['create table a as execute U&"\\0070"; execute q', ['p', 'q']],
  ["select 'execute p'", []],
  ["select 'a\\b' as execute", []],
])('executes: %s', (text, names) => {
  expect(facts(text).executes).toEqual(names)
})

test.each([
  ['deallocate p', ['p']],
  ['deallocate prepare "P"', ['P']],
  ['deallocate prepare', ['prepare']],
  ['select 1; deallocate a; deallocate b', ['a', 'b']],
  ['deallocate all', 'all'],
  ['select 1', []],
])('deallocates: %s', (text, names) => {
  expect(facts(text).deallocates).toEqual(names)
})

test('a text is taken apart once, whatever is asked', () => {
  const asked = facts('begin; set search_path = a')
  const { statements } = asked
  expect([asked.effect, asked.mayChangePath, asked.control]).toEqual(['opens', true, false])
  expect(asked.statements).toBe(statements)
})
