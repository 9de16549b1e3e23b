import { lex } from '@expand-contract/core'
import type { ScanToken } from 'libpg-query'
import { scan } from './parser.ts'

/** One token, as the grammar counts them; offsets are UTF-16 units into the application's text. */
export interface Token {
  readonly index: number
  readonly start: number
  readonly end: number
  /** Upper case for words without quotes and for symbols; undefined for quoted names, literals and parameters. */
  readonly word: string | undefined
}

/** A piece of the text, from `start` to before `end`. */
export interface Range {
  readonly start: number
  readonly end: number
}

/**
 * The application's text with its tokens. The parser counts UTF-8 bytes and JavaScript UTF-16 units; the two meet here
 * and nowhere else.
 */
export class SourceText {
  readonly text: string
  readonly #unitOfByte: ((byte: number) => number) | undefined
  #scanned: { readonly tokens: readonly Token[]; readonly byStart: ReadonlyMap<number, Token> } | undefined

  constructor(text: string) {
    this.text = text
    this.#unitOfByte = unitOfByte(text)
  }

  get tokens(): readonly Token[] {
    return this.#tokensNow().tokens
  }

  /** UTF-16 offset of a parser location. */
  offset(byte: number | undefined): number {
    return this.#unitOfByte === undefined ? (byte ?? 0) : this.#unitOfByte(byte ?? 0)
  }

  /** The token that starts at a parser location. */
  tokenAt(byte: number | undefined): Token {
    const start = this.offset(byte)
    const token = this.#tokensNow().byStart.get(start)
    if (token === undefined) throw new RangeError(`no token starts at ${start}`)
    return token
  }

  /** The token that starts at a UTF-16 offset. */
  startingAt(start: number): Token | undefined {
    return this.#tokensNow().byStart.get(start)
  }

  /** The token that ends at a UTF-16 offset. */
  endingAt(end: number): Token {
    let low = 0
    let high = this.tokens.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.tokens[middle]?.end ?? end) < end) low = middle + 1
      else high = middle
    }
    const token = this.tokens[low]
    if (token?.end !== end) throw new RangeError(`no token ends at ${end}`)
    return token
  }

  /** Where the first token starts. */
  get start(): number | undefined {
    return this.tokens[0]?.start
  }

  token(index: number): Token | undefined {
    return this.tokens[index]
  }

  /** The last token of a name that starts with `first` and has so many parts; a star behind a dot is one of them. */
  nameEnd(first: Token, parts: number): Token {
    return this.tokens[first.index + 2 * (parts - 1)] ?? first
  }

  /** From `first` to `last` with the brackets that hold nothing else, as far as those begin behind `from` or there. */
  withBrackets(first: Token, last: Token, from = 0): Range & { readonly open: Token; readonly close: Token } {
    const [before, behind] = [this.tokens[first.index - 1], this.tokens[last.index + 1]]
    if (before?.word === '(' && behind?.word === ')' && before.start >= from)
      return this.withBrackets(before, behind, from)
    return { start: first.start, end: last.end, open: first, close: last }
  }

  /** The first token at or after a parser location. */
  tokenFrom(byte: number | undefined): Token | undefined {
    const start = this.offset(byte)
    return this.#tokensNow().byStart.get(start) ?? this.tokens.find((token) => token.start >= start)
  }

  /** The token that closes the bracket which `open` opens. */
  closing(open: Token): Token {
    let depth = 0
    for (let index = open.index; index < this.tokens.length; index++) {
      const token = this.tokens[index]
      if (token === undefined) break
      if (token.word === '(' || token.word === '[') depth++
      if ((token.word === ')' || token.word === ']') && --depth === 0) return token
    }
    throw new RangeError('a bracket is not closed')
  }

  /** The elements between an opening bracket and its end, split at the commas of that level. */
  elements(open: Token): readonly Range[] {
    const close = this.closing(open)
    const ranges: Range[] = []
    let first = open.index + 1
    this.walkLevel(first, close.index, (token) => {
      if (token.word !== ',') return
      ranges.push(this.range(first, token.index))
      first = token.index + 1
    })
    if (first < close.index || ranges.length > 0) ranges.push(this.range(first, close.index))
    return ranges
  }

  /** From the token `first` to before the token `end`, without the white space around. */
  range(first: number, end: number): Range {
    const from = this.tokens[first]
    const to = this.tokens[end - 1]
    if (from === undefined || to === undefined || end <= first) throw new RangeError('an empty range')
    return { start: from.start, end: to.end }
  }

  /**
   * Index of the first token from `first` on that ends an expression there: a closing bracket, a semicolon, the end of
   * the text, or one that `stops` accepts outside of brackets and CASE.
   */
  expressionEnd(first: number, stops: (token: Token, previous: Token | undefined) => boolean): number {
    let depth = 0
    let cases = 0
    for (let index = first; index < this.tokens.length; index++) {
      const token = this.tokens[index]
      if (token === undefined) break
      const previous = this.tokens[index - 1]
      const { word } = token
      if (word === '(' || word === '[') depth++
      else if (word === ')' || word === ']') {
        if (depth-- === 0) return index
      } else if (depth === 0 && previous?.word !== '.' && previous?.word !== 'AS') {
        if (word === ';') return index
        if (word === 'CASE') cases++
        else if (word === 'END' && cases > 0) cases--
        else if (cases === 0 && index > first && stops(token, previous)) return index
      }
    }
    return this.tokens.length
  }

  /** Calls `visit` for the tokens from `first` to before `end` that stand outside of brackets. */
  walkLevel(first: number, end: number, visit: (token: Token) => void): void {
    let depth = 0
    for (let index = first; index < end; index++) {
      const token = this.tokens[index]
      if (token === undefined) break
      if (token.word === '(' || token.word === '[') depth++
      if (depth === 0) visit(token)
      if (token.word === ')' || token.word === ']') depth--
    }
  }

  /** A statement that needs no edit needs no tokens. */
  #tokensNow(): { readonly tokens: readonly Token[]; readonly byStart: ReadonlyMap<number, Token> } {
    if (this.#scanned) return this.#scanned
    const tokens = withEscapes(
      tokensOf(this.text) ?? scan(this.text).map((token, index) => this.#token(token, index)),
      this.text,
    )
    this.#scanned = { tokens, byStart: new Map(tokens.map((token) => [token.start, token])) }
    return this.#scanned
  }

  #token(token: ScanToken, index: number): Token {
    const start = this.offset(token.start)
    const end = this.offset(token.end)
    const keyword = token.keywordName !== 'NO_KEYWORD'
    const named = token.tokenName === 'IDENT' || token.tokenName === 'UIDENT' || /CONST$|PARAM/u.test(token.tokenName)
    return {
      index,
      start,
      end,
      word: keyword || !named ? this.text.slice(start, end).toUpperCase() : undefined,
    }
  }
}

function tokensOf(text: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  const whole = lex(text, (kind, start, end) => {
    const word = kind === 'word' || kind === 'symbol' ? text.slice(start, end).toUpperCase() : undefined
    tokens.push({ index: tokens.length, start, end, word })
  })
  return whole ? tokens : undefined
}

/**
 * `U&"…" UESCAPE '!'` is one token for PostgreSQL's grammar (base_yylex in parser.c), so that each part of a name is one here,
 * however it is written.
 */
function withEscapes(tokens: readonly Token[], text: string): readonly Token[] {
  if (!tokens.some(({ word }) => word === 'UESCAPE')) return tokens
  const joined: Token[] = []
  for (let at = 0; at < tokens.length; at++) {
    const [token, next, third] = tokens.slice(at, at + 3)
    if (token === undefined) break
    const escaped =
      next?.word === 'UESCAPE' && third !== undefined && /^[uU]&$/u.test(text.slice(token.start, token.start + 2))
    joined.push({ ...token, index: joined.length, end: escaped ? third.end : token.end })
    if (escaped) at += 2
  }
  return joined
}

function unitOfByte(text: string): ((byte: number) => number) | undefined {
  const length = Buffer.byteLength(text)
  if (length === text.length) return undefined
  const units = new Uint32Array(length + 1)
  let byte = 0
  let unit = 0
  for (const character of text) {
    const size = Buffer.byteLength(character)
    units.fill(unit, byte, byte + size)
    byte += size
    unit += character.length
  }
  units[length] = unit
  return (at) => units[Math.min(at, length)] ?? unit
}

/** Key words that end an item of a select or RETURNING list. */
const ITEM_ENDS = new Set(
  'FROM WHERE GROUP HAVING WINDOW UNION INTERSECT EXCEPT ORDER LIMIT OFFSET FETCH FOR INTO RETURNING ON WHEN ,'.split(
    ' ',
  ),
)

/** True for a token that ends an item of a select, RETURNING or SET list. */
export function endsItem(token: Token, previous: Token | undefined): boolean {
  if (token.word === undefined || !ITEM_ENDS.has(token.word)) return false
  if (token.word === 'FROM') return previous?.word !== 'DISTINCT'
  if (token.word === 'GROUP') return previous?.word !== 'WITHIN'
  if (token.word === 'FOR') return previous?.word !== 'COLLATION'
  return true
}
