import stringWidth from 'fast-string-width'

/** Columns that a text takes; a wide character takes two. */
const columnsOf = (text: string): number => stringWidth(text)

export const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columnsOf(text)))

const padLeft = (text: string, width: number): string => ' '.repeat(Math.max(0, width - columnsOf(text))) + text

/** As much of a text as fits, with `...` where something is missing. */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text
  let [kept, left] = ['', Math.max(0, width - 3)]
  for (const letter of text) {
    left -= columnsOf(letter)
    if (left < 0) break
    kept += letter
  }
  return kept + '...'.slice(0, Math.max(0, width))
}

/** A text in lines that fit, broken between words; a word that is longer than a line stays whole. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line.trim() !== '' && columnsOf(longer) > width) {
      lines.push(line.trimEnd())
      line = word
    } else line = longer
  }
  return [...lines, line.trimEnd()]
}

/** A text behind a head, further lines under its beginning. */
export function hanging(head: string, text: string, width: number): string {
  const indent = columnsOf(head)
  const [first = '', ...others] = text.split('\n').flatMap((line) => wrapped(line, Math.max(20, width - indent)))
  return [`${head}${first}`.trimEnd(), ...others.map((line) => `${' '.repeat(indent)}${line}`)].join('\n')
}

export interface TableColumn {
  readonly name: string
  readonly align?: 'right'
  /** What it may be cut to where the line is too long; undefined: it is never cut. */
  readonly least?: number
  /** Instead of being cut it goes on in the next line. @defaultValue false */
  readonly wrap?: boolean
}

export interface Table {
  readonly columns: readonly TableColumn[]
  readonly rows: readonly (readonly string[])[]
  /** In front of each line. @defaultValue nothing */
  readonly indent?: string
}

/** Columns under upper-case heads, two blanks between them. Where they are too wide, those that may be cut are, the widest first. */
export function table({ columns, rows, indent = '' }: Table, width: number): readonly string[] {
  const all = [columns.map(({ name }) => name), ...rows]
  const widths = columns.map((_, at) => Math.max(...all.map((row) => columnsOf(row[at] ?? ''))))
  const room = width - columnsOf(indent) - 2 * (columns.length - 1)
  for (let over = sum(widths) - room; over > 0; over -= 1) {
    const at = widest(columns, widths)
    if (at === undefined) break
    widths[at] = (widths[at] ?? 0) - 1
  }
  return all.flatMap((row) => {
    const cells = columns.map(({ wrap = false }, at) => {
      const [cell, wide] = [row[at] ?? '', widths[at] ?? 0]
      return wrap ? wrapped(cell, wide).map((line) => cut(line, wide)) : [cut(cell, wide)]
    })
    return Array.from({ length: Math.max(...cells.map(({ length }) => length)) }, (_, line) =>
      `${indent}${columns
        .map(({ align }, at) => {
          const [cell, wide] = [cells[at]?.[line] ?? '', widths[at] ?? 0]
          return align === 'right' ? padLeft(cell, wide) : padded(cell, wide)
        })
        .join('  ')}`.trimEnd(),
    )
  })
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

/** The widest column that may still be cut. */
function widest(columns: readonly TableColumn[], widths: readonly number[]): number | undefined {
  const open = columns.flatMap(({ least }, at) => (least !== undefined && (widths[at] ?? 0) > least ? [at] : []))
  return open.toSorted((one, other) => (widths[other] ?? 0) - (widths[one] ?? 0))[0]
}
