import { lex } from '@expand-contract/core'
import { addAlike } from './alike-elements.ts'
import { literalKind } from './literal-kind.ts'
import { POSITIONS, POSITIONS_END } from './telling-words.ts'
import { type Neutral, TokenList } from './token-list.ts'

/** Elements of a list that differ in their neutral tokens alone. */
export interface Run {
  /** The first token of its first element. */
  readonly first: number
  /** Tokens of an element, with the comma behind it. */
  readonly length: number
  readonly count: number
}

/** What texts have in common that differ in values, comments, white space and the length of lists. */
export interface TextShape {
  /** Equal for texts of one shape, and for no others. */
  readonly key: string
  readonly text: string
  /** The last one is the end of the text. */
  readonly tokens: TokenList
  readonly runs: readonly Run[]
}

/** Shorter lists are shapes of their own. */
export const MIN_RUN = 6

/** A shape that is longer is not worth to be remembered. */
const MAX_KEY = 16_384

/** Statements that hold nothing but expressions and names; of others a literal may be the very point: DO, COPY, SET. */
const QUERIES = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'WITH', 'VALUES', 'MERGE'])

const PLAIN: Readonly<Record<Neutral, string>> = { s: '\uE004s', i: '\uE004i', f: '\uE004f', p: '\uE004p' }
const PARTED: Readonly<Record<Neutral, string>> = {
  s: '\uE005\uE004s',
  i: '\uE005\uE004i',
  f: '\uE005\uE004f',
  p: '\uE005\uE004p',
}

/** Characters that shapes are written with. */
const RESERVED = /[\uE000-\uE007]/u

/** The shape of one statement on rows; undefined for all others, and for what is not worth the while. */
export function shapeOf(text: string): TextShape | undefined {
  // The parser ends at a zero byte.
  if (RESERVED.test(text) || text.includes('\0')) return undefined
  const tokens = new TokenList()
  const openers: number[] = []
  let fits = true
  let depth = 0
  let positions = -1
  let sticky = false
  /** The last word, where nothing else stood behind it. */
  let lastWord = ''
  let before = 0
  let semicolon = false
  /** The depth of the innermost list's commas, the token behind the last of them, and whether the last token is one. */
  let listed = -1
  let element = 0
  let isComma = false
  const whole = lex(
    text,
    (kind, start, end) => {
      if (semicolon) fits = false
      const apart = start > before
      const kindOf =
        kind === 'literal'
          ? literalKind(text, start, end)
          : kind === 'parameter'
            ? end - start <= 9
              ? 'p'
              : undefined
            : undefined
      // `1and` and `$1and`: whether it is one token more or an error depends on the server, and on the value.
      const sticks = kind !== 'symbol'
      if (sticks && sticky && !apart) fits = false
      sticky = sticks
      const value = kindOf === 'i' && positions >= 0 ? undefined : kindOf
      let sign: string
      if (value === undefined) {
        const raw = text.slice(start, end)
        sign = apart ? `\uE005${raw}` : raw
        if (kind === 'symbol') {
          if (raw === '(' || raw === '[') depth++
          else if (raw === ')' || raw === ']') {
            depth--
            if (depth < positions) positions = -1
          } else if (raw === ';') semicolon = true
          if (raw === '(' || raw === '[') {
            const word = lastWord
            if ((raw === '(' && (word === 'IN' || word === 'VALUES')) || (raw === '[' && word === 'ARRAY')) {
              openers.push(tokens.length)
              listed = word === 'VALUES' ? depth - 1 : depth
              element = 0
            }
          }
          isComma = raw === ',' && depth === listed
          lastWord = ''
        } else {
          lastWord = kind === 'word' && end - start <= 10 ? raw.toUpperCase() : ''
          if (positions < 0 && POSITIONS.has(lastWord)) positions = depth
          else if (depth === positions && POSITIONS_END.has(lastWord)) positions = -1
          if (tokens.length === 0 && !QUERIES.has(lastWord)) fits = false
        }
      } else {
        sign = apart ? PARTED[value] : PLAIN[value]
        lastWord = ''
      }
      tokens.add(start, end, value, sign)
      before = end
    },
    () => {
      fits = false
    },
    (end) => {
      if (!isComma) return end
      isComma = false
      // What comes first follows a bracket, and may be written otherwise.
      const further = element > 0 && fits ? addAlike(tokens, element, text, end) : end
      element = tokens.length
      before = further
      return further
    },
  )
  if (!whole || !fits || tokens.length === 0) return undefined
  tokens.add(text.length, text.length, undefined, text.length > before ? '\uE005' : '')
  const runs = runsOf(tokens, openers)
  const key = keyOf(tokens, runs)
  return key === undefined ? undefined : { key, text, tokens, runs }
}

/** The elements of a list from its second one on: the first follows the bracket, the others a comma. */
function runsOf(tokens: TokenList, openers: readonly number[]): readonly Run[] {
  const runs: Run[] = []
  let behind = 0
  for (const opener of openers) {
    if (opener < behind) continue
    const run = runFrom(tokens, opener)
    if (run === undefined) continue
    runs.push(run)
    behind = run.first + run.length * run.count - 1
  }
  return runs
}

function runFrom(tokens: TokenList, opener: number): Run | undefined {
  // VALUES (…), (…) and IN ((…), (…)), or IN (…, …).
  const start = bare(tokens.sign(opener - 1)).toUpperCase() === 'VALUES' ? opener : opener + 1
  const first = start + elementLength(tokens, start) + 1
  const size = elementLength(tokens, first)
  if (size === 0 || bare(tokens.sign(first - 1)) !== ',') return undefined
  const length = size + 1
  let count = 1
  while (
    same(tokens, first, first + count * length, size) &&
    tokens.sign(first + count * length - 1) === tokens.sign(first - 1)
  )
    count++
  return count >= MIN_RUN ? { first, length, count } : undefined
}

const bare = (sign: string): string => (sign.startsWith('\uE005') ? sign.slice(1) : sign)

/** Of a neutral token, a negative number, or what stands in brackets and has a neutral token; 0 for anything else. */
function elementLength(tokens: TokenList, start: number): number {
  if (tokens.kind(start) !== undefined) return 1
  const open = bare(tokens.sign(start))
  if (open === '-') return tokens.kind(start + 1) === 'i' || tokens.kind(start + 1) === 'f' ? 2 : 0
  if (open !== '(') return 0
  let depth = 0
  let values = 0
  for (let index = start; index < tokens.length; index++) {
    const sign = bare(tokens.sign(index))
    if (tokens.kind(index) !== undefined) values++
    else if (sign === '(' || sign === '[') depth++
    else if ((sign === ')' || sign === ']') && --depth === 0) return values > 0 ? index - start + 1 : 0
  }
  return 0
}

function same(tokens: TokenList, one: number, other: number, length: number): boolean {
  for (let offset = 0; offset < length; offset++)
    if (tokens.sign(one + offset) !== tokens.sign(other + offset)) return false
  return true
}

function keyOf(tokens: TokenList, runs: readonly Run[]): string | undefined {
  const parts: string[] = []
  let at = 0
  const upTo = (end: number): void => {
    for (; at < end; at++) parts.push(tokens.sign(at))
  }
  for (const { first, length, count } of runs) {
    upTo(first)
    parts.push('\uE007')
    upTo(first + length - 1)
    parts.push('\uE007')
    at = first + length * count - 1
  }
  if (parts.length + tokens.length - at > MAX_KEY) return undefined
  upTo(tokens.length)
  const key = parts.join('\uE006')
  return key.length > MAX_KEY ? undefined : key
}
