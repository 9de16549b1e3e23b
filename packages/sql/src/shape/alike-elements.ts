import { literalKind } from './literal-kind.ts'
import { TELLING } from './telling-words.ts'
import type { ShapeToken, TokenList } from './token-list.ts'

/** The mark of a token that something parts from the one before. */
const APART = '\uE005'

/** Tokens that are the same wherever they stand, and are told by their first characters. */
const SYMBOLS = new Set(['(', ')', '[', ']', ',', '::', '-'])
const WORD = /^[a-z_]\w*$/iu

interface Expected extends ShapeToken {
  readonly apart: boolean
  /** Where it is not neutral. */
  readonly raw: string
  readonly first: number
  readonly isWord: boolean
}

/** Fewer are as well found one by one. */
const MIN_BLOCK = 16

/**
 * Adds the tokens of the elements from `at` on that have the same tokens as the one before, but for values; that one ends with the
 * list of tokens so far and begins with its token `first`. The comma behind an element belongs to it. A long list is read
 * by its first elements thereby: to find each token by patterns takes five times as long.
 *
 * @returns where the first element begins that differs, or the text goes on otherwise
 */
export function addAlike(tokens: TokenList, first: number, text: string, at: number): number {
  const element = expectedOf(tokens, first)
  if (element === undefined) return at
  const { length } = element
  let places = new Int32Array(2 * length * MIN_BLOCK)
  let count = 0
  let end = at
  for (;;) {
    const here = end
    if (2 * (count + length) > places.length) {
      const larger = new Int32Array(2 * places.length)
      larger.set(places)
      places = larger
    }
    for (let index = 0; index < length; index++) {
      const expected = element[index]
      const start = blanksEnd(text, end)
      const next = expected === undefined || start > end !== expected.apart ? -1 : tokenEnd(expected, text, start)
      if (next < 0) {
        addAll(tokens, element, places, count)
        return here
      }
      const place = 2 * (count + index)
      places[place] = start
      places[place + 1] = next
      end = next
    }
    count += length
  }
}

function addAll(tokens: TokenList, element: readonly Expected[], places: Int32Array, count: number): void {
  if (count >= MIN_BLOCK * element.length) {
    tokens.addBlock(element, places, count)
    return
  }
  for (let index = 0; index < count; index++) {
    const token = element[index % element.length]
    tokens.add(places[2 * index] ?? 0, places[2 * index + 1] ?? 0, token?.kind, token?.sign ?? '')
  }
}

/** undefined for an element in which a token's characters do not tell all of it. */
function expectedOf(tokens: TokenList, first: number): readonly Expected[] | undefined {
  const element: Expected[] = []
  for (let index = first; index < tokens.length; index++) {
    const kind = tokens.kind(index)
    const sign = tokens.sign(index)
    const apart = sign.startsWith(APART)
    const raw = apart ? sign.slice(1) : sign
    const isWord = kind === undefined && WORD.test(raw)
    const previous = element.at(-1)
    if (kind === undefined && !SYMBOLS.has(raw) && (!isWord || TELLING.has(raw.toUpperCase()))) return undefined
    // Two literals in a row may be one. Behind a sign may stand a comment.
    if (kind === 's' && previous?.kind === 's') return undefined
    if (previous?.raw === '-' && kind !== 'i' && kind !== 'f') return undefined
    element.push({ apart, kind, raw, first: raw.charCodeAt(0), isWord, sign })
  }
  return element.length === 0 ? undefined : element
}

/** Where the expected token that starts here ends; -1 where another does. */
function tokenEnd({ kind, raw, first, isWord }: Expected, text: string, start: number): number {
  switch (kind) {
    case 's':
      return text.charCodeAt(start) === QUOTE ? stringEnd(text, start + 1) : -1
    case 'i': {
      const end = digitsEnd(text, start)
      if (end === start) return -1
      return end - start <= PLAIN_DIGITS || literalKind(text, start, end) === kind ? end : -1
    }
    case 'f': {
      const point = digitsEnd(text, start)
      if (point === start) return -1
      const end = text.charCodeAt(point) === POINT ? digitsEnd(text, point + 1) : point
      return end !== point + 1 && literalKind(text, start, end) === kind ? end : -1
    }
    case 'p': {
      const end = text.charCodeAt(start) === DOLLAR ? digitsEnd(text, start + 1) : start
      return end > start + 1 && end - start <= PLAIN_DIGITS ? end : -1
    }
    default: {
      const end = start + raw.length
      // Most are one symbol, which is not worth a call.
      if (text.charCodeAt(start) !== first || (raw.length > 1 && !text.startsWith(raw, start))) return -1
      return isWord && goesOn(text.charCodeAt(end)) ? -1 : end
    }
  }
}

const QUOTE = 39
const POINT = 46
const DOLLAR = 36
/** An integer of so many digits is one for PostgreSQL, too. */
const PLAIN_DIGITS = 9

function stringEnd(text: string, from: number): number {
  for (let at = text.indexOf("'", from); at >= 0; at = text.indexOf("'", at + 2))
    if (text.charCodeAt(at + 1) !== QUOTE) return at + 1
  return -1
}

function digitsEnd(text: string, from: number): number {
  let at = from
  for (let code = text.charCodeAt(at); code >= 48 && code <= 57; code = text.charCodeAt(++at));
  return at
}

function blanksEnd(text: string, from: number): number {
  let at = from
  for (let code = text.charCodeAt(at); code === 32 || (code >= 9 && code <= 13); code = text.charCodeAt(++at));
  return at
}

/** A word may go on with it, or be the prefix of a literal. */
const goesOn = (code: number): boolean => !(code <= 32 || code === 40 || code === 41 || code === 44 || code === 93)
