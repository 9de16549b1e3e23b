import { expect, it } from 'vitest'
import { bytesText, durationText, parseDuration, parseRate } from './duration.ts'

it.each([
  [6, '6 ms'],
  [999.4, '999 ms'],
  [1_400, '1.4 s'],
  [38_400, '38 s'],
  [59_900, '60 s'],
  [451_000, '7 min 31 s'],
  [3_600_000, '1 h'],
  [3_599_999, '1 h'],
  [7_860_000, '2 h 11 min'],
  [273_600_000, '3 d 4 h'],
])('%d is %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

it.each([
  ['200ms', 200],
  ['5s', 5_000],
  ['15m', 900_000],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['5', undefined],
  ['5 weeks', undefined],
  ['', undefined],
])('%j is %s milliseconds', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

it('reads and writes amounts of bytes', () => {
  expect(parseRate('50MB/s')).toBe(50e6)
  expect(parseRate('50')).toBeUndefined()
  expect([bytesText(512), bytesText(9.8e9), bytesText(310e9)]).toEqual(['512 B', '9.8 GB', '310 GB'])
})
