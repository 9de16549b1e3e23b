import { mentions, tokensWithin } from '@expand-contract/core'
import type { TriggerContent } from './catalog-content.ts'
import { isWord, qualifiedName } from './source-tokens.ts'

/** Languages whose source is text that names columns as they are. */
const READABLE = new Set(['plpgsql', 'sql'])

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
export function mentionedColumns(
  trigger: Pick<TriggerContent, 'language' | 'source' | 'arguments'>,
  columns: readonly string[],
): readonly string[] {
  const { language, source } = trigger
  const told = COMPILED.has(language) && TOLD_BY_ARGUMENTS.has(source)
  if (!told && (!READABLE.has(language) || REACHES_ALL.test(source))) return columns
  const given = trigger.arguments.split('\\000').map((each) => `'${each.replaceAll("'", "''")}'`)
  const text = [told ? '' : source, ...given].join('\n;')
  return columns.filter((column) => mentions(text, [column]))
}

/** True when a trigger function writes the table itself, by a statement that its text names. */
export function writesTable({ language, source }: Pick<TriggerContent, 'language' | 'source'>, table: string): boolean {
  if (!READABLE.has(language)) return false
  return tokensWithin(source).some(({ tokens }) =>
    tokens.some((token, at) => {
      if (!isWord(token, 'update', 'into')) return false
      const name = qualifiedName(tokens, isWord(tokens[at + 1], 'only') ? at + 2 : at + 1)
      return name?.name === table
    }),
  )
}
