import { type LexemeKind, lex, skipBlanks } from './lexer.ts'
import { nameOfToken } from './name-of-token.ts'

/** One token of a text, as PostgreSQL's lexer cuts it. White space is left out. */
export interface SqlToken {
  /** `unclosed`: a quote without its end, alone. A comment without its end is the mark that begins it. */
  readonly kind: LexemeKind | 'comment' | 'unclosed'
  /** As it is written. */
  readonly text: string
  /** What a word or a quoted identifier stands for; of the others the text. */
  readonly name: string
}

const OPENING = /(?:[eEbBxX]|[uU]&)?'|(?:[uU]&)?"|\$(?:[A-Za-z_\u0080-\uffff][\dA-Za-z_\u0080-\uffff]*)?\$|\/\*/y

/** The tokens of any text, comments included; one that PostgreSQL does not know is a symbol of one character. */
export function sqlTokens(text: string): readonly SqlToken[] {
  const tokens: SqlToken[] = []
  let rest = text
  for (;;) {
    const end = takeKnown(rest, tokens)
    if (end === rest.length) return withEscapes(tokens)
    OPENING.lastIndex = end
    const opening = OPENING.exec(rest)?.[0]
    const kind = opening === undefined ? 'symbol' : opening === '/*' ? 'comment' : 'unclosed'
    const token = opening ?? rest.charAt(end)
    tokens.push({ kind, text: token, name: token })
    rest = rest.slice(end + token.length)
  }
}

/** Takes tokens up to the first that is not known, and tells where that is. */
function takeKnown(text: string, tokens: SqlToken[]): number {
  let end = 0
  const take = (kind: SqlToken['kind'], from: number, to: number): void => {
    const written = text.slice(from, to)
    const name = kind === 'word' || kind === 'quoted' ? (nameOfToken(written) ?? written) : written
    tokens.push({ kind, text: written, name })
  }
  const commentsUpTo = (start: number): void => {
    const between = text.slice(end, start).trim()
    if (between !== '') tokens.push({ kind: 'comment', text: between, name: between })
  }
  /** Where the literal goes on that was seen last. */
  let part = 0
  const whole = lex(
    text,
    (kind, start, to) => {
      commentsUpTo(start)
      take(kind, start, to)
      end = to
      part = start
    },
    (from, to) => {
      const comment = text.slice(from, to).trim()
      if (comment === '') return
      tokens.pop()
      take('literal', part, from)
      tokens.push({ kind: 'comment', text: comment, name: comment })
      take('literal', to, end)
      part = to
    },
  )
  const stop = whole ? text.length : skipBlanks(text, end)
  commentsUpTo(stop)
  return stop
}

/** `U&"…" UESCAPE '!'` is one name, with the comments between. */
function withEscapes(tokens: SqlToken[]): readonly SqlToken[] {
  const isComment = (token: SqlToken | undefined): boolean => token?.kind === 'comment'
  for (let at = tokens.length - 2; at > 0; at--) {
    if (tokens[at]?.kind !== 'word' || tokens[at]?.name !== 'uescape') continue
    let [first, last] = [at - 1, at + 1]
    while (isComment(tokens[first])) first--
    while (isComment(tokens[last])) last++
    if (tokens[first]?.kind !== 'quoted' || tokens[last]?.kind !== 'literal') continue
    const joined = tokens.slice(first, last + 1).map(({ text }) => text)
    const name = nameOfToken(joined.filter((text) => !/^(?:--|\/\*)/u.test(text)).join(' '))
    if (name !== undefined && /^u&/iu.test(joined[0] ?? ''))
      tokens.splice(first, joined.length, { kind: 'quoted', text: joined.join(' '), name })
  }
  return tokens
}
