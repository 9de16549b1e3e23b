import { beforeAll, describe, expect, test } from 'vitest'
import { planStatement } from '../../fixtures/plan-statement.ts'
import { loadParser } from '../parse/parser.ts'
import type { SessionFacts } from '../plan.ts'

beforeAll(loadParser)

const reasons = (text: string, situation: 'off' | 'switch', session?: SessionFacts) => {
  const plan = planStatement(text, { situation, ...(session && { session }) })
  return plan.reasons.map(({ migration, code }) => `${plan.outcome} ${plan.command}: ${code} of ${migration}`)
}

describe('the path is changed before a table is used', () => {
  test.each([
    ["set search_path = two; insert into users (id, name) values (4, 'x')", 'SET', 'users.full_name'],
    ["begin; set local schema 'two'; select name from users; commit", 'SET', 'users.full_name'],
    ['SET "Search_Path" = two; select 1; select name from users', 'SET', 'users.full_name'],
    ['set local role x; update orders set amount = 1', 'SET', 'orders.amount_big'],
    ['set session authorization x; update orders set amount = 1', 'SET', 'orders.amount_big'],
    ['reset search_path; select 1; select name from users', 'RESET', 'users.full_name'],
    ['reset all; delete from one.users', 'RESET', 'users.full_name'],
    ['discard temp; select name from users', 'DISCARD', 'users.full_name'],
    ["select set_config('search_path', 'two', false); select name from users", 'SELECT', 'users.full_name'],
    ["select set_config('search' || '_path', 'two', false); select name from users", 'SELECT', 'users.full_name'],
    ["set search_path = two; do $$ begin execute 'update users set id = 1'; end $$", 'SET', 'users.full_name'],
    ['set search_path = two; select U&"n\\0061me" from U&"us\\0065rs"', 'SET', 'users.full_name'],
    ['set search_path = two; select a.users from a', 'SET', 'users.full_name'],
    ['set search_path = two; set constraints users_name_key deferred', 'SET', 'users.full_name'],
  ])('%s', (text, command, migration) => {
    expect(reasons(text, 'switch')).toEqual([`refused ${command}: path-in-text of ${migration}`])
  })

  test.each([
    'select name from users; set search_path = two',
    "set local work_mem = '4MB'; select name from users where name <> 'set search_path; x'",
    'reset work_mem; select name from users',
    "select set_config('app.tenant', '1', true); select name from users",
    "set search_path = two; select 'users'; select id from teams -- users",
    'set search_path = two; select name from',
    'begin; update users set name = 1; commit; select name from users',
  ])('and not: %s', (text) => {
    expect(reasons(text, 'switch').filter((reason) => reason.includes('path-in-text'))).toEqual([])
  })

  test('the end of a transaction that has changed it changes it again', () => {
    const session = { pathChangedInTransaction: true }
    for (const [command, text] of [
      ['COMMIT', 'commit; select name from users'],
      ['COMMIT', 'end; select name from users'],
      ['ROLLBACK', 'select 1; abort; select name from users'],
      ['ROLLBACK', 'rollback to a; select name from users'],
    ] as const) {
      expect(reasons(text, 'switch', session)).toEqual([`refused ${command}: path-in-text of users.full_name`])
      expect(reasons(text, 'switch')).toEqual([])
    }
    expect(reasons('select name from users; commit', 'switch', session)).toEqual([])
  })
})

describe('the other column is added before the table is written', () => {
  const add = 'alter table users add full_name text'

  test.each([
    `${add}; insert into users (name) values ('bob')`,
    `${add}; insert into users default values`,
    `${add}; update users set name = 'x'`,
    `${add}; select 1; with u as (update crm.users set id = 1, name = 'x' returning 1) select * from u`,
    `${add}; insert into users (id) values (1) on conflict (id) do update set name = 'x'`,
    `${add}; merge into users u using teams t on u.id = 1 when not matched then insert values (1)`,
    `${add}; copy users (name) from stdin`,
    `alter table users rename nick to full_name; update users set name = 'x'`,
    `create table users (id int, name text, full_name text); insert into users (name) values ('bob')`,
    `${add}; update users set name = 'x' where 'full_name' <> 'full_name' -- full_name`,
  ])('%s', (text) => {
    expect(reasons(text, 'off')).toEqual([
      expect.stringMatching(/^refused (?:ALTER TABLE|RENAME|CREATE): columns-in-text of users\.full_name$/u),
    ])
    expect(reasons(text, 'switch').filter((reason) => reason.includes('columns-in-text'))).toEqual([])
  })

  test.each([
    `${add}; update users set name = 'x', full_name = 'x'`,
    `${add}; update users set id = 1 where name = 'x'`,
    `${add}; delete from users where name = 'x'; select name from users`,
    `update users set name = 'x'; ${add}`,
    `alter table users add other text; insert into users (name) values ('bob')`,
    `${add}; update teams set name = 'x'`,
    `select '${add}'; update users set name = 'x'`,
  ])('and not: %s', (text) => {
    expect(reasons(text, 'off')).toEqual([])
  })
})
