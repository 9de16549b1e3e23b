import { bytesText, countText } from '../output/duration.ts'
import type { LatencyFigures } from './latency-figures.ts'
import type { Measurement } from './measurement.ts'

/** One row: what it was, is, and what to think of it. */
export interface Compared {
  readonly name: string
  readonly before: string
  readonly now: string
  readonly change: string
  readonly verdict: string
  /** It is worse than before by more than noise: since both columns are written, or for a reason that is to be found. */
  readonly worse?: 'expected' | 'unexpected'
}

export const COMPARED_HEADS = ['before', 'now', 'change', 'verdict'] as const

export const comparedCells = ({ name, before, now, change, verdict }: Compared): readonly string[] => [
  ...[name, before, now, change, verdict],
]

/** What a difference below which is no difference: percent, whatever the samples say. */
const LEAST_NOISE = 2
/** A bucket of a histogram is so wide. */
const BUCKET = 6.25
/** Both columns are in each row, and each write writes both. */
const BOTH: ReadonlySet<string> = new Set(['expand', 'switch', 'contract', 'hold'])

export function compare(before: Measurement, now: Measurement): readonly Compared[] {
  const both = BOTH.has(now.phase) && !BOTH.has(before.phase)
  const means = noiseOf([before.noise, now.noise], LEAST_NOISE)
  const rowWith =
    (noise: number, few = false) =>
    (name: string, kind: Kind, of: (each: Measurement) => number | undefined): readonly Compared[] => {
      const [was, is] = [of(before), of(now)]
      if (was === undefined || is === undefined) return []
      const change = kind === 'share' ? is - was : was === 0 ? (is === 0 ? 0 : 100) : (100 * (is - was)) / was
      const unit = kind === 'share' ? 'pt' : '%'
      return [
        {
          ...{ name, before: TEXTS[kind](was), now: TEXTS[kind](is) },
          change: `${change > 0 ? '+' : ''}${Math.round(change)} ${unit}`.replace('-0', '0'),
          ...(few ? { verdict: 'too few statements to tell' } : verdictOf(kind, { change, noise, both })),
        },
      ]
    }
  const row = rowWith(means)
  const latencies = (kind: 'read' | 'write'): readonly Compared[] => {
    const [was, is] = [before.sessions?.[kind], now.sessions?.[kind]]
    if (was === undefined || is === undefined) return []
    return [
      ...PERCENTILES.flatMap(({ name, part, of }) =>
        rowWith(noiseOf([was.noise[name], is.noise[name]], BUCKET), isFew(was, part) || isFew(is, part))(
          `${kind}s ${name}`,
          kind,
          ({ sessions }) => sessions?.[kind] && of(sessions[kind]),
        ),
      ),
      ...row(`${kind}s per second`, 'rate', ({ sessions }) => sessions?.[kind]?.perSecond),
    ]
  }
  return [
    ...latencies('read'),
    ...latencies('write'),
    ...row('p50 of means', 'mean', ({ p50Ms }) => p50Ms),
    ...row('p95 of means', 'mean', ({ p95Ms }) => p95Ms),
    ...row('p99 of means', 'mean', ({ p99Ms }) => p99Ms),
    ...row('statements per second', 'rate', ({ statementsPerSecond }) => statementsPerSecond),
    ...row('rows written per second', 'rate', ({ writesPerSecond }) => writesPerSecond),
    ...row('rows written per write', 'factor', ({ rowsPerWrite }) => rowsPerWrite),
    ...(before.walPerRow === undefined || now.walPerRow === undefined
      ? row('WAL of the server per row written', 'wal', ({ serverWalPerRow }) => serverWalPerRow)
      : row('WAL per row written', 'wal', ({ walPerRow }) => walPerRow)),
    ...row('HOT share', 'share', ({ hotShare }) => hotShare),
    ...row('table', 'size', ({ tableBytes }) => tableBytes),
    ...row('indexes', 'size', ({ indexBytes }) => indexBytes),
    ...row('dead rows', 'rows', ({ deadRows }) => deadRows),
  ]
}

const PERCENTILES: readonly {
  readonly name: 'p50' | 'p95' | 'p99'
  readonly part: number
  readonly of: (figures: LatencyFigures) => number
}[] = [
  { name: 'p50', part: 0.5, of: ({ p50Ms }) => p50Ms },
  { name: 'p95', part: 0.95, of: ({ p95Ms }) => p95Ms },
  { name: 'p99', part: 0.99, of: ({ p99Ms }) => p99Ms },
]

const noiseOf = (found: readonly (number | undefined)[], least: number): number =>
  Math.max(least, ...found.map((each) => 2 * (each ?? 0)))

/** A percentile needs some statements beyond it. */
const isFew = ({ count }: LatencyFigures, part: number): boolean => count * (1 - part) < 5

type Kind = 'read' | 'write' | 'mean' | 'rate' | 'factor' | 'wal' | 'share' | 'size' | 'rows'

/** `0.41 ms`. */
export const msText = (ms: number): string => `${ms < 10 ? ms.toFixed(2) : countText(ms)} ms`

/** `1,204`, and `3.1` of what is small. */
export const rateText = (value: number): string => (value < 10 ? value.toFixed(1) : countText(value))

const TEXTS: Readonly<Record<Kind, (value: number) => string>> = {
  ...{ read: msText, write: msText, mean: msText, rate: rateText, wal: bytesText, size: bytesText, rows: countText },
  factor: (value) => value.toFixed(2),
  share: (value) => `${Math.round(value)} %`,
}

interface Difference {
  readonly change: number
  readonly noise: number
  readonly both: boolean
}

type Verdict = Pick<Compared, 'verdict' | 'worse'>

function verdictOf(kind: Kind, difference: Difference): Verdict {
  const { change, both } = difference
  if (kind === 'read' || kind === 'write' || kind === 'mean') return ofTime(kind, difference)
  if (Math.abs(change) <= (kind === 'share' || kind === 'factor' ? 5 : LEAST_NOISE)) return { verdict: 'same' }
  if (kind === 'rate') return { verdict: 'what the application sends' }
  if (kind === 'rows') return { verdict: change > 0 ? 'vacuum takes them away' : 'fewer' }
  if (kind === 'share')
    return change > 0
      ? { verdict: 'better' }
      : { verdict: 'lower: more updates touch an index', worse: both ? 'expected' : 'unexpected' }
  if (change < 0) return { verdict: 'less' }
  if (kind === 'factor') return { verdict: 'more: larger statements, or a trigger that writes again' }
  if (both)
    return kind === 'size'
      ? { verdict: 'expected: both are stored, until rows are written again after the drop', worse: 'expected' }
      : { verdict: 'expected while both are written', worse: 'expected' }
  return { verdict: 'more' }
}

function ofTime(kind: 'read' | 'write' | 'mean', { change, noise, both }: Difference): Verdict {
  if (Math.abs(change) <= noise) return { verdict: `same (noise ${Math.round(noise)} %)` }
  if (change < 0) return { verdict: 'faster' }
  // Writes write both; reads have no reason to be slower, and which of the two it is a mean does not tell.
  if (kind === 'mean')
    return { verdict: both ? 'slower: expected of writes, not of reads' : 'slower: look at the plans' }
  return kind === 'write' && both
    ? { verdict: 'slower: expected while both are written', worse: 'expected' }
    : { verdict: 'slower: look at the plans', worse: 'unexpected' }
}

export interface Verdicts {
  readonly before: string
  readonly now: string
  readonly compared: readonly Compared[]
}

/** All of it in plain words, each a sentence with a mark. */
export function verdictLines({ before, now, compared }: Verdicts): readonly (readonly [mark: string, text: string])[] {
  const told = (worse: Compared['worse']): string =>
    compared
      .filter((each) => each.worse === worse)
      .map(({ name, change }) => `${name} ${change}`)
      .join(', ')
  const [unexpected, expected] = [told('unexpected'), told('expected')]
  const timed = compared.some(({ name }) => /^(?:reads|writes) p/u.test(name))
  return [
    ...(unexpected === ''
      ? timed
        ? [['[ok]', `Nothing is slower in ${now} than in ${before} without a known reason.`] as const]
        : []
      : [['[! ]', `Worse in ${now} than in ${before} by more than noise: ${unexpected}.`] as const]),
    ...(expected === ''
      ? []
      : [['[  ]', `What both columns cost, until the old one is dropped: ${expected}.`] as const]),
  ]
}
