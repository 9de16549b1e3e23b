import { lex } from '@expand-contract/core'
import type { Range } from '../parse/source-text.ts'

/** A text cut at its semicolons, and at lines that are commands of psql; pieces of blanks and comments alone are left out. */
export function piecesOf(text: string): readonly Range[] {
  const pieces: Range[] = []
  let start = 0
  const until = (end: number, next: number): void => {
    if (hasTokens(text.slice(start, end))) pieces.push({ start, end })
    start = next
  }
  for (const { from, to } of linesOfPsql(text)) {
    if (from < start) continue
    for (const at of semicolons(text.slice(start, from), start)) until(at, at + 1)
    until(from, from)
    until(to, to)
  }
  for (const at of semicolons(text.slice(start), start)) until(at, at + 1)
  until(text.length, text.length)
  return pieces
}

const hasTokens = (text: string): boolean => {
  let any = false
  const known = lex(text, () => {
    any = true
  })
  return any || !known
}

function semicolons(text: string, offset: number): readonly number[] {
  const found: number[] = []
  lex(text, (kind, start, end) => {
    if (kind === 'symbol' && text.slice(start, end) === ';') found.push(offset + start)
  })
  return found
}

/** `\connect shop` and the like, and `\.` with the data of COPY before it. */
function linesOfPsql(text: string): readonly { readonly from: number; readonly to: number }[] {
  return [...text.matchAll(/^[ \t]*\\\S[^\n]*(?:\n|$)/gmu)].map(({ index, 0: line }) => ({
    from: index,
    to: index + line.length,
  }))
}

/** Key words of PL/pgSQL behind which a statement begins. */
const BEGINS = new Set(['begin', 'then', 'else', 'loop', ';'])

/** The statements of DDL within the body of a DO block, and in the literals that it executes. */
export function statementsWithin(text: string, block: Range): readonly Range[] {
  const body = bodyOf(text, block)
  if (body === undefined) return []
  const part = text.slice(body.start, body.end)
  const tokens: { readonly word: string; readonly start: number; readonly end: number; readonly literal: boolean }[] =
    []
  lex(part, (kind, start, end) => {
    tokens.push({ word: part.slice(start, end).toLowerCase(), start, end, literal: kind === 'literal' })
  })
  return tokens.flatMap(({ word, start }, index) => {
    const before = tokens[index - 1]?.word
    if (before === undefined || !BEGINS.has(before)) return []
    if (word === 'execute') {
      const literal = tokens[index + 1]
      const inner = literal?.literal === true ? insideOf(part, literal) : undefined
      return inner === undefined ? [] : [{ start: body.start + inner.start, end: body.start + inner.end }]
    }
    if (!['alter', 'drop', 'create'].includes(word)) return []
    const end = tokens.find((token, later) => later > index && token.word === ';')?.start ?? part.length
    return [{ start: body.start + start, end: body.start + end }]
  })
}

function bodyOf(text: string, block: Range): Range | undefined {
  const part = text.slice(block.start, block.end)
  let body: Range | undefined
  lex(part, (kind, start, end) => {
    if (kind === 'literal') body ??= insideOf(part, { start, end })
  })
  return body && { start: block.start + body.start, end: block.start + body.end }
}

/** What stands between the quotes of a literal without escapes. */
function insideOf(text: string, { start, end }: Range): Range | undefined {
  const literal = text.slice(start, end)
  const tag = /^\$[^$]*\$/u.exec(literal)?.[0]
  if (tag !== undefined) return { start: start + tag.length, end: end - tag.length }
  const inner = literal.slice(1, -1)
  return literal.startsWith("'") && !/['\n]/u.test(inner) ? { start: start + 1, end: end - 1 } : undefined
}
