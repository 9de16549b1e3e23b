import { type Figures, mergeFigures, quantile } from './figures.ts'
import type { StageResult } from './show.ts'

/** The last line of the demo, for programs. */
export interface Summary {
  readonly failedStatements: number
  readonly mismatchedRows: number
  /** From switching the flags on to the last read from an old column, over all processes. */
  readonly flipToNewMs: number
  /** From switching the flags off to the last read from a new column, over all processes. */
  readonly flipBackMs: number
  readonly statements: number
  readonly mixedRequests: number
  /** Reads from a new column before the read switch was open. */
  readonly earlyReads: number
  /** Rows that are missing at the end, or are not what the application wrote last. */
  readonly rowsLost: number
  /** How long the way back took, by the phase that it led out of. */
  readonly rollbackMs: Readonly<Record<string, number>>
}

/** What is known when the traffic has ended. */
export interface TheEnd extends Pick<Summary, 'rowsLost' | 'rollbackMs'> {
  /** Of the requests that were under way behind the last stage. */
  readonly last: Figures
}

/** Each is left backwards once. */
const LEFT_BACKWARDS = ['expand', 'switch', 'contract', 'hold', 'dropped']

interface Flip {
  readonly firstMs: number
  readonly lastMs: number
}

export function summarise(results: readonly StageResult[], { last, rowsLost, rollbackMs }: TheEnd): Summary {
  const all = mergeFigures([...results.map(({ figures }) => figures), last])
  return {
    failedStatements: all.failures.length,
    mismatchedRows: results.reduce((sum, { mismatched }) => sum + mismatched, 0),
    flipToNewMs: flip(results, 'on again').lastMs,
    flipBackMs: flip(results, 'rolled back').lastMs,
    statements: all.latenciesMs.length,
    mixedRequests: all.mixed,
    earlyReads: results.reduce((sum, { earlyReads }) => sum + earlyReads, 0),
    rowsLost,
    rollbackMs,
  }
}

/** Also false when a flip or a way back was never seen, or nothing ran. */
export function isClean({ statements, flipToNewMs, flipBackMs, rollbackMs, ...counts }: Summary): boolean {
  const seen = statements > 0 && Number.isFinite(flipToNewMs) && Number.isFinite(flipBackMs)
  const back = LEFT_BACKWARDS.every((phase) => Number.isFinite(rollbackMs[phase]))
  return seen && back && Object.values(counts).every((count) => count === 0)
}

export function printReport(results: readonly StageResult[], { last, rowsLost, rollbackMs }: TheEnd): void {
  const rows = results.map(({ name, seconds, figures, shareAtEnd, mismatched }) => [
    name,
    seconds.toFixed(1),
    String(figures.latenciesMs.length),
    String(figures.failures.length),
    String(mismatched),
    String(figures.mixed),
    quantile(figures.latenciesMs, 0.5).toFixed(2),
    quantile(figures.latenciesMs, 0.95).toFixed(2),
    `${(100 * shareAtEnd).toFixed(0)} %`,
  ])
  const heads = [
    'stage',
    'seconds',
    'statements',
    'failed',
    'mismatched',
    'mixed',
    'p50 ms',
    'p95 ms',
    'reads new at end',
  ]
  console.log(`\n${table([heads, ...rows])}`)
  for (const [stage, to] of [
    ['rolled back', 'old'],
    ['on again', 'new'],
  ] as const) {
    const { firstMs, lastMs } = flip(results, stage)
    console.log(
      `Flip to the ${to} columns: first such read ${firstMs} ms after the flags were changed, last other read after ${lastMs} ms.`,
    )
  }
  for (const [phase, ms] of Object.entries(rollbackMs)) console.log(`Back from ${phase}: ${ms} ms.`)
  console.log(`${rowsLost} rows are missing, or are not what the application wrote last.`)
  for (const { name, figures } of [...results, { name: 'the end', figures: last }])
    for (const [why, count] of countByText(figures.failures)) console.log(`Failed in "${name}", ${count} times: ${why}`)
}

/** NaN where no read of the other side was seen. */
function flip(results: readonly StageResult[], stage: 'rolled back' | 'on again'): Flip {
  const result = results.find(({ name }) => name === stage)
  const [to, from] = stage === 'on again' ? (['new', 'old'] as const) : (['old', 'new'] as const)
  const since = (at: number | undefined): number =>
    Math.round((at ?? Number.NaN) - (result?.flagsChangedAt ?? Number.NaN))
  return { firstMs: since(result?.figures.reads[to].firstAt), lastMs: since(result?.figures.reads[from].lastAt) }
}

function countByText(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  const [heads = [], ...body] = rows.map(line)
  return [heads, '-'.repeat(heads.length), ...body].join('\n')
}
