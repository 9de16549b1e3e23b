import { loadModule, type ParseResult, parseSync, type RawStmt, type ScanToken, scanSync } from 'libpg-query'
import { withJoinedLiterals } from './lexer.ts'

let loading: Promise<void> | undefined

/** Loads PostgreSQL's parser (WebAssembly, about 50 ms, once per process). Await it before anything else of this package. */
export function loadParser(): Promise<void> {
  loading ??= loadModule()
  return loading
}

/** The statements of a text, or undefined when PostgreSQL's grammar does not accept it. Locations are UTF-8 byte offsets. */
export function parse(text: string): readonly RawStmt[] | undefined {
  const parsed = tryParse(text)
  if (parsed !== undefined) return parsed
  const joined = withJoinedLiterals(text)
  return joined === text ? undefined : tryParse(joined)
}

function tryParse(text: string): readonly RawStmt[] | undefined {
  try {
    const result: ParseResult = parseSync(text)
    return result.stmts ?? []
  } catch {
    return undefined
  }
}

/** The tokens of a text that parses, comments left out. Offsets are UTF-8 bytes. */
export function scan(text: string): readonly ScanToken[] {
  return scanSync(text).tokens.filter((token) => token.tokenName !== 'SQL_COMMENT' && token.tokenName !== 'C_COMMENT')
}
