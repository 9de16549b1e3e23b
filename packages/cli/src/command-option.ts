import { cliError } from './cli-error.ts'
import { parseDuration, parseRate } from './output/duration.ts'

type Options = Readonly<Record<string, unknown>>

const given = (options: Options, name: string): string | undefined => {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

const flagOf = (name: string): string => `--${name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`

const wrong = (name: string, value: string, wanted: string): Error =>
  cliError('EC_USAGE', { message: `${flagOf(name)} is ${JSON.stringify(value)}.`, hint: `It takes ${wanted}.` })

export const textOption = given

/** Milliseconds. @throws EC_USAGE */
export function durationOption(options: Options, name: string): number | undefined {
  const value = given(options, name)
  if (value === undefined) return undefined
  const ms = parseDuration(value)
  if (ms === undefined) throw wrong(name, value, 'a duration such as 200ms, 5s, 15m, 2h or 7d')
  return ms
}

/** Bytes per second. @throws EC_USAGE */
export function rateOption(options: Options, name: string): number | undefined {
  const value = given(options, name)
  if (value === undefined) return undefined
  const rate = parseRate(value)
  if (rate === undefined) throw wrong(name, value, 'a rate such as 50MB/s')
  return rate
}

/** A whole number above zero. @throws EC_USAGE */
export function countOption(options: Options, name: string): number | undefined {
  const value = given(options, name)
  if (value === undefined) return undefined
  const count = Number(value.replaceAll(/[_,]/gu, ''))
  if (!Number.isSafeInteger(count) || count <= 0) throw wrong(name, value, 'a whole number above zero')
  return count
}

/** One of some words. @throws EC_USAGE */
export function choiceOption<Word extends string>(
  options: Options,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const value = given(options, name)
  if (value === undefined) return undefined
  const found = words.find((word) => word === value)
  if (found === undefined) throw wrong(name, value, words.join(', '))
  return found
}
