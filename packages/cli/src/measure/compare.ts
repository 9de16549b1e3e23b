import type { EventRecord } from '@expand-contract/control'
import { bytesText, countText } from '../output/duration.ts'
import type { Measurement } from './measurement.ts'

/** One row: what it was, is, and what to think of it. */
export interface Compared {
  readonly name: string
  readonly before: string
  readonly now: string
  readonly change: string
  readonly verdict: string
}

export const COMPARED_HEADS = ['before', 'now', 'change', 'verdict'] as const

export const comparedCells = ({ name, before, now, change, verdict }: Compared): readonly string[] => [
  ...[name, before, now, change, verdict],
]

/** The measurements of a timeline, the oldest first. */
export const measurementsIn = (events: readonly EventRecord[]): readonly Measurement[] =>
  events.flatMap(({ kind, figures }) => (kind === 'measured' && isMeasurement(figures) ? [figures] : []))

const isMeasurement = (figures: object): figures is Measurement =>
  'stage' in figures && typeof figures.stage === 'string' && 'tableBytes' in figures

/** The newest of each stage, in the order in which the stages were measured first. */
export const byStage = (all: readonly Measurement[]): readonly Measurement[] => [
  ...new Map(all.map((each) => [each.stage, each])).values(),
]

/** What a difference below which is no difference: percent, whatever the samples say. */
const LEAST_NOISE = 2
/** Both columns are in each row, and each write writes both. */
const BOTH: ReadonlySet<string> = new Set(['expand', 'switch', 'contract', 'hold'])

export function compare(before: Measurement, now: Measurement): readonly Compared[] {
  const both = BOTH.has(now.phase) && !BOTH.has(before.phase)
  const noise = Math.max(LEAST_NOISE, 2 * Math.max(before.noise ?? 0, now.noise ?? 0))
  const row = (name: string, kind: Kind, of: (each: Measurement) => number | undefined): readonly Compared[] => {
    const [was, is] = [of(before), of(now)]
    if (was === undefined || is === undefined) return []
    const change = kind === 'share' ? is - was : was === 0 ? (is === 0 ? 0 : 100) : (100 * (is - was)) / was
    const unit = kind === 'share' ? 'pt' : '%'
    return [
      {
        ...{ name, before: TEXTS[kind](was), now: TEXTS[kind](is) },
        change: `${change > 0 ? '+' : ''}${Math.round(change)} ${unit}`.replace('-0', '0'),
        verdict: verdictOf(kind, { change, noise, both }),
      },
    ]
  }
  return [
    ...row('p50', 'time', ({ p50Ms }) => p50Ms),
    ...row('p95', 'time', ({ p95Ms }) => p95Ms),
    ...row('p99', 'time', ({ p99Ms }) => p99Ms),
    ...row('statements per second', 'rate', ({ statementsPerSecond }) => statementsPerSecond),
    ...row('rows written per second', 'rate', ({ writesPerSecond }) => writesPerSecond),
    ...(before.walPerRow === undefined || now.walPerRow === undefined
      ? row('WAL of the server per row written', 'wal', ({ serverWalPerRow }) => serverWalPerRow)
      : row('WAL per row written', 'wal', ({ walPerRow }) => walPerRow)),
    ...row('HOT share', 'share', ({ hotShare }) => hotShare),
    ...row('table', 'size', ({ tableBytes }) => tableBytes),
    ...row('indexes', 'size', ({ indexBytes }) => indexBytes),
    ...row('dead rows', 'rows', ({ deadRows }) => deadRows),
  ]
}

type Kind = 'time' | 'rate' | 'wal' | 'share' | 'size' | 'rows'

const TEXTS: Readonly<Record<Kind, (value: number) => string>> = {
  time: (ms) => `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`,
  rate: (value) => (value < 10 ? value.toFixed(1) : countText(value)),
  wal: bytesText,
  share: (value) => `${Math.round(value)} %`,
  size: bytesText,
  rows: countText,
}

interface Difference {
  readonly change: number
  readonly noise: number
  readonly both: boolean
}

function verdictOf(kind: Kind, { change, noise, both }: Difference): string {
  if (kind === 'time') {
    if (Math.abs(change) <= noise) return `same (noise ${Math.round(noise)} %)`
    // Writes write both; reads have no reason to be slower, and which of the two it is the mean does not tell.
    return change < 0 ? 'faster' : both ? 'slower: expected of writes, not of reads' : 'slower: look at the plans'
  }
  if (Math.abs(change) <= (kind === 'share' ? 5 : LEAST_NOISE)) return 'same'
  if (kind === 'rate') return 'what the application sends'
  if (kind === 'rows') return change > 0 ? 'vacuum takes them away' : 'fewer'
  if (kind === 'share') return change > 0 ? 'better' : 'lower: more updates touch an index'
  if (change < 0) return 'less'
  if (both)
    return kind === 'size'
      ? 'expected: both are stored, until rows are written again after the drop'
      : 'expected while both are written'
  return 'more'
}
