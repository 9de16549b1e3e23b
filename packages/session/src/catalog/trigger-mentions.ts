import { escapePattern } from '@expand-contract/sql'
import type { TriggerContent } from './catalog-content.ts'

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
  const text = `${told ? '' : source}\n${trigger.arguments.replaceAll('\\000', ' ')}`.toLowerCase()
  return columns.filter((column) => names(text, column.toLowerCase()))
}

function names(text: string, column: string): boolean {
  if (!/^[\p{L}_][\p{L}\p{N}_$]*$/u.test(column)) return text.includes(column)
  for (let at = text.indexOf(column); at >= 0; at = text.indexOf(column, at + 1))
    if (!isWordPart(text[at - 1]) && !isWordPart(text[at + column.length])) return true
  return false
}

const isWordPart = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}_$]/u.test(character)

/** True when a trigger function writes the table itself, by a statement that its text names. */
export function writesTable({ language, source }: Pick<TriggerContent, 'language' | 'source'>, table: string): boolean {
  const name = escapePattern(table.replaceAll('"', '""'))
  const words = String.raw`\b(?:update|into)\s+(?:only\s+)?(?:"?[\p{L}\p{N}_$]+"?\s*\.\s*)?`
  const named = String.raw`(?:"${name}"|${name}(?![\p{L}\p{N}_$]))`
  return READABLE.has(language) && new RegExp(words + named, 'iu').test(source)
}
