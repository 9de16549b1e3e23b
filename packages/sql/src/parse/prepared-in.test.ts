import { beforeAll, expect, test } from 'vitest'
import { loadParser } from './parser.ts'
import { preparedIn } from './prepared-in.ts'

beforeAll(loadParser)

test.each([
  ['prepare p as select 1', [{ name: 'p', text: 'prepare p as select 1' }]],
  [
    `select 'prepare x'; /* ü */ prepare "P" (int) as select ';', $1; PREPARE U&"\\0071" AS SELECT 2 ;`,
    [
      { name: 'P', text: `prepare "P" (int) as select ';', $1` },
      { name: 'q', text: 'PREPARE U&"\\0071" AS SELECT 2' },
    ],
  ],
  ["prepare transaction 'x'", []],
  ['prepare prepare', []],
])('%s', (text, prepared) => {
  expect(preparedIn(text)).toEqual(prepared)
})
