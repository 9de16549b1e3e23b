import { lex, withJoinedLiterals } from '@expand-contract/core'
import { fingerprint } from './parser-instance.ts'

/** Longer texts are cut: a bulk insert has thousands of rows that say the same. */
const MAX_LENGTH = 10_000

/**
 * The parser's fingerprint of a text: the same for texts that differ in values, in the length of lists, in formatting and
 * in comments alone. undefined for what the parser does not take. `loadParser` must have been awaited.
 */
export function fingerprintOf(text: string): string | undefined {
  try {
    return printOf(text) ?? printOf(withJoinedLiterals(text))
  } catch {
    return undefined
  }
}

function printOf(text: string): string | undefined {
  const print = fingerprint(text)
  return /^[\da-f]{16}$/u.test(print) ? print : undefined
}

/**
 * The text with a parameter in place of each value, and one blank for each comment and line break: what may be logged.
 * Numbers go on behind the highest that the text has. undefined where it cannot be told what is a value.
 */
export function textWithoutValues(text: string): string | undefined {
  const tokens: Token[] = []
  let parameters = 0
  let known = true
  const whole = lex(text, (kind, start, end) => {
    const value = kind === 'literal'
    if (value && isAmbiguous(text, start, end)) known = false
    if (kind === 'parameter') parameters = Math.max(parameters, Number(text.slice(start + 1, end)))
    tokens.push({ value, start, end })
  })
  return whole && known ? joined(text, tokens, parameters) : undefined
}

interface Token {
  readonly value: boolean
  readonly start: number
  readonly end: number
}

/** With standard_conforming_strings off such a literal is longer, and what follows is a value as well. */
function isAmbiguous(text: string, start: number, end: number): boolean {
  return text[start] === "'" && text.slice(start, end).includes("\\'")
}

function joined(text: string, tokens: readonly Token[], parameters: number): string {
  let next = parameters
  let written = ''
  let at = tokens[0]?.start ?? 0
  for (const { value, start, end } of tokens) {
    if (written.length > MAX_LENGTH) return `${written} …`
    if (start > at) written += ' '
    written += value ? `$${++next}` : text.slice(start, end)
    at = end
  }
  return written
}
