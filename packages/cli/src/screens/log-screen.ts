import type { EventRecord } from '@expand-contract/control'
import { timeText } from '../output/duration.ts'
import { cut, hanging, padded } from './layout.ts'
import type { ScreenOptions } from './screen.ts'

/** What is read first. */
const FIRST = ['operation', 'from', 'to']

const rank = (name: string): number => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length)

const figuresText = ({ figures }: EventRecord): string =>
  Object.entries(figures)
    .toSorted(([one], [other]) => rank(one) - rank(other))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')

/** The timeline, the oldest first; figures that do not fit stand below. */
export function logScreen(events: readonly EventRecord[], { width }: ScreenOptions): string {
  if (events.length === 0) return 'Nothing has happened yet.'
  const cells = events.map(({ at, who, migration, kind }) => [timeText(at), who, migration ?? '-', kind])
  const heads = ['WHEN', 'WHO', 'MIGRATION', 'WHAT']
  const widths = heads.map((head, at) => Math.max(head.length, ...cells.map((row) => row[at]?.length ?? 0)))
  const indent = (widths[0] ?? 0) + 2
  const beside = widths.reduce((sum, each) => sum + each + 2, 0) + LEAST <= width
  const line = (row: readonly string[], rest: string): readonly string[] => {
    const head = row.map((cell, at) => padded(cell, widths[at] ?? 0)).join('  ')
    if (beside) return [hanging(`${head}  `, rest, width)]
    return [cut(head.trimEnd(), width), ...(rest === '' ? [] : [hanging(' '.repeat(indent), rest, width)])]
  }
  return [
    ...line(heads, beside ? 'FIGURES' : ''),
    ...events.flatMap((event, at) => line(cells[at] ?? [], figuresText(event))),
  ].join('\n')
}

/** What figures need beside the rest; in less, they stand below. */
const LEAST = 24
