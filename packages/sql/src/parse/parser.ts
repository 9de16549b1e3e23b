import { withJoinedLiterals } from '@expand-contract/core'
import type { ParseResult, RawStmt, ScanResult, ScanToken } from 'libpg-query'
import { loadInstance, parseToJson, scanToJson } from './parser-instance.ts'

let loading: Promise<void> | undefined

/** Loads PostgreSQL's parser (WebAssembly, about 50 ms, once per process). Await it before anything else of this package. */
export function loadParser(): Promise<void> {
  loading ??= loadInstance()
  return loading
}

/**
 * The statements of a text, or undefined when PostgreSQL's grammar does not accept it. Locations are UTF-8 byte offsets.
 * @throws ParserFailure when the parser has failed, which says nothing of the text
 */
export function parse(text: string): readonly RawStmt[] | undefined {
  const parsed = statementsOf(text)
  if (parsed !== undefined) return parsed
  const joined = withJoinedLiterals(text)
  return joined === text ? undefined : statementsOf(joined)
}

function statementsOf(text: string): readonly RawStmt[] | undefined {
  const json = parseToJson(text)
  if (json === undefined) return undefined
  const { stmts = [] }: ParseResult = JSON.parse(json)
  return stmts
}

/** The tokens of a text that parses, comments left out. Offsets are UTF-8 bytes. */
export function scan(text: string): readonly ScanToken[] {
  const { tokens }: ScanResult = JSON.parse(scanToJson(text))
  return tokens.filter((token) => token.tokenName !== 'SQL_COMMENT' && token.tokenName !== 'C_COMMENT')
}
