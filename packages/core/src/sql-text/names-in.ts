import { bytes, MAX_IDENTIFIER_BYTES } from '../identifier.ts'
import { type SqlToken, sqlTokens } from './sql-tokens.ts'
import { valueOfLiteral } from './value-of-literal.ts'

/**
 * Every name that a text may mean: its words and quoted names, and those in its literals and comments, where each word also
 * counts as it is written and the literal as a whole. In doubt a name is in it.
 */
export function namesIn(text: string): ReadonlySet<string> {
  const names = new Set<string>()
  const add = (name: string): void => {
    names.add(name)
    if (bytes(name) > MAX_IDENTIFIER_BYTES) names.add(cut(name))
  }
  for (const [index, { text: part, tokens }] of tokensWithin(text).entries()) {
    if (index > 0) add(part)
    for (const { kind, name, text: written } of tokens) {
      if (kind !== 'word' && kind !== 'quoted') continue
      add(name)
      // Where characters have one byte each, PostgreSQL folds them all.
      if (kind === 'word') add(written.toLowerCase())
      if (kind === 'word' && index > 0) add(written)
    }
  }
  return names
}

/** True when one of the names is in a text, by `namesIn`. */
export function mentions(text: string, names: Iterable<string>): boolean {
  const lower = text.toLowerCase()
  const candidates = [...names].filter((name) => lower.includes(name.toLowerCase().replaceAll('"', '""')))
  if (candidates.length === 0 && !lower.includes('u&"')) {
    // A name with a quote may stand in a literal, where it is not doubled.
    return [...names].some((name) => name.includes('"') && text.includes(name))
  }
  const found = namesIn(text)
  return [...names].some((name) => found.has(name) || (!isWord(name) && text.includes(name)))
}

const isWord = (name: string): boolean => /^[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*$/.test(name)

export interface TextWithin {
  readonly text: string
  readonly tokens: readonly SqlToken[]
}

/** The tokens of a text, and those of what stands in its literals and comments, each by itself: a program may run it. */
export function tokensWithin(text: string): readonly TextWithin[] {
  const found: TextWithin[] = []
  const left = [text]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const tokens = sqlTokens(next)
    found.push({ text: next, tokens })
    for (const token of tokens) {
      if (token.kind === 'comment') left.push(token.text.replaceAll(/--|\/\*|\*\//gu, ' '))
      else if (token.kind === 'literal' && !/^\d/u.test(token.text)) left.push(valueOfLiteral(token.text))
    }
  }
  return found
}

/** What PostgreSQL makes of a name that is too long. */
function cut(name: string): string {
  let kept = ''
  for (const character of name) {
    if (bytes(kept + character) > MAX_IDENTIFIER_BYTES) break
    kept += character
  }
  return kept
}
