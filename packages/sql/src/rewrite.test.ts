import { beforeAll, describe, expect, it } from 'vitest'
import { CARRIER_CASES } from '../fixtures/carrier-cases.ts'
import { JOIN_CASES } from '../fixtures/join-cases.ts'
import { MAPPING_CASES } from '../fixtures/mapping-cases.ts'
import type { SituationName } from '../fixtures/migrating-tables.ts'
import { planStatement } from '../fixtures/plan-statement.ts'
import { READ_CASES } from '../fixtures/read-cases.ts'
import { AS_IS } from '../fixtures/rewrite-case.ts'
import { WRITE_CASES } from '../fixtures/write-cases.ts'
import { loadParser } from './parser.ts'

beforeAll(loadParser)

const groups = {
  reads: READ_CASES,
  joins: JOIN_CASES,
  carriers: CARRIER_CASES,
  writes: WRITE_CASES,
  mappings: MAPPING_CASES,
}

describe.each(Object.entries(groups))('%s', (_, cases) => {
  it.each(cases)('$why: $sql', ({ sql, app = 'old', plans }) => {
    for (const [situation, expected] of Object.entries(plans)) {
      const plan = planStatement(sql, { situation: situation as SituationName, app })
      expect(plan.reasons, situation).toEqual([])
      if (expected === AS_IS) expect(plan, situation).toMatchObject({ outcome: 'unchanged', text: sql })
      else expect(plan, situation).toMatchObject({ outcome: 'rewritten', text: expected })
    }
  })
})

describe('what a plan tells', () => {
  it('names the side that each migration reads, and the command', () => {
    const sql = 'INSERT INTO people (name) SELECT name FROM users'
    expect(planStatement(sql, { situation: 'expand' })).toMatchObject({
      command: 'INSERT',
      reads: { 'people.first_name+last_name': 'old', 'users.full_name': 'old' },
    })
    expect(planStatement(sql, { situation: 'switch' })).toMatchObject({
      reads: { 'people.first_name+last_name': 'new', 'users.full_name': 'new' },
    })
  })

  it('says that a kept read reads the old side', () => {
    const plan = planStatement('SELECT label(u) FROM users u', { situation: 'switch' })
    expect(plan).toMatchObject({ outcome: 'kept', reads: { 'users.full_name': 'old' } })
  })

  it('leads from a position in the sent text to the one in the text of the application', () => {
    const sql = "SELECT '😀', name, nosuch FROM users"
    const { text, mapPosition } = planStatement(sql, { situation: 'switch' })
    expect(mapPosition(text.indexOf('nosuch'))).toBe(sql.indexOf('nosuch'))
    expect(mapPosition(text.indexOf('😀'))).toBe(sql.indexOf('😀'))
    expect(mapPosition(text.indexOf('full_name'))).toBeUndefined()
  })

  it('keeps every position of a text that is not changed', () => {
    const { mapPosition } = planStatement('SELECT id, nosuch FROM users', { situation: 'switch' })
    expect([0, 11, 27].map(mapPosition)).toEqual([0, 11, 27])
  })

  it('refuses a text as a whole: nothing of it is edited when one statement is refused', () => {
    const sql = "UPDATE users SET name = 'a'; COPY users FROM STDIN"
    expect(planStatement(sql, { situation: 'expand' })).toMatchObject({ outcome: 'refused', text: sql })
  })
})
