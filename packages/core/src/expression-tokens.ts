/** One token of a SQL expression, as PostgreSQL's lexer cuts it. White space is left out. */
export interface ExpressionToken {
  readonly kind: 'comment' | 'string' | 'quoted' | 'parameter' | 'unclosed' | 'word' | 'number' | 'symbol'
  readonly text: string
  /** What a name stands for: a word folded to lower case, a quoted identifier without its quotes. Else the text. */
  readonly name: string
}

// The character classes are those of PostgreSQL's scan.l: everything above ASCII is a letter, only ASCII space is space.
// A backslash escapes in E'' strings alone (and in their continuation after a line break); a plain string ends at a quote.
const LETTER = '[A-Za-z_\\u{80}-\\u{10FFFF}]'
const LETTER_OR_DIGIT = '[\\w\\u{80}-\\u{10FFFF}]'
const ESCAPED = "'(?:[^'\\\\]|''|\\\\[\\s\\S])*'"
const DOLLAR_TAG = `(?:${LETTER}${LETTER_OR_DIGIT}*)?`
const TOKEN = new RegExp(
  [
    '[ \\t\\n\\r\\f\\v]+',
    '(?<comment>--|/\\*)',
    `(?<string>[eE]${ESCAPED}(?:[ \\t\\r\\f\\v]*\\n\\s*${ESCAPED})*|'(?:[^']|'')*'|\\$(?<tag>${DOLLAR_TAG})\\$[\\s\\S]*?\\$\\k<tag>\\$)`,
    '(?<quoted>"(?:[^"]|"")*")',
    '(?<parameter>\\$\\d+)',
    `(?<unclosed>[eE]?'|"|\\$${DOLLAR_TAG}\\$)`,
    `(?<word>${LETTER}(?:${LETTER_OR_DIGIT}|\\$)*)`,
    '(?<number>\\d[\\w.]*)',
    '(?<symbol>[\\s\\S])',
  ].join('|'),
  'gu',
)

/** The tokens of any text; a quote without its end is one token of its own, `unclosed`. */
export function expressionTokens(sql: string): readonly ExpressionToken[] {
  const tokens: ExpressionToken[] = []
  for (const { 0: text, groups = {} } of sql.matchAll(TOKEN)) {
    const kind = KINDS.find((name) => groups[name] !== undefined)
    if (kind !== undefined) tokens.push({ kind, text, name: nameOf(kind, text) })
  }
  return tokens
}

const KINDS = [
  'comment',
  'string',
  'quoted',
  'parameter',
  'unclosed',
  'word',
  'number',
  'symbol',
] as const satisfies readonly ExpressionToken['kind'][]

function nameOf(kind: ExpressionToken['kind'], text: string): string {
  if (kind === 'word') return text.toLowerCase()
  if (kind === 'quoted') return text.slice(1, -1).replaceAll('""', '"')
  return text
}
