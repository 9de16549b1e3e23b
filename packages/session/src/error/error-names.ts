import { type CatalogPhases, escapePattern, type Migration, mentions, type Pins } from '@expand-contract/core'
import { type Catalog, heldColumnName, type Plan } from '@expand-contract/sql'
import { wrongType } from './assigned-type.ts'
import { hintFor } from './error-hints.ts'
import { mappingInContext, mappingInMessage, raisedBy } from './error-origin.ts'
import { needsQuotes } from './needs-quotes.ts'

/** The fields of a database error that can name a column or constraint, or a place in the text. */
interface DatabaseErrorFields {
  message: string
  readonly code?: string | undefined
  column?: string | undefined
  constraint?: string | undefined
  detail?: string | undefined
  hint?: string | undefined
  position?: string | undefined
  where?: string | undefined
  readonly schema?: string | undefined
  readonly table?: string | undefined
}

/** A statement that was sent, and what it was planned with. */
export interface SentStatement {
  readonly kind: 'planned'
  /** The application's text. */
  readonly text: string
  readonly plan: Plan
  readonly catalog: Catalog
  /** The read sides pinned for it; undefined for one statement of its own, which needs none. */
  readonly pins?: Pins | undefined
  /** What was known of the phases, where they are read with the catalog. */
  readonly phases?: CatalogPhases | undefined
  /** What the server runs: the text of the plan, or what an EXECUTE stands for. */
  readonly wire: string
}

/** Classes of SQLSTATE whose messages quote names. Others quote values: `invalid input syntax for type integer: "name"`. */
const QUOTES_NAMES = /^(?:23|42)/u

/**
 * Gives a database error the names that the application knows: shadow columns and their constraints become the logical
 * ones, and the position points into the application's text (it is dropped where it points into what we added). Code,
 * class and stack stay. A shadow column of several logical ones is named by the first of them. An error that a mapping
 * raised, or may have raised, names it and its migration.
 *
 * Values are never touched: in `Key (name)=(...)` only the list of columns is.
 */
export function withUserNames<E extends Error>(error: E, sent: SentStatement): E {
  try {
    return named(error, sent)
  } catch {
    // It is told while the driver reads its socket, where an exception would end the process. The error is right as it is.
    return error
  }
}

function named<E extends Error>(error: E, { text, plan, catalog }: SentStatement): E {
  const fields = error as DatabaseErrorFields
  const { columns, constraints } = userNames(plan, text, elsewhere(fields, plan, catalog))
  const name = (word: string): string => columns.get(word) ?? constraints.get(word) ?? word
  const awkward: Awkward = {
    names: [...columns, ...constraints].flat().filter(hasQuote),
    tables: plan.touches.map(({ migration }) => migration.table.name).filter(hasQuote),
  }
  const place = fields.position === undefined ? undefined : userPosition(Number(fields.position), plan, text)
  const wrong = place === undefined ? wrongType(fields, plan) : undefined
  const origin = wrong ? undefined : raisedBy(fields, plan)
  if (wrong) Object.assign(fields, wrong)
  else if (origin?.certain) fields.message += mappingInMessage(origin)
  else if (QUOTES_NAMES.test(fields.code ?? '')) {
    fields.message = quotedNames(fields.message, name, awkward)
    if (fields.hint !== undefined) fields.hint = quotedNames(fields.hint, name, awkward)
    if (fields.detail !== undefined) fields.detail = namesOfDetail(fields.detail, name)
  }
  if (fields.detail !== undefined && SHOWS_ROW.has(fields.code ?? ''))
    fields.detail = withoutShadows(fields.detail, shownColumns(fields, catalog), columns)
  if (fields.column !== undefined) fields.column = columns.get(fields.column) ?? fields.column
  if (fields.constraint !== undefined) fields.constraint = constraints.get(fields.constraint) ?? fields.constraint
  if (fields.position !== undefined) fields.position = place
  if (origin) fields.where = [fields.where ?? [], mappingInContext(origin)].flat().join('\n')
  const hint = fields.hint ?? hintFor(fields.code, text, plan)
  if (hint !== undefined) fields.hint = hint
  return error
}

/** NOT NULL, CHECK and WITH CHECK OPTION: `Failing row contains (1, ann, ann).` */
const SHOWS_ROW = new Set(['23502', '23514', '44000'])

/** The columns of the table that an error names, in the order in which a row is shown. */
function shownColumns({ schema, table }: DatabaseErrorFields, catalog: Catalog): readonly string[] {
  if (table === undefined) return []
  const relation = [catalog.relation(schema, table), catalog.relation(undefined, table)].find(
    (each) => each?.schema === schema,
  )
  return relation?.columns.map((column) => column.name) ?? []
}

/**
 * Takes the shadow columns out of a row. PostgreSQL does not quote the values, so this is done only where their number
 * tells that none of them has a comma in it. A row after the old column is gone keeps the order that it has now.
 */
function withoutShadows(detail: string, columns: readonly string[], shadows: ReadonlyMap<string, string>): string {
  const open = detail.indexOf('(')
  const close = detail.lastIndexOf(')')
  const values = detail.slice(open + 1, close).split(', ')
  if (open < 0 || values.length !== columns.length) return detail
  const shown = values.filter((_, index) => {
    const logical = shadows.get(columns[index] ?? '')
    if (logical === undefined) return true
    return columns[index] !== heldColumnName(logical) && !columns.includes(logical)
  })
  return `${detail.slice(0, open + 1)}${shown.join(', ')}${detail.slice(close)}`
}

interface UserNames {
  readonly columns: ReadonlyMap<string, string>
  readonly constraints: ReadonlyMap<string, string>
}

/** Names with a double quote in them, which messages do not double. */
interface Awkward {
  readonly names: readonly string[]
  readonly tables: readonly string[]
}

const NOTHING_AWKWARD: Awkward = { names: [], tables: [] }

const hasQuote = (name: string): boolean => name.includes('"')

/** The constraint may be of a table that the statement does not name: a foreign key that points to the one it deletes from. */
function elsewhere({ schema, table }: DatabaseErrorFields, plan: Plan, catalog: Catalog): readonly Migration[] {
  const relation = catalog.tables.find((each) => each.schema === schema && each.name === table)
  const touched = new Set(plan.touches.map(({ migration }) => migration))
  return (relation?.migrations ?? []).map(({ migration }) => migration).filter((migration) => !touched.has(migration))
}

/** A statement that names the shadow itself is sent as it is, and the name is the one that it knows. */
function userNames(plan: Plan, text: string, constrained: readonly Migration[]): UserNames {
  const written = plan.outcome === 'unchanged' ? text : ''
  const unwritten = (name: string): boolean => !mentions(written, [name])
  const columns = new Map<string, string>()
  const constraints = new Map<string, string>()
  for (const { migration } of plan.touches) {
    const old = migration.app === 'old'
    const [logical] = old ? migration.old : migration.new
    if (logical !== undefined)
      for (const shadow of old ? migration.new : migration.old)
        if (unwritten(shadow.name)) columns.set(shadow.name, logical.name)
    // While it is held, an old column is kept in step under another name, which nobody writes.
    if (logical !== undefined)
      for (const { name } of migration.old) columns.set(heldColumnName(name), old ? name : logical.name)
  }
  for (const migration of [...plan.touches.map((touched) => touched.migration), ...constrained])
    for (const [of, by] of Object.entries(migration.constraints)) {
      const [known, shadow] = migration.app === 'old' ? [of, by] : [by, of]
      if (unwritten(shadow)) constraints.set(shadow, known)
    }
  return { columns, constraints }
}

/**
 * Names in double quotes, also `"people.name"`, and the column in `column p.name does not exist`, which has none.
 * Messages do not double a quote within a name, so names that have one are looked for as they are.
 */
function quotedNames(text: string, name: (word: string) => string, awkward: Awkward = NOTHING_AWKWARD): string {
  const names = awkward.names.map(escapePattern).join('|')
  const tables = [...awkward.tables.map(escapePattern), '[^"]*'].join('|')
  const known = names === '' ? '' : `(?<known>${names})|(?<table>${tables})\\.(?<column>${names})|`
  return text
    .replace(new RegExp(`"(?:${known}(?<plain>[^"]*))"`, 'gu'), (...match) => {
      const found = match.at(-1) as Partial<Record<'known' | 'table' | 'column' | 'plain', string>>
      if (found.known !== undefined) return `"${name(found.known)}"`
      if (found.column !== undefined) return `"${found.table}.${name(found.column)}"`
      const { plain = '' } = found
      const dot = plain.lastIndexOf('.') + 1
      return `"${plain.slice(0, dot)}${name(plain.slice(dot))}"`
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
      word.startsWith('"') ? asShown(word, name(word.slice(1, -1).replaceAll('""', '"'))) : asShown(word, name(word)),
    )
  return detail.slice(0, open) + list + detail.slice(close)
}

/** A name as PostgreSQL writes it: what was not renamed stands as it stood. */
const asShown = (word: string, name: string): string =>
  word === name || word === quoted(name) ? word : needsQuotes(name) ? quoted(name) : name

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** PostgreSQL counts characters from 1, plans count UTF-16 units from 0. */
function userPosition(position: number, plan: Plan, text: string): string | undefined {
  const unit = [...plan.text].slice(0, position - 1).join('').length
  const mapped = plan.mapPosition(unit)
  return mapped === undefined ? undefined : String([...text.slice(0, mapped)].length + 1)
}
