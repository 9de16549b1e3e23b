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

/** The timeline, the oldest first; figures that do not fit go on in the next line. */
export function logScreen(events: readonly EventRecord[], { width }: ScreenOptions): string {
  if (events.length === 0) return 'Nothing has happened yet.'
  const rows = events.map(({ at, who, migration, kind }) => [timeText(at), who, migration ?? '-', kind])
  const heads = ['WHEN', 'WHO', 'MIGRATION', 'WHAT']
  // The rest of a line is for the figures.
  const most = [20, 16, width < 90 ? 12 : 24, 16]
  const widths = heads.map((head, at) =>
    Math.min(most[at] ?? 0, Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0))),
  )
  const line = (cells: readonly string[], rest: string): string =>
    hanging(cells.map((cell, at) => `${padded(cut(cell, widths[at] ?? 0), widths[at] ?? 0)}  `).join(''), rest, width)
  return [line(heads, 'FIGURES'), ...events.map((event, at) => line(rows[at] ?? [], figuresText(event)))].join('\n')
}
