import type { Action } from '@expand-contract/runner'
import { expect, it } from 'vitest'
import { planStep } from './plan-step.ts'

it.each([
  ['CREATE SEQUENCE "EC Control"."bypass_1"', '+', 'sequence bypass_1'],
  ['CREATE OR REPLACE FUNCTION expand_contract."sync_1"() RETURNS trigger', '+', 'function sync_1'],
  [
    'GRANT EXECUTE ON FUNCTION "EC Control"."sync_1"() TO PUBLIC',
    '~',
    'grant execute on function EC Control.sync_1() TO PUBLIC',
  ],
  ['ALTER TABLE "Orders" ADD COLUMN "A B" text, ADD COLUMN "C" text', '+', 'column A B text, column C text'],
  ['CREATE INDEX CONCURRENTLY "My.Index" ON "T" ("x")', '+', 'index My.Index, concurrently'],
  ['DROP FUNCTION expand_contract."SYNC A"()', '-', 'function SYNC A'],
])('%s', (sql, sign, text) => {
  expect(planStep({ kind: 'sql', sql, why: '' } as unknown as Action)).toEqual({ sign, text })
})
