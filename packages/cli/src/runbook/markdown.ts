import { markdownTable } from 'markdown-table'

/** A name as code, whatever is in it: in a table as well. */
export function code(name: string): string {
  const line = oneLine(name).replaceAll('<!--', '< !--')
  const longest = Math.max(0, ...[...line.matchAll(/`+/gu)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const padding = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${fence}${padding}${line}${padding}${fence}`
}

/** A text of people in a sentence: nothing in it is Markdown. */
export const plain = (text: string): string =>
  oneLine(text).replaceAll(/[\\`*[\]<>~]|(?<!\w)_|_(?!\w)/gu, (letter) => (letter === '<' ? '&lt;' : `\\${letter}`))

// biome-ignore lint/suspicious/noControlCharactersInRegex: they would break the line, or the terminal that shows it.
const oneLine = (text: string): string => text.replaceAll(/[\s\u0000-\u001f\u007f]+/gu, ' ').trim()

/** Not aligned, so that a cell that has changed changes one line. */
export const mdTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  markdownTable([[...head], ...rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))], {
    alignDelimiters: false,
  })
