import type { Catalog, Rewriter } from '@expand-contract/sql'
import { expect, test } from 'vitest'
import { KnownTexts } from './known-texts.ts'

const catalog: Catalog = { aliases: [], tables: [], relation: () => null }

function counting(): { readonly texts: KnownTexts; readonly asked: string[] } {
  const asked: string[] = []
  const rewriter: Pick<Rewriter, 'mayTouch'> = {
    mayTouch(text) {
      asked.push(text)
      return text.includes('users')
    },
  }
  return { texts: new KnownTexts(catalog, rewriter as Rewriter), asked }
}

test.each([
  ['select 1', { touches: false, quiet: true }],
  ['begin', { touches: false, quiet: false }],
  ['select * from users', { touches: true, quiet: true }],
  ['select 1; select * from users', { touches: true, quiet: false }],
])('%s', (text, traits) => {
  const { texts } = counting()
  expect(texts.traitsOf(text)).toEqual(traits)
  expect(texts.traitsOf(text)).toEqual(traits)
})

test('each text is looked at once', () => {
  const { texts, asked } = counting()
  texts.traitsOf('select 1')
  texts.traitsOf('select 1')
  expect(asked).toEqual(['select 1'])
})

test('texts without end do not stay', () => {
  const { texts, asked } = counting()
  for (let n = 0; n < 2_001; n++) texts.traitsOf(`select ${n}`)
  texts.traitsOf('select 2000')
  expect(asked).toHaveLength(2_001)
  texts.traitsOf('select 0')
  expect(asked).toHaveLength(2_002)
})

test('bulk loads are not kept', () => {
  const { texts, asked } = counting()
  const long = `insert into t values ${'(1), '.repeat(5_000)}(1)`
  texts.traitsOf(long)
  texts.traitsOf(long)
  expect(asked).toHaveLength(2)
})
