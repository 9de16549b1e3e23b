import { type SqlToken, sqlTokens } from '@expand-contract/core'

export type SourceToken = SqlToken

/** The tokens of SQL or of the body of a PL/pgSQL function, comments left out. */
export const sourceTokens = (source: string): readonly SourceToken[] =>
  sqlTokens(source).filter(({ kind }) => kind !== 'comment')

export const isWord = (token: SourceToken | undefined, ...words: readonly string[]): boolean =>
  token?.kind === 'word' && words.includes(token.name)

export const isSymbol = (token: SourceToken | undefined, symbol: string): boolean =>
  token?.kind === 'symbol' && token.text === symbol

export const isName = (token: SourceToken | undefined): token is SourceToken =>
  token?.kind === 'word' || token?.kind === 'quoted'

export interface QualifiedName {
  readonly schema: string | undefined
  readonly name: string
  /** Behind it. */
  readonly end: number
}

/** The name, with its schema if it has one, that begins at a token. */
export function qualifiedName(tokens: readonly SourceToken[], at: number): QualifiedName | undefined {
  const [first, dot, second] = tokens.slice(at, at + 3)
  if (!isName(first)) return undefined
  if (!isSymbol(dot, '.') || !isName(second)) return { schema: undefined, name: first.name, end: at + 1 }
  return { schema: first.name, name: second.name, end: at + 3 }
}

/** Where the first token that `ends` stands, outside of brackets that open behind `from`; the end if there is none. */
export function endOf(tokens: readonly SourceToken[], from: number, ends: (token: SourceToken) => boolean): number {
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at]
    if (token === undefined) break
    if (isSymbol(token, '(') || isSymbol(token, '[')) depth++
    else if (isSymbol(token, ')') || isSymbol(token, ']')) {
      if (depth === 0) return at
      depth--
    } else if (depth === 0 && ends(token)) return at
  }
  return tokens.length
}

/** The tokens between separators outside of brackets. */
export function splitAt(tokens: readonly SourceToken[], symbol: string): readonly (readonly SourceToken[])[] {
  const parts: (readonly SourceToken[])[] = []
  let from = 0
  for (;;) {
    const end = endOf(tokens, from, (token) => isSymbol(token, symbol))
    parts.push(tokens.slice(from, end))
    if (end >= tokens.length) return parts
    from = end + 1
  }
}
