/** One statement of a text: itself, and its words in order (key words and names, as they are written). */
export interface ScannedStatement {
  readonly text: string
  readonly words: readonly string[]
}

/** Comments (nested ones to a depth of 2), strings of every kind, quoted names, words and semicolons; the rest is passed over. */
const TOKEN =
  /--[^\n]*|\/\*(?:\/\*[\s\S]*?\*\/|[\s\S])*?\*\/|[eE]'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|\$(?<tag>(?:[\p{L}_][\p{L}\p{N}_]*)?)\$[\s\S]*?\$\k<tag>\$|"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*|\d[\w.]*|;/gu

/**
 * Takes a text apart without parsing it, for the few questions that come up before or without the parser's answer. It
 * needs about a microsecond per hundred characters, so ask something cheaper first.
 */
export function scanStatements(text: string): readonly ScannedStatement[] {
  const statements: ScannedStatement[] = []
  let words: string[] = []
  let start = 0
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === ';') {
      statements.push({ text: text.slice(start, index), words })
      words = []
      start = index + 1
    } else if (/^(?:[\p{L}_][^']*|".*")$/su.test(token)) words.push(token)
  }
  statements.push({ text: text.slice(start), words })
  return statements.filter((statement) => statement.words.length > 0)
}

/** The word as a key word: lower case, and none that was quoted. */
export const keyWord = (word: string | undefined): string => word?.toLowerCase() ?? ''

/** The name that a word stands for, as PostgreSQL folds it. */
export const nameOf = (word: string): string =>
  word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.toLowerCase()
