import type { Plan } from '@expand-contract/sql'

/** The fields of a database error that can name a column or constraint, or a place in the text. */
interface DatabaseErrorFields {
  message: string
  readonly code?: string | undefined
  column?: string | undefined
  constraint?: string | undefined
  detail?: string | undefined
  hint?: string | undefined
  position?: string | undefined
}

/** Classes of SQLSTATE whose messages quote names. Others quote values: `invalid input syntax for type integer: "name"`. */
const QUOTES_NAMES = /^(?:23|42)/u

/**
 * Gives a database error the names that the application knows: shadow columns and their constraints become the logical
 * ones, and the position points into the application's text (it is dropped where it points into what we added). Code,
 * class and stack stay. A shadow column of several logical ones is named by the first of them.
 *
 * Values are never touched: in `Key (name)=(...)` only the list of columns is. `Failing row contains (...)` lists the
 * row as it is stored, with both columns.
 */
export function withUserNames<E extends Error>(error: E, plan: Plan, text: string): E {
  if (plan.outcome === 'unchanged') return error
  const fields = error as DatabaseErrorFields
  const { columns, constraints } = userNames(plan)
  const name = (word: string): string => columns.get(word) ?? constraints.get(word) ?? word
  if (QUOTES_NAMES.test(fields.code ?? '')) {
    fields.message = quotedNames(fields.message, name)
    if (fields.hint !== undefined) fields.hint = quotedNames(fields.hint, name)
    if (fields.detail !== undefined) fields.detail = namesOfDetail(fields.detail, name)
  }
  if (fields.column !== undefined) fields.column = columns.get(fields.column) ?? fields.column
  if (fields.constraint !== undefined) fields.constraint = constraints.get(fields.constraint) ?? fields.constraint
  if (fields.position !== undefined) fields.position = userPosition(Number(fields.position), plan, text)
  return error
}

interface UserNames {
  readonly columns: ReadonlyMap<string, string>
  readonly constraints: ReadonlyMap<string, string>
}

function userNames(plan: Plan): UserNames {
  const columns = new Map<string, string>()
  const constraints = new Map<string, string>()
  for (const { migration } of plan.touches) {
    const old = migration.app === 'old'
    const [logical] = old ? migration.old : migration.new
    if (logical !== undefined)
      for (const shadow of old ? migration.new : migration.old) columns.set(shadow.name, logical.name)
    for (const [of, by] of Object.entries(migration.constraints)) constraints.set(old ? by : of, old ? of : by)
  }
  return { columns, constraints }
}

/** Names in double quotes, and the column in `column u.name does not exist`, which has none. */
function quotedNames(text: string, name: (word: string) => string): string {
  return text
    .replace(/"((?:[^"]|"")*)"/gu, (quoted, inner: string) => {
      const plain = inner.replaceAll('""', '"')
      const mapped = name(plain)
      return mapped === plain ? quoted : `"${mapped.replaceAll('"', '""')}"`
    })
    .replace(/(?<=^\S+ [\p{L}_][\p{L}\p{N}_$]*\.)[\p{L}_][\p{L}\p{N}_$]*(?= )/u, name)
}

/** `Key (a, lower(b))=(1, x)` names columns in its first list, which ends at the first `)=(`; what follows are values. */
function namesOfDetail(detail: string, name: (word: string) => string): string {
  const open = detail.indexOf('(')
  if (open < 0) return quotedNames(detail, name)
  const close = detail.indexOf(')=(')
  if (close < open) return quotedNames(detail.slice(0, open), name) + detail.slice(open)
  const list = detail
    .slice(open, close)
    .replace(/"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*/gu, (word) =>
      word.startsWith('"') ? quotedNames(word, name) : name(word),
    )
  return detail.slice(0, open) + list + detail.slice(close)
}

/** PostgreSQL counts characters from 1, plans count UTF-16 units from 0. */
function userPosition(position: number, plan: Plan, text: string): string | undefined {
  const unit = [...plan.text].slice(0, position - 1).join('').length
  const mapped = plan.mapPosition(unit)
  return mapped === undefined ? undefined : String([...text.slice(0, mapped)].length + 1)
}
