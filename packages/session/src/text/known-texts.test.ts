import type { Catalog, Rewriter, TextPlanner } from '@expand-contract/sql'
import { expect, test } from 'vitest'
import { KnownTexts } from './known-texts.ts'

const catalog: Catalog = {
  aliases: [],
  tables: [],
  relation: () => null,
  effectsOf: () => [],
  rowFunction: () => undefined,
  relationOf: () => undefined,
}

function counting(): { readonly texts: KnownTexts; readonly asked: string[] } {
  const asked: string[] = []
  const planner: TextPlanner = {
    failed: false,
    missing: () => [],
    plan: () => {
      throw new Error('not planned here')
    },
  }
  const rewriter: Pick<Rewriter, 'mayTouch' | 'planner'> = {
    mayTouch(text) {
      asked.push(text)
      return text.includes('users')
    },
    planner: () => planner,
  }
  return { texts: new KnownTexts(catalog, rewriter as Rewriter), asked }
}

test.each([
  ['select 1', { touches: false, rowsOnly: true }],
  ['begin', { touches: false, rowsOnly: false }],
  ['select * from users', { touches: true, rowsOnly: true }],
  ['select 1; select * from users', { touches: true, rowsOnly: false }],
])('%s', (text, { touches, rowsOnly }) => {
  const { texts } = counting()
  const known = texts.get(text)
  expect(known).toMatchObject({ text, catalog, facts: { rowsOnly } })
  expect(known.planner !== undefined).toBe(touches)
  expect(texts.get(text)).toBe(known)
})

test('each text is looked at once', () => {
  const { texts, asked } = counting()
  texts.get('select 1')
  texts.get('select 1')
  expect(asked).toEqual(['select 1'])
})

test('texts without end do not stay', () => {
  const { texts, asked } = counting()
  for (let n = 0; n < 2_001; n++) texts.get(`select ${n}`)
  texts.get('select 2000')
  expect(asked).toHaveLength(2_001)
  texts.get('select 0')
  expect(asked).toHaveLength(2_002)
})

test('a text that is sent again and again stays', () => {
  const { texts, asked } = counting()
  for (let n = 0; n < 10_000; n++) {
    texts.get(`select ${n}`)
    texts.get('select name from users')
  }
  // Once to see that it is sent at all, and once to see that it is sent again.
  expect(asked.filter((text) => text === 'select name from users').length).toBeLessThanOrEqual(2)
})

test('as many texts as an application has stay, whatever their order', () => {
  const { texts, asked } = counting()
  for (let round = 0; round < 5; round++) for (let n = 0; n < 900; n++) texts.get(`select ${n} from users`)
  // Some are still under way when they come again.
  expect(asked.length).toBeLessThanOrEqual(1_800)
})

test('long texts take the place of many', () => {
  const { texts, asked } = counting()
  const long = (n: number): string => `select '${'a'.repeat(60_000)}', ${n}`
  for (let n = 0; n < 200; n++) texts.get(long(n))
  texts.get(long(199))
  texts.get(long(0))
  expect(asked).toHaveLength(201)
})

test('bulk loads are not kept', () => {
  const { texts, asked } = counting()
  const long = `insert into t values ${'(1), '.repeat(20_000)}(1)`
  texts.get(long)
  texts.get(long)
  expect(asked).toHaveLength(2)
})
