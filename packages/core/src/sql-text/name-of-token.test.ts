import { expect, it } from 'vitest'
import { nameOfToken } from './name-of-token.ts'

it.each([
  ['name', 'name'],
  ['NAME', 'name'],
  ['Größe', 'größe'],
  ['ÄB', 'Äb'],
  ['"a""b"', 'a"b'],
  ['"Name"', 'Name'],
  ['U&"n\\0061me"', 'name'],
  ['u&"n\\+000061me"', 'name'],
  ['U&"a\\\\b"', 'a\\b'],
  ['U&"n!0061me" UESCAPE \'!\'', 'name'],
  ['U&"n!0061me" /* a */ uescape -- b\n \'!\'', 'name'],
  ['U&"a""b!!" uescape\'!\'', 'a"b!'],
  ['U&"\\D83D\\DE00"', '😀'],
  ['U&"a-0062" UESCAPE \'-\'', 'ab'],
  ["'text'", undefined],
  ['$1', undefined],
  ['12', undefined],
])('%s stands for %s', (text, name) => {
  expect(nameOfToken(text)).toBe(name)
})
