import { expect, test } from 'vitest'
import { parameterText } from './parameter-text.ts'

test.each([
  [null, null],
  [undefined, null],
  ['users', 'users'],
  [16384, '16384'],
  [[], '{}'],
  [[1, null, 'a"b\\c,{d}'], '{"1",NULL,"a\\"b\\\\c,{d}"}'],
])('%j is sent as %j', (value, text) => {
  expect(parameterText(value)).toBe(text)
})
