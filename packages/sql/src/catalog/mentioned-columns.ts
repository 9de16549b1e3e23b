import { mentions } from '@expand-contract/core'

/** A trigger as the catalog has it: the language and text of its function, and its arguments. */
export interface TriggerText {
  readonly language: string
  readonly source: string
  readonly arguments: string
}

/** Languages whose source is text that names columns as they are. */
export const READABLE_LANGUAGES: ReadonlySet<string> = new Set(['plpgsql', 'sql'])

const COMPILED = new Set(['c', 'internal'])

/**
 * Compiled functions of PostgreSQL and its contrib modules, by the symbol that pg_proc.prosrc has: they reach the columns
 * that the trigger hands them as arguments, and no other.
 * https://www.postgresql.org/docs/current/contrib-spi.html, functions-trigger.html, textsearch-features.html, lo.html
 */
const TOLD_BY_ARGUMENTS = new Set([
  'autoinc',
  'insert_username',
  'lo_manage',
  'moddatetime',
  'suppress_redundant_updates_trigger',
  'tsvector_update_trigger_bycolumn',
  'tsvector_update_trigger_byid',
])

/** Source that reaches columns without naming them: dynamic SQL, the whole row assigned, or another row returned. */
const REACHES_ALL =
  /\breturn\b(?!\s+(?:new|old|null|coalesce\s*\(\s*(?:new|old)\s*,\s*(?:new|old)\s*\))\s*;)|\b(?:execute|\w*populate_record(?:set)?|hstore)\b|\bnew\s*:?=|\binto\s+(?:strict\s+)?new\b(?!\s*\.)/iu

/**
 * The columns that a trigger function may read or set: those whose names occur in its source, or in the arguments of the
 * trigger. A function that cannot be read, or reaches columns without naming them, counts as naming all.
 */
export function mentionedColumns(trigger: TriggerText, columns: readonly string[]): readonly string[] {
  const { language, source } = trigger
  const told = COMPILED.has(language) && TOLD_BY_ARGUMENTS.has(source)
  if (!told && (!READABLE_LANGUAGES.has(language) || REACHES_ALL.test(source))) return columns
  const given = trigger.arguments.split('\\000').map((each) => `'${each.replaceAll("'", "''")}'`)
  const text = [told ? '' : source, ...given].join('\n;')
  return columns.filter((column) => mentions(text, [column]))
}
