import type { TriggerContent } from './catalog-content.ts'

/** Languages whose source is text that names columns as they are. */
const READABLE = new Set(['plpgsql', 'sql'])

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
  if (!READABLE.has(trigger.language) || REACHES_ALL.test(trigger.source)) return columns
  const text = `${trigger.source}\n${trigger.arguments.replaceAll('\\000', ' ')}`.toLowerCase()
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
  const name = table
    .replaceAll('"', '""')
    .replaceAll(/[^\p{L}\p{N}_"]/gu, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`)
  const words = String.raw`\b(?:update|into)\s+(?:only\s+)?(?:"?[\p{L}\p{N}_$]+"?\s*\.\s*)?`
  const named = String.raw`(?:"${name}"|${name}(?![\p{L}\p{N}_$]))`
  return READABLE.has(language) && new RegExp(words + named, 'iu').test(source)
}
