import { type Migration, shellWord } from '@expand-contract/core'
import type { BackfillProgress, BackfillResult } from '@expand-contract/runner'
import type { DatabaseFacts } from '../database.ts'
import { msText } from '../measure/compare.ts'
import type { Traffic } from '../measure/traffic.ts'
import { bytesText, countText, durationText, timeText } from '../output/duration.ts'
import { hanging, padded } from './layout.ts'
import { columnsText } from './mapping-text.ts'
import type { ScreenOptions } from './screen.ts'
import { limitText, reasonText, type Throttled } from './throttle-text.ts'

/** How the server is, as the backfill has seen it last. */
export interface BackfillLoad {
  readonly walBytesPerSecond?: number | undefined
  readonly activeSessions?: number | undefined
  readonly lockWaits?: number | undefined
  readonly oldestTransactionSeconds?: number | undefined
}

export interface BackfillView {
  readonly migration: Migration
  readonly database: DatabaseFacts
  /** Where it stood at the beginning; undefined: it began anew. */
  readonly resumed:
    | { readonly block: number; readonly by?: string | undefined; readonly at?: Date | undefined }
    | undefined
  readonly progress: BackfillProgress
  /** Rows of the table, as the statistics have it; undefined where they say nothing. */
  readonly tableRows: number | undefined
  /** Rows per second of the last minutes, and of the last one. */
  readonly rate: number | undefined
  readonly lastMinute: number | undefined
  /** With what it has waited in the last minutes. */
  readonly secondsLeft: number | undefined
  readonly batch: { readonly ms: number; readonly rows: number } | undefined
  readonly workers: number
  readonly waiting: { readonly reason: Throttled; readonly ms: number } | undefined
  readonly waitedMs: number
  readonly runningMs: number
  readonly load: BackfillLoad
  readonly limits: BackfillLoad
  /** How long the statements of the applications take now; undefined where no process has counted enough of them. */
  readonly traffic: Traffic | undefined
  /** When the cursor was committed last. */
  readonly savedAt: Date | undefined
  readonly now: Date
}

const BAR = 40

/** Of blocks, which is exact since the end is fixed. */
const percentOf = ({ blocksDone, blocks }: Pick<BackfillProgress, 'blocksDone' | 'blocks'>): number =>
  blocks === 0 ? 100 : (100 * blocksDone) / blocks

/** The block that is drawn again while it runs. */
export function backfillScreen(view: BackfillView, { width }: ScreenOptions): string {
  const { migration, database, progress, workers } = view
  const { blocksDone, blocks } = progress
  const percent = percentOf(progress)
  const bar = Math.min(BAR, width - 40)
  const filled = Math.floor((bar * percent) / 100)
  const of = view.tableRows === undefined ? '' : ` of about ${countText(view.tableRows)}`
  const field = (name: string, text: string): string => hanging(`  ${name.padEnd(9)}`, text, width)
  const pair = (first: string, ...others: readonly string[]): string =>
    [padded(first, 38), ...others].join('   ').trimEnd()
  const { batch } = view
  const batchText = batch === undefined ? '' : `batch ${Math.round(batch.ms)} ms, ${countText(batch.rows)} rows`
  return [
    hanging('', `Backfill ${migration.id} on ${database.name} at ${database.host}: ${columnsText(migration)}`, width),
    ...resumedText(view).map((line) => hanging('', line, width)),
    '',
    `  [${'#'.repeat(filled)}${'-'.repeat(bar - filled)}]  ${percent.toFixed(1)} %`,
    field('rows', `${countText(progress.rows)}${of}`),
    field('state', stateText(view)),
    field('rate', pair(rateText(view), batchText, `workers ${workers}`)),
    field('eta', pair(etaText(view), `blocks ${countText(blocksDone)} of ${countText(blocks)}`)),
    ...loadText(view).map((text) => field('load', text)),
    ...trafficText(view).map((text) => field('traffic', text)),
    field('saved', savedText(view)),
    ...(progress.failedRows === 0
      ? []
      : [field('passed', `[! ] ${countText(progress.failedRows)} rows that no value can be found for`)]),
    '',
    '  Ctrl-C stops after this batch; the same command resumes.',
    hanging('  Elsewhere: ', `expand-contract pause|resume ${shellWord(migration.id)}`, width),
    '  Limits: --max-lag --max-wal --rate --workers',
  ].join('\n')
}

function resumedText({ resumed, progress: { blocks } }: BackfillView): readonly string[] {
  if (resumed === undefined) return []
  const { block, by, at } = resumed
  const stopped = by === undefined ? '' : `; stopped by ${by}${at === undefined ? '' : ` at ${timeText(at)}`}`
  const percent = percentOf({ blocksDone: block, blocks }).toFixed(1)
  return [`Resumed at block ${countText(block)} of ${countText(blocks)} (${percent} %)${stopped}`]
}

function stateText({ waiting, waitedMs, runningMs }: BackfillView): string {
  const waited = waitedMs < 1_000 ? '' : `   (waited ${durationText(waitedMs)} of ${durationText(runningMs)})`
  if (waiting === undefined) return `filling${waited}`
  return `WAITING for ${durationText(waiting.ms)}: ${reasonText(waiting.reason)}${waited}`
}

function rateText({ rate, lastMinute }: BackfillView): string {
  if (rate === undefined) return 'not known yet'
  const minute = lastMinute === undefined ? '' : `, last minute ${countText(lastMinute)}`
  return `${countText(rate)} rows/s${minute}`
}

function etaText({ secondsLeft, now }: BackfillView): string {
  if (secondsLeft === undefined) return 'not known yet'
  const end = new Date(now.getTime() + secondsLeft * 1_000)
  return `${durationText(secondsLeft * 1_000)}, at ${end.toISOString().slice(11, 16)} UTC`
}

/** Figures that are not known, since the role may not see them, are left out. */
function loadText({ load, limits }: BackfillView): readonly string[] {
  const parts = [
    load.walBytesPerSecond === undefined
      ? undefined
      : `WAL ${limitText(`${bytesText(load.walBytesPerSecond)}/s`, limits.walBytesPerSecond, (limit) => `${bytesText(limit)}/s`)}`,
    load.activeSessions === undefined
      ? undefined
      : `active ${limitText(countText(load.activeSessions), limits.activeSessions, countText)}`,
    load.lockWaits === undefined ? undefined : `lock waits ${countText(load.lockWaits)}`,
    load.oldestTransactionSeconds === undefined
      ? undefined
      : `oldest transaction ${durationText(load.oldestTransactionSeconds * 1_000)}`,
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? [] : [parts.join('   ')]
}

const trafficText = ({ traffic, migration }: BackfillView): readonly string[] =>
  traffic === undefined
    ? []
    : [
        `p95 of ${migration.table.name} ${msText(traffic.p95Ms)}, ${timesText(traffic.ratio)} of before (${msText(traffic.beforeMs)})`,
      ]

const timesText = (ratio: number): string => `${ratio.toFixed(2)} x`

const savedText = ({ savedAt, progress, now }: BackfillView): string =>
  savedAt === undefined
    ? 'nothing yet'
    : `block ${countText(progress.blocksDone)}, ${durationText(Math.max(0, now.getTime() - savedAt.getTime()))} ago`

/** The same in one line, in a fixed order, for a log. */
export function backfillLine(view: BackfillView): string {
  const { migration, progress, rate, secondsLeft, batch, waiting, load, traffic } = view
  const wal = load.walBytesPerSecond
  const fields = [
    `rows=${progress.rows}`,
    `rate=${rate === undefined ? '-' : Math.round(rate)}/s`,
    `eta=${
      secondsLeft === undefined
        ? '-'
        : durationText(secondsLeft * 1_000)
            .replaceAll(' ', '')
            .replace('min', 'm')
    }`,
    `state=${waiting === undefined ? 'filling' : 'waiting'}`,
    `reason=${waiting === undefined ? '-' : JSON.stringify(reasonText(waiting.reason))}`,
    `batch=${batch === undefined ? '-' : `${Math.round(batch.ms)}ms`}`,
    `wal=${wal === undefined ? '-' : `${bytesText(wal).replace(' ', '')}/s`}`,
    `p95=${traffic === undefined ? '-' : `${traffic.ratio.toFixed(2)}x`}`,
    `failed=${progress.failedRows}`,
    `saved=${progress.blocksDone}`,
  ]
  return `backfill ${migration.id} ${percentOf(progress).toFixed(1)}% ${fields.join(' ')}`
}

export interface BackfillEndView {
  readonly id: string
  readonly result: BackfillResult
  readonly ms: number
  /** For whom it has waited: `replica db-2 lags 6.2 s, limit 5 s`. */
  readonly waitedFor?: string | undefined
  /** The most that statements of the applications have taken, against before. @defaultValue not known */
  readonly mostTraffic?: number | undefined
}

export function backfillEnd(
  { id, result, ms, waitedFor, mostTraffic }: BackfillEndView,
  { width }: ScreenOptions,
): string {
  const { ended, progress, waitedMs } = result
  const at = `at ${percentOf(progress).toFixed(1)} %, ${countText(progress.rows)} rows filled`
  const rate = ms < 1_000 ? '' : `, ${countText((progress.rows * 1_000) / ms)} rows/s`
  const why = waitedFor === undefined ? '' : `, last for: ${waitedFor}`
  const waited = waitedMs < 1_000 ? '' : `; waited ${durationText(waitedMs)}${why}`
  const traffic = mostTraffic === undefined ? '' : `; p95 at most ${timesText(mostTraffic)} of before`
  const texts: Readonly<Record<BackfillResult['ended'], string>> = {
    done: `[ok] ${countText(progress.rows)} rows of ${id} are filled, in ${durationText(ms)}${rate}${waited}${traffic}.`,
    stopped: `Stopped ${id} ${at}. The same command goes on from there.`,
    budget: `The time for ${id} is up ${at}. The same command goes on from there.`,
    taken: `What is left of ${id} is being filled by another worker, ${at}.`,
  }
  const failed = `[! ] ${countText(progress.failedRows)} rows were passed, since no value can be found for them; verify names them.`
  return [hanging('', texts[ended], width), ...(progress.failedRows === 0 ? [] : [hanging('', failed, width)])].join(
    '\n',
  )
}
