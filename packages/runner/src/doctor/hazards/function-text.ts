import { quoteIdentifier } from '@expand-contract/core'

/** Comments and literals say nothing of what runs; the text of EXECUTE is one. */
const withoutLiterals = (source: string): string =>
  source.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/gu, (part) => (part.startsWith("'") ? "''" : ' '))

const escaped = (text: string): string => text.replaceAll(/[$^.*+?()[\]{}|\\]/gu, String.raw`\$&`)

/** How SQL may spell a table: bare or with a schema, quoted or not. */
const spelled = (table: string): string =>
  String.raw`(?:(?:"[^"]+"|\w+)\s*\.\s*)?(?:${escaped(quoteIdentifier(table))}|"${escaped(table)}"|${escaped(table)})(?![\w$"])`

/** INSERT, UPDATE, DELETE or MERGE of the table. */
export const writesTable = (source: string, table: string): boolean =>
  new RegExp(
    String.raw`\b(?:insert\s+into|merge\s+into|delete\s+from|update)\s+(?:only\s+)?${spelled(table)}`,
    'iu',
  ).test(withoutLiterals(source))

/** `SELECT *`, `SELECT u.*` of the table first. */
const STAR = (table: string): RegExp =>
  new RegExp(String.raw`\bselect\s+((?:distinct\s+)?(?:\w+\s*\.\s*)?\*)\s+from\s+(?:only\s+)?${spelled(table)}`, 'giu')

/** All columns of the table are taken, whatever they are. */
export const selectsAll = (source: string, table: string): boolean => STAR(table).test(withoutLiterals(source))

/** The same with its columns written out. */
export const withColumns = (text: string, table: string, columns: readonly string[]): string =>
  text.replaceAll(STAR(table), (found, star: string) =>
    found.replace(star, columns.map((name) => star.replace('*', quoteIdentifier(name))).join(', ')),
  )

/** INSERT without a list of columns from all columns of the table. */
export const insertsAll = (source: string, table: string): boolean =>
  new RegExp(
    String.raw`\binsert\s+into\s+(?:(?:"[^"]+"|\w+)\s*\.\s*)?(?:"[^"]+"|\w+)\s+select\s+(?:\w+\s*\.\s*)?\*\s+from\s+(?:only\s+)?${spelled(table)}`,
    'iu',
  ).test(withoutLiterals(source))

/** Rows are made of columns that are written out, which are to be all of them: `RETURN QUERY SELECT id, name FROM users`. */
export function listsColumns(source: string, language: string): boolean {
  const text = withoutLiterals(source)
  const returned =
    language === 'sql'
      ? /(?:^|;)\s*select\s+(?!(?:\w+\s*\.\s*)?\*)/iu
      : /\breturn\s+query\s+select\s+(?!(?:\w+\s*\.\s*)?\*)/iu
  return returned.test(text)
}

/** Text that is made at run time. */
export const isDynamic = (source: string): boolean =>
  /\bexecute\b(?!\s+(?:function|procedure)\b)/iu.test(withoutLiterals(source))
