import type { EventRecord } from '@expand-contract/control'
import { timeText } from '../output/duration.ts'
import { cut, hanging, padded } from './layout.ts'
import type { ScreenOptions } from './screen.ts'

/** What is read first. */
const FIRST = ['operation', 'from', 'to']

const rank = (name: string): number => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length)

/** Figures in a line; a list of something has a line for each of it. `--json` has all of them as they are recorded. */
function figuresText({ figures }: EventRecord): string {
  const all = Object.entries(figures).toSorted(([one], [other]) => rank(one) - rank(other))
  const line = all.flatMap(([name, value]) => inLine(name, value)).join(' ')
  return [...(line === '' ? [] : [line]), ...all.flatMap(([name, value]) => ownLines(name, value))].join('\n')
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isList = (value: unknown): value is readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) && value.length > 0 && value.every(isObject)

/** `to=switch`, `sessions.read.p95Ms=1.1`, `names=users_name_gin, users_trgm`. */
function inLine(name: string, value: unknown): readonly string[] {
  if (isList(value)) return name === 'writers' ? [] : [`${name}=(${value.length}, see --json)`]
  if (isObject(value)) return Object.entries(value).flatMap(([part, each]) => inLine(`${name}.${part}`, each))
  return [`${name}=${Array.isArray(value) ? value.map(String).join(', ') : String(value)}`]
}

/** Who has written past the application, as people say it; of each one sample is taken in a minute at most. */
const ownLines = (name: string, value: unknown): readonly string[] =>
  name !== 'writers' || !isList(value)
    ? []
    : value.map(({ application, sessionUser, operation, wrote, samples, lastSeen }) => {
        const seen = `seen ${samples} ${samples === 1 ? 'time' : 'times'}`
        const last = typeof lastSeen === 'string' ? `, last ${timeText(new Date(lastSeen))}` : ''
        return `${application === '' ? 'a session' : application} as ${sessionUser}: ${operation} of the ${wrote} column, ${seen}${last}`
      })

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
