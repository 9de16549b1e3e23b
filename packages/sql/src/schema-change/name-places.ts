import { lex, nameOfToken } from '@expand-contract/core'
import type { Range } from '../parse/source-text.ts'

/**
 * Answers where a name stands in a statement behind one of some key words (lower case). The tree has no place of such names. Calls go from
 * left to right, as the commands of ALTER TABLE do; a name that is not found is given the statement's place.
 */
export function namePlaces(text: string, statement: Range): (words: readonly string[], name: string) => Range {
  const tokens: { readonly name: string; readonly word: boolean; readonly start: number; readonly end: number }[] = []
  const part = text.slice(statement.start, statement.end)
  lex(part, (kind, start, end) => {
    if (kind !== 'word' && kind !== 'quoted') return
    const name = nameOfToken(part.slice(start, end)) ?? ''
    tokens.push({ name, word: kind === 'word', start: statement.start + start, end: statement.start + end })
  })
  let from = 0
  return (words, name) => {
    const word = tokens.findIndex((token, index) => index >= from && token.word && words.includes(token.name))
    const found = word < 0 ? -1 : tokens.findIndex((token, index) => index > word && token.name === name)
    if (found < 0) return statement
    from = found + 1
    const { start, end } = tokens[found] as Range
    return { start, end }
  }
}
