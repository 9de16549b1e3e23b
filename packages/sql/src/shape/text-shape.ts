import { lex } from '@expand-contract/core'

/** A token whose text says nothing of what the statement does: a string, an integer, another number, or a parameter. */
export type Neutral = 's' | 'i' | 'f' | 'p'

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
  /** UTF-16 offsets; the last token is the end of the text. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly neutral: readonly (Neutral | undefined)[]
  readonly runs: readonly Run[]
}

/** Shorter lists are shapes of their own. */
export const MIN_RUN = 6

/** A shape that is longer is not worth to be remembered. */
const MAX_KEY = 16_384

/** Statements that hold nothing but expressions and names; of others a literal may be the very point: DO, COPY, SET. */
const QUERIES = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'WITH', 'VALUES', 'MERGE'])

/** What begins a list in which an integer is a column, and what ends it. */
const POSITIONS = new Set(['BY', 'DISTINCT'])
const POSITIONS_END = new Set(['FROM', 'WHERE', 'HAVING', 'WINDOW', 'LIMIT', 'OFFSET', 'FETCH', 'FOR', 'UNION'])

const PLAIN: Readonly<Record<Neutral, string>> = { s: '\uE004s', i: '\uE004i', f: '\uE004f', p: '\uE004p' }
const APART: Readonly<Record<Neutral, string>> = {
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
  const starts: number[] = []
  const ends: number[] = []
  const neutral: (Neutral | undefined)[] = []
  const signs: string[] = []
  const openers: number[] = []
  let fits = true
  let depth = 0
  let positions = -1
  let sticky = false
  /** The last word, where nothing else stood behind it. */
  let lastWord = ''
  let before = 0
  let semicolon = false
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
            if ((raw === '(' && (word === 'IN' || word === 'VALUES')) || (raw === '[' && word === 'ARRAY'))
              openers.push(starts.length)
          }
          lastWord = ''
        } else {
          lastWord = kind === 'word' && end - start <= 10 ? raw.toUpperCase() : ''
          if (positions < 0 && POSITIONS.has(lastWord)) positions = depth
          else if (depth === positions && POSITIONS_END.has(lastWord)) positions = -1
          if (starts.length === 0 && !QUERIES.has(lastWord)) fits = false
        }
      } else {
        sign = apart ? APART[value] : PLAIN[value]
        lastWord = ''
      }
      starts.push(start)
      ends.push(end)
      neutral.push(value)
      signs.push(sign)
      before = end
    },
    () => {
      fits = false
    },
  )
  if (!whole || !fits || starts.length === 0) return undefined
  starts.push(text.length)
  ends.push(text.length)
  neutral.push(undefined)
  signs.push(text.length > before ? '\uE005' : '')
  const runs = runsOf(signs, neutral, openers)
  const key = keyOf(signs, runs)
  return key === undefined ? undefined : { key, text, starts, ends, neutral, runs }
}

const LARGEST = '2147483647'

/** The kind of a literal that is written plainly; PostgreSQL's grammar takes larger integers for other numbers. */
function literalKind(text: string, start: number, end: number): Neutral | undefined {
  const first = text.charCodeAt(start)
  if (first === 39) return 's'
  let digits = 0
  let others = 0
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code >= 48 && code <= 57) digits++
    else if (code === 46 || code === 43 || code === 45 || code === 69 || code === 101) others++
    else return undefined
  }
  if (others > 0) return 'f'
  if (digits < LARGEST.length) return 'i'
  // Leading zeros do not count, and are not worth a thought.
  if (first === 48) return undefined
  return digits > LARGEST.length || text.slice(start, end) > LARGEST ? 'f' : 'i'
}

/** The elements of a list from its second one on: the first follows the bracket, the others a comma. */
function runsOf(
  signs: readonly string[],
  neutral: readonly (Neutral | undefined)[],
  openers: readonly number[],
): readonly Run[] {
  const runs: Run[] = []
  let behind = 0
  for (const opener of openers) {
    if (opener < behind) continue
    const run = runFrom(signs, neutral, opener)
    if (run === undefined) continue
    runs.push(run)
    behind = run.first + run.length * run.count - 1
  }
  return runs
}

function runFrom(signs: readonly string[], neutral: readonly (Neutral | undefined)[], opener: number): Run | undefined {
  // VALUES (…), (…) and IN ((…), (…)), or IN (…, …).
  const start = bare(signs[opener - 1]).toUpperCase() === 'VALUES' ? opener : opener + 1
  const first = start + elementLength(signs, neutral, start) + 1
  const size = elementLength(signs, neutral, first)
  if (size === 0 || bare(signs[first - 1]) !== ',') return undefined
  const length = size + 1
  let count = 1
  while (same(signs, first, first + count * length, size) && signs[first + count * length - 1] === signs[first - 1])
    count++
  return count >= MIN_RUN ? { first, length, count } : undefined
}

const bare = (sign: string | undefined): string => (sign?.startsWith('\uE005') ? sign.slice(1) : (sign ?? ''))

/** Of a neutral token, a negative number, or what stands in brackets and has a neutral token; 0 for anything else. */
function elementLength(signs: readonly string[], neutral: readonly (Neutral | undefined)[], start: number): number {
  if (neutral[start] !== undefined) return 1
  const open = bare(signs[start])
  if (open === '-') return neutral[start + 1] === 'i' || neutral[start + 1] === 'f' ? 2 : 0
  if (open !== '(') return 0
  let depth = 0
  let values = 0
  for (let index = start; index < signs.length; index++) {
    const sign = bare(signs[index])
    if (neutral[index] !== undefined) values++
    else if (sign === '(' || sign === '[') depth++
    else if ((sign === ')' || sign === ']') && --depth === 0) return values > 0 ? index - start + 1 : 0
  }
  return 0
}

function same(signs: readonly string[], one: number, other: number, length: number): boolean {
  for (let offset = 0; offset < length; offset++) if (signs[one + offset] !== signs[other + offset]) return false
  return true
}

function keyOf(signs: readonly string[], runs: readonly Run[]): string | undefined {
  const parts: string[] = []
  let at = 0
  const upTo = (end: number): void => {
    for (; at < end; at++) parts.push(signs[at] ?? '')
  }
  for (const { first, length, count } of runs) {
    upTo(first)
    parts.push('\uE007')
    upTo(first + length - 1)
    parts.push('\uE007')
    at = first + length * count - 1
  }
  if (parts.length + signs.length - at > MAX_KEY) return undefined
  upTo(signs.length)
  const key = parts.join('\uE006')
  return key.length > MAX_KEY ? undefined : key
}
