import { beforeAll, describe, expect, it, test } from 'vitest'
import { planStatement } from '../../fixtures/plan-statement.ts'
import { loadParser, parse, scan } from './parser.ts'

beforeAll(loadParser)

const deep = (levels: number, inside = 'name'): string => `${'lower('.repeat(levels)}${inside}${')'.repeat(levels)}`

test.each([
  'select from where',
  'select 1 limit 1 limit 2',
  "select 'abc",
  'select $$abc',
  'select ""',
  String.raw`select U&'\zzzz'`,
  String.raw`select E'\xff'`,
  String.raw`select E'\u00'`,
  'select 1abc',
  'select 1 /* a',
  'alter table t add constraint c check (a) deferrable initially deferred not deferrable',
  `select ${'('.repeat(20_000)}1${')'.repeat(20_000)}`,
])("PostgreSQL's scanner and grammar refuse %.40s", (text) => {
  expect(parse(text)).toBeUndefined()
  expect(parse('select 1')).toHaveLength(1)
})

test('a literal that goes on behind a comment is parsed as PostgreSQL does', () => {
  expect(parse(`insert into t values ('a' -- b\n 'c')`)).toHaveLength(1)
  expect(parse(`insert into t values ('a' -- b\n 5)`)).toBeUndefined()
})

test('so is UESCAPE behind a comment', () => {
  expect(parse(`select u&"a" /* ü */ uescape -- b\n '!', u&'c' /* d */, uescape /* e */ from t`)).toHaveLength(1)
})

describe('a text that is nested too deep', () => {
  const text = `select ${'a+'.repeat(50_000)}a from users`

  it('is no syntax error, and leaves a parser that works', () => {
    for (let time = 0; time < 3; time++) {
      expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'too-deep' }))
      expect(parse('insert into users (name) values ($1)')).toHaveLength(1)
      expect(scan('select 1')).toHaveLength(2)
    }
  })

  it.each([
    ['parsing', text],
    ['parsing a write', `insert into users (name) values ('a' ${"|| 'b'".repeat(50_000)})`],
    ['following it', `update users set name = ${deep(3_000)}`],
  ])('%s', (_, sql) => {
    for (const situation of ['switch', 'dropped'] as const) {
      const { outcome, text, reasons } = planStatement(sql, { situation })
      expect([outcome, text === sql, reasons.map(({ code }) => code)]).toEqual(['refused', true, ['too-deep']])
    }
  })

  it('passes where the table has nothing but the columns that the application knows', () => {
    expect(planStatement(text, { situation: 'off' }).outcome).toBe('unchanged')
  })

  it('passes where it names no migrating table', () => {
    expect(planStatement(text.replace('users', 'others'), { situation: 'switch' }).outcome).toBe('unchanged')
  })

  it('is planned as deep as the stack reaches', () => {
    expect(planStatement(`update users set name = ${deep(800)}`, { situation: 'switch' }).outcome).toBe('rewritten')
    const nested = `select ${'(select '.repeat(300)}name${')'.repeat(300)} from users`
    expect(planStatement(nested, { situation: 'switch' }).outcome).toBe('rewritten')
  })
})

it('a stack that the application has used up is not the fault of the text', () => {
  const sql = "update users set name = 'a' || name || lower(name)"
  const outcomes = new Set<string>()
  const plan = (): void => {
    const { outcome, reasons } = planStatement(sql, { situation: 'switch' })
    outcomes.add(`${outcome} ${reasons.map(({ code }) => code).join(' ')}`.trim())
  }
  let levels = 0
  const down = (): void => {
    levels++
    try {
      down()
    } catch {}
    // What is left of the stack may do for a part of the work.
    if (levels-- % 20 === 0)
      try {
        plan()
      } catch {}
  }
  down()
  expect([...outcomes].toSorted()).toEqual(['refused too-deep', 'rewritten'])
  expect(planStatement(sql, { situation: 'switch' }).outcome).toBe('rewritten')
})
