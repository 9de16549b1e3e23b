/**
 * PostgreSQL's lexical rules (src/backend/parser/scan.l) for texts that are known to parse. The parser's own scanner gives
 * the same, in two to four times as long as parsing takes, since its tokens come out of WebAssembly as JSON; a test holds
 * this one to it.
 */

/** What a token is made of; `word` is an identifier or key word without quotes. */
export type LexemeKind = 'word' | 'quoted' | 'literal' | 'parameter' | 'symbol'

/** Called for each token, with UTF-16 offsets. */
export type OnLexeme = (kind: LexemeKind, start: number, end: number) => void

const LINE_COMMENT = /--[^\n\r]*/y
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const NUMBER =
  /0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*(?:\.(?!\.)(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][-+]?\d(?:_?\d)*)?/y
const PARAMETER = /\$\d+/y
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\dA-Za-z_\u0080-\uffff]*)?\$/y
const OPERATOR = /[~!@#^&|`?+\-*/%<>=]+/y
const PUNCTUATION = /::|:=|\.\.|[,()[\].;:]/y
const UNESCAPED = /[^'\\]*/y
const QUOTE_PREFIX = /(?:[eEbBxX]|[uU]&)?'|(?:[uU]&)?"/y
/** Two literals with a line break between them are one. One blank at a time: a run of them within a repetition would be tried in every division. */
const CONTINUATION = /[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/y

/**
 * Calls `on` for each token, and `onGap` for what stands between the parts of a literal. False when the text has something
 * that is not known here. `goOn` may say to go on further behind than where a token ends, between two other tokens.
 */
export function lex(
  text: string,
  on: OnLexeme,
  onGap?: (start: number, end: number) => void,
  goOn?: (end: number) => number,
): boolean {
  let at = 0
  while (at < text.length) {
    at = skipBlanks(text, at)
    if (at === text.length) break
    const found = lexemeAt(text, at)
    if (found === undefined) return false
    on(found.kind, at, found.end)
    for (const [start, end] of found.gaps ?? []) onGap?.(start, end)
    at = goOn === undefined ? found.end : goOn(found.end)
  }
  return true
}

/** Behind the blanks and comments that begin at `at`: where the next token begins, or the end. A comment that is not closed stays. */
export function skipBlanks(text: string, at: number): number {
  let here = at
  for (;;) {
    const code = text.charCodeAt(here)
    if (code === SPACE || (code >= TAB && code <= RETURN)) {
      here++
      continue
    }
    const next = code === MINUS || code === SLASH ? commentEnd(text, here) : undefined
    if (next === undefined) return here
    here = next
  }
}

const [TAB, RETURN, SPACE, QUOTE, DOUBLE_QUOTE, DOLLAR, AMPERSAND, MINUS, POINT, SLASH] = [
  9, 13, 32, 39, 34, 36, 38, 45, 46, 47,
] as const

/**
 * The text with blanks for the comments between the parts of one literal and around UESCAPE, as many bytes as before.
 * PostgreSQL joins them across a comment, which the parser that is used here takes for a syntax error.
 */
export function withJoinedLiterals(text: string): string {
  if (!/--|uescape/iu.test(text)) return text
  const pieces: string[] = []
  let copied = 0
  const blank = (start: number, end: number): void => {
    pieces.push(text.slice(copied, start), text.slice(start, end).replaceAll(/[^\n\r]/gu, blanks))
    copied = end
  }
  let last = { escapable: false, isEscape: false, end: 0 }
  const aroundEscape = (kind: LexemeKind, start: number, end: number): void => {
    const isEscape = last.escapable && kind === 'word' && text.slice(start, end).toUpperCase() === 'UESCAPE'
    if (isEscape || last.isEscape) blank(last.end, start)
    last = {
      escapable: (kind === 'quoted' || kind === 'literal') && /^u&/iu.test(text.slice(start, start + 2)),
      isEscape,
      end,
    }
  }
  lex(text, aroundEscape, blank)
  return [...pieces, text.slice(copied)].join('')
}

const blanks = (character: string): string => ' '.repeat(Buffer.byteLength(character))

interface Lexeme {
  readonly kind: LexemeKind
  readonly end: number
  /** What stands between the parts of a literal. */
  readonly gaps?: readonly (readonly [start: number, end: number])[]
}

/** What a token is, its first character tells, which costs less than to try one pattern after the other. */
function lexemeAt(text: string, at: number): Lexeme | undefined {
  const code = text.charCodeAt(at)
  if (isLetter(code)) return isPrefix(text, at, code) ? quoted(text, at) : of('word', ends(WORD, text, at))
  if (SINGLE.has(code)) return { kind: 'symbol', end: at + 1 }
  if (code === QUOTE || code === DOUBLE_QUOTE) return quoted(text, at)
  if (isDigit(code) || (code === POINT && isDigit(text.charCodeAt(at + 1))))
    return of('literal', ends(NUMBER, text, at))
  if (code === DOLLAR) return of('parameter', ends(PARAMETER, text, at)) ?? of('literal', dollarQuoteEnd(text, at))
  return of('symbol', ends(PUNCTUATION, text, at) ?? operatorEnd(text, at))
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57

const isLetter = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code >= 128

/** Symbols that are one wherever they stand. */
const SINGLE = new Set([...'(),;[]'].map((symbol) => symbol.charCodeAt(0)))

/** True for a letter that may belong to the quote behind it. */
function isPrefix(text: string, at: number, code: number): boolean {
  const next = text.charCodeAt(at + 1)
  return next === QUOTE || (next === AMPERSAND && (code | 32) === 117)
}

function quoted(text: string, at: number): Lexeme | undefined {
  const open = ends(QUOTE_PREFIX, text, at)
  return open === undefined ? of('word', ends(WORD, text, at)) : quotedFrom(text, at, open)
}

const of = (kind: LexemeKind, end: number | undefined): Lexeme | undefined =>
  end === undefined ? undefined : { kind, end }

/** Where a match of a sticky pattern ends. */
function ends(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

/** Behind a comment that begins here; those in brackets nest. */
function commentEnd(text: string, at: number): number | undefined {
  if (!text.startsWith('/*', at)) return ends(LINE_COMMENT, text, at)
  let depth = 0
  const marks = /\/\*|\*\//g
  marks.lastIndex = at
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return undefined
}

/** `open` is behind the opening quote. */
function quotedFrom(text: string, at: number, open: number): Lexeme | undefined {
  if (text[open - 1] === '"') return of('quoted', closingQuote(text, open, '"'))
  const prefix = text[at]?.toUpperCase()
  const closing = (from: number): number | undefined => {
    if (prefix === 'E') return closingEscaped(text, from)
    return prefix === 'B' || prefix === 'X' ? text.indexOf("'", from) + 1 || undefined : closingQuote(text, from, "'")
  }
  const gaps: (readonly [number, number])[] = []
  let end = closing(open)
  while (end !== undefined) {
    const next = ends(CONTINUATION, text, end)
    if (next === undefined) return { kind: 'literal', end, gaps }
    gaps.push([end, next - 1])
    end = closing(next)
  }
  return undefined
}

/** Behind the quote that closes; a doubled one does not. */
function closingQuote(text: string, from: number, quote: string): number | undefined {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 2))
    if (text[at + 1] !== quote) return at + 1
  return undefined
}

/** The same where a backslash takes what follows with it. */
function closingEscaped(text: string, from: number): number | undefined {
  let at = ends(UNESCAPED, text, from) ?? from
  while (at < text.length) {
    if (text[at] === "'" && text[at + 1] !== "'") return at + 1
    at = ends(UNESCAPED, text, at + 2) ?? at + 2
  }
  return undefined
}

function dollarQuoteEnd(text: string, at: number): number | undefined {
  const open = ends(DOLLAR_TAG, text, at)
  if (open === undefined) return undefined
  const tag = text.slice(at, open)
  const close = text.indexOf(tag, open)
  return close < 0 ? undefined : close + tag.length
}

/** A comment ends an operator, and + or - at its end belongs to what follows unless it has one of certain characters. */
function operatorEnd(text: string, at: number): number | undefined {
  const longest = ends(OPERATOR, text, at)
  if (longest === undefined) return undefined
  const run = text.slice(at, longest)
  const comment = run.search(/\/\*|--/)
  let operator = comment < 0 ? run : run.slice(0, comment)
  while (operator.length > 1 && /[+-]$/.test(operator) && !/[~!@#^&|`?%]/.test(operator.slice(0, -1)))
    operator = operator.slice(0, -1)
  return operator === '' ? undefined : at + operator.length
}
