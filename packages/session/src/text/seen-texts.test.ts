import { expect, test } from 'vitest'
import { SeenTexts } from './seen-texts.ts'

test('a text has come before from its second time on, also the empty one', () => {
  const texts = new SeenTexts()
  for (const text of ['', 'select 1', 'select 2']) expect([texts.seen(text), texts.seen(text)]).toEqual([false, true])
})

test('texts that take turns are remembered, as many as an application has', () => {
  const texts = new SeenTexts()
  const all = Array.from({ length: 4_000 }, (_, n) => `select name from users where id = $1 /* ${n} */`)
  for (const text of all) texts.seen(text)
  expect(all.filter((text) => !texts.seen(text)).length).toBeLessThan(40)
})

test('texts that never come again are not taken for others', () => {
  const texts = new SeenTexts()
  let taken = 0
  for (let n = 0; n < 50_000; n++) if (texts.seen(`select name from users where id = ${n}`)) taken++
  expect(taken).toBeLessThan(50)
})

test('long texts are told apart by what is looked at, at the price of a few characters', () => {
  const texts = new SeenTexts()
  const long = (end: string): string => `${'select 1, '.repeat(10_000)}${end}`
  expect([texts.seen(long('2')), texts.seen(long('3')), texts.seen(long('2'))]).toEqual([false, false, true])
})
