/**
 * What can be said of an expression without a parser: `@expand-contract/sql` reads it with PostgreSQL's own grammar
 * before the first statement is sent, and the catalog says which functions are volatile. Here the plain mistakes are
 * refused where they are written.
 */

const TOKEN =
  /\s+|--[^\n]*|\/\*|[eE]?'(?:[^'\\]|''|\\.)*'|\$(?<tag>[^\W\d]?\w*)\$[\s\S]*?\$\k<tag>\$|"(?:[^"]|"")*"|\$\d+|[\p{L}_][\p{L}\p{N}_$]*|\d[\w.]*|[\s\S]/gu

/** Functions and key words that differ from call to call, or from session to session, by any reading. */
const VOLATILE = new Set(
  'random setseed gen_random_uuid uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v4 nextval currval lastval setval clock_timestamp statement_timestamp transaction_timestamp timeofday now current_timestamp current_date current_time localtime localtimestamp current_user session_user user current_role current_schema txid_current pg_current_xact_id pg_backend_pid pg_sleep inet_client_addr'.split(
    ' ',
  ),
)

/** Words that make it more, or other, than one expression over columns. */
const NOT_AN_EXPRESSION = new Set('select insert update delete merge values with returning over table'.split(' '))

export interface ExpressionProblem {
  readonly code: 'EC_EXPRESSION' | 'EC_VOLATILE_MAPPING'
  readonly why: string
}

/** The first thing wrong with an expression, or undefined. */
export function expressionProblem(sql: unknown): ExpressionProblem | undefined {
  if (typeof sql !== 'string')
    return { code: 'EC_EXPRESSION', why: `is ${sql === null ? 'null' : typeof sql}, not SQL text` }
  const open: string[] = []
  let words = 0
  for (const [token] of sql.matchAll(TOKEN)) {
    if (/^\s/u.test(token)) continue
    if (token.startsWith('--') || token === '/*') return problem('contains a comment')
    words++
    if (token === ';') return problem('contains a semicolon, so it is more than one expression')
    if (/^\$\d/u.test(token)) return problem(`contains the parameter ${token}; name the columns instead`)
    if (token === '(' || token === '[') open.push(token)
    if (token === ')' || token === ']') {
      if (open.pop() !== (token === ')' ? '(' : '[')) return problem(`has a ${token} without its opening bracket`)
    }
    if (token === ',' && open.length === 0)
      return problem('has a comma outside of brackets, so it is more than one expression')
    if (token === "'" || token === '"') return problem(`has a ${token} that is not closed`)
    const word = token.toLowerCase()
    if (VOLATILE.has(word)) return { code: 'EC_VOLATILE_MAPPING', why: `uses ${word}, which differs from call to call` }
    if (NOT_AN_EXPRESSION.has(word))
      return problem(
        `contains ${word.toUpperCase()}; only an expression over the row's own columns can be kept in step`,
      )
  }
  if (open.length > 0) return problem(`has a ${open.at(-1)} that is not closed`)
  if (words === 0) return problem('is empty')
  return undefined
}

const problem = (why: string): ExpressionProblem => ({ code: 'EC_EXPRESSION', why })

/** True for one type name: `text`, `numeric(12,2)`, `timestamp(3) with time zone`, `crm."Kind"[]`. */
export function isTypeName(type: unknown): type is string {
  return (
    typeof type === 'string' &&
    /^\s*(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*))?(?:\s+(?:precision|varying|year|month|day|hour|minute|second|to|large|object))*(?:\s*\(\s*\d+\s*(?:,\s*-?\d+\s*)?\))?(?:\s+with(?:out)?\s+time\s+zone)?(?:\s*\[\s*\d*\s*\]|\s+array)*\s*$/iu.test(
      type,
    )
  )
}
