import { beforeAll, describe, expect, it } from 'vitest'
import type { SituationName } from '../../fixtures/migrating-tables.ts'
import { planStatement } from '../../fixtures/plan-statement.ts'
import { loadParser } from '../parse/parser.ts'

beforeAll(loadParser)

const named = (name: string, deferrable = true) => ({ name, columns: [], deferrable })
const BOTH = [named('users_name_key'), named('users_full_name_key')]

describe('SET CONSTRAINTS', () => {
  const plan = (sql: string, constraints = BOTH, app: 'old' | 'new' = 'old', situation: SituationName = 'expand') =>
    planStatement(sql, { situation, app, facts: { constraints } })

  it('names the counterpart as well, in the schema of the table', () => {
    expect(plan('SET CONSTRAINTS other, users_name_key /* a */ DEFERRED')).toMatchObject({
      outcome: 'rewritten',
      command: 'SET CONSTRAINTS',
      text: 'SET CONSTRAINTS other, users_name_key, "public"."users_full_name_key" /* a */ DEFERRED',
    })
    expect(plan('SET CONSTRAINTS public.users_full_name_key IMMEDIATE', BOTH, 'new').text).toBe(
      'SET CONSTRAINTS public.users_full_name_key, "public"."users_name_key" IMMEDIATE',
    )
  })

  it('names the counterpart alone where the other one is gone', () => {
    const sql = 'SET CONSTRAINTS users_name_key DEFERRED'
    expect(plan(sql, [named('users_full_name_key')], 'old', 'dropped').text).toBe(
      'SET CONSTRAINTS "public"."users_full_name_key" DEFERRED',
    )
  })

  it.each([
    ['SET CONSTRAINTS ALL DEFERRED', BOTH],
    ['SET CONSTRAINTS other DEFERRED', BOTH],
    ['SET CONSTRAINTS elsewhere.users_name_key DEFERRED', BOTH],
    ['SET CONSTRAINTS users_full_name_key DEFERRED', BOTH],
    ['SET CONSTRAINTS users_name_key DEFERRED', [named('users_name_key')]],
    ['SET CONSTRAINTS users_name_key DEFERRED', [named('users_name_key'), named('users_full_name_key', false)]],
  ])('stays as it is where there is none: %s', (sql, constraints) => {
    expect(plan(sql, constraints)).toMatchObject({ outcome: 'unchanged', text: sql })
  })
})
