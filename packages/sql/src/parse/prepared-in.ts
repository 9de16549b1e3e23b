import { parse } from './parser.ts'
import { ParserFailure } from './parser-failure.ts'
import { SourceText } from './source-text.ts'

/** One PREPARE of a text. */
export interface PreparedText {
  readonly name: string
  /** The statement as it is written. */
  readonly text: string
}

/** The statements that a text prepares; none where it could not be read, of which `plan` has told. `loadParser` must have been awaited. */
export function preparedIn(text: string): readonly PreparedText[] {
  try {
    const source = new SourceText(text)
    return (parse(text) ?? []).flatMap(({ stmt, stmt_location: from = 0, stmt_len: length }) => {
      if (stmt === undefined || !('PrepareStmt' in stmt)) return []
      const end = length === undefined ? text.length : source.offset(from + length)
      return [{ name: stmt.PrepareStmt.name ?? '', text: text.slice(source.offset(from), end).trim() }]
    })
  } catch (error) {
    if (error instanceof ParserFailure) return []
    throw error
  }
}
