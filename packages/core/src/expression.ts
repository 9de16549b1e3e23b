import { type SqlToken, sqlTokens } from './sql-text/sql-tokens.ts'

/**
 * What can be said of an expression without a parser: `@expand-contract/sql` reads it with PostgreSQL's own grammar
 * before the first statement is sent, and the catalog says which functions are volatile. Here the plain mistakes are
 * refused where they are written. In doubt nothing is said.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))

/** Functions that differ from call to call, or from session to session, by any reading. */
const VOLATILE_FUNCTIONS = words(
  'random random_normal setseed gen_random_uuid gen_random_bytes uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 nextval currval lastval setval clock_timestamp statement_timestamp transaction_timestamp timeofday now current_setting set_config txid_current pg_current_xact_id pg_backend_pid pg_sleep inet_client_addr',
)

/** The same without brackets; all of them are reserved, so no column can be meant. */
const VOLATILE_WORDS = words(
  'current_timestamp current_date current_time localtime localtimestamp current_user session_user user current_role current_schema current_catalog',
)

const AGGREGATES = words('count sum avg min max array_agg string_agg json_agg jsonb_agg bool_and bool_or every')

/** Reserved words that outside of brackets belong to a statement around an expression. */
const CLAUSES = words('as from where group order having limit offset union intersect except into fetch window')

/** Words that begin a statement when another word follows, and are ordinary names otherwise. */
const COMMANDS = words('insert update delete merge with')

export interface ExpressionProblem {
  readonly code: 'EC_EXPRESSION' | 'EC_VOLATILE_MAPPING' | 'EC_MAPPING_COLUMN'
  readonly why: string
}

/** The columns that matter to a mapping: those it may use, and the others of the migration, which it may not. */
export interface MappingColumns {
  readonly sources: readonly string[]
  readonly targets: readonly string[]
}

/** The first thing wrong with an expression, or undefined. */
export function expressionProblem(sql: unknown, columns?: MappingColumns): ExpressionProblem | undefined {
  if (typeof sql !== 'string') return problem(`is ${sql === null ? 'null' : typeof sql}, not SQL text`)
  const tokens = sqlTokens(sql)
  if (tokens.length === 0) return problem('is empty')
  const open: string[] = []
  for (const [index, token] of tokens.entries()) {
    const near: Neighbours = {
      before: tokens[index - 1],
      after: tokens[index + 1],
      depth: open.length,
    }
    const found =
      punctuationProblem(token, open) ??
      wordProblem(token, near) ??
      (columns === undefined ? undefined : columnProblem(token, near, columns))
    if (found) return found
  }
  return open.length > 0 ? problem(`has a ${open.at(-1)} that is not closed`) : undefined
}

interface Neighbours {
  readonly before: SqlToken | undefined
  readonly after: SqlToken | undefined
  /** Brackets that are open. */
  readonly depth: number
}

function punctuationProblem({ kind, text }: SqlToken, open: string[]): ExpressionProblem | undefined {
  if (kind === 'comment') return problem('contains a comment')
  if (kind === 'unclosed') return problem(`has a ${text} that is not closed`)
  if (kind === 'parameter') return problem(`contains the parameter ${text}; name the columns instead`)
  if (kind !== 'symbol') return undefined
  if (text === ';') return problem('contains a semicolon, so it is more than one expression')
  if (text === '\0') return problem('contains a null character')
  if (text === ',' && open.length === 0)
    return problem('has a comma outside of brackets, so it is more than one expression')
  if (text === '(' || text === '[') open.push(text)
  if (text === ')' || text === ']') {
    if (open.pop() !== (text === ')' ? '(' : '[')) return problem(`has a ${text} without its opening bracket`)
  }
  return undefined
}

function wordProblem({ kind, name, text }: SqlToken, near: Neighbours): ExpressionProblem | undefined {
  if (kind !== 'word' || near.before?.text === '.') return undefined
  const call = near.after?.text === '('
  if (VOLATILE_WORDS.has(name) || (call && VOLATILE_FUNCTIONS.has(name)))
    return { code: 'EC_VOLATILE_MAPPING', why: `uses ${name}, which does not give the same result each time` }
  const statement =
    name === 'select' ||
    name === 'table' ||
    (name === 'values' && call) ||
    (name === 'over' && near.before?.text === ')') ||
    (COMMANDS.has(name) && near.before === undefined && near.after?.kind === 'word')
  if (statement || (call && AGGREGATES.has(name)))
    return problem(`contains ${text.toUpperCase()}; only an expression over the row's own columns can be kept in step`)
  if (near.depth === 0 && CLAUSES.has(name) && !(name === 'from' && near.before?.name === 'distinct'))
    return problem(`contains ${text.toUpperCase()} outside of brackets, so it is more than one expression`)
  return undefined
}

/**
 * A name that can only be a column, and is one of the migration's that the mapping may not use; or one of those it may,
 * spelled so that PostgreSQL reads another name.
 */
function columnProblem(token: SqlToken, near: Neighbours, columns: MappingColumns): ExpressionProblem | undefined {
  if ((token.kind !== 'word' && token.kind !== 'quoted') || !standsAlone(near)) return undefined
  if (columns.sources.includes(token.name)) return undefined
  if (columns.targets.includes(token.name))
    return { code: 'EC_MAPPING_COLUMN', why: `names ${token.text}, which is a column of the side that it computes` }
  const meant =
    token.kind === 'word' ? columns.sources.find((source) => source.toLowerCase() === token.name) : undefined
  return meant === undefined
    ? undefined
    : {
        code: 'EC_MAPPING_COLUMN',
        why: `names ${token.text}, which PostgreSQL reads as ${JSON.stringify(token.name)}; put "${meant}" in double quotes`,
      }
}

/** Not a function, a type, a qualified name, a key word before a literal, the field of EXTRACT, or the name of an argument. */
function standsAlone({ before, after }: Neighbours): boolean {
  const ended = after === undefined || (after.kind === 'symbol' && after.text !== '(' && after.text !== '.')
  const argument = after?.text === '=>' || after?.text === ':='
  const named = before?.kind === 'literal' || ['.', '::', 'as', 'collate', 'returning'].includes(before?.name ?? '')
  return ended && !argument && !named
}

const problem = (why: string): ExpressionProblem => ({ code: 'EC_EXPRESSION', why })
