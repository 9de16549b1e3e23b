import type { Migration } from '@expand-contract/core'
import type { BackfillProgress, BackfillResult, ThrottleReason } from '@expand-contract/runner'
import type { DatabaseFacts } from '../database.ts'
import { bytesText, countText, durationText } from '../output/duration.ts'
import { columnsText } from './mapping-text.ts'

export interface BackfillView {
  readonly migration: Migration
  readonly database: DatabaseFacts
  readonly resumed: boolean
  readonly progress: BackfillProgress
  readonly rate: number | undefined
  readonly secondsLeft: number | undefined
  readonly batch: { readonly ms: number; readonly rows: number; readonly pages: number } | undefined
  readonly waiting: { readonly reason: ThrottleReason; readonly ms: number } | undefined
  readonly waitedMs: number
  readonly runningMs: number
  readonly now: Date
}

const BAR = 40

/** Of blocks, which is exact since the end is fixed. */
const percentOf = ({ blocksDone, blocks }: BackfillProgress): number =>
  blocks === 0 ? 100 : (100 * blocksDone) / blocks

/** `replica db-2 lags 6.2 s, limit 5 s` */
function reasonText({ code, value = 0, limit = 0, detail }: ThrottleReason): string {
  const said = detail === undefined ? '' : `: ${detail}`
  const texts: Readonly<Record<ThrottleReason['code'], string>> = {
    paused: `paused by an operator${said}`,
    replica_lag: `replica ${detail ?? ''} lags ${value.toFixed(1)} s, limit ${limit} s`,
    wal_rate: `WAL ${bytesText(value)}/s, limit ${bytesText(limit)}/s`,
    lock_waits: `${value} sessions wait for a lock on the table, limit ${limit}`,
    oldest_transaction: `oldest transaction ${durationText(value * 1_000)}, limit ${durationText(limit * 1_000)}`,
    active_sessions: `${value} sessions are active, limit ${limit}`,
    query: `your query says so${said}`,
  }
  return texts[code]
}

/** The block that is drawn again while it runs. */
export function backfillScreen(view: BackfillView): string {
  const { migration, database, progress, waiting } = view
  const percent = percentOf(progress)
  const filled = Math.round((BAR * percent) / 100)
  const state =
    waiting === undefined
      ? 'filling'
      : `WAITING for ${durationText(waiting.ms)}: ${reasonText(waiting.reason)}     (waited ${durationText(view.waitedMs)} of ${durationText(view.runningMs)})`
  return [
    `Backfill ${migration.id} on ${database.name} at ${database.host}: ${columnsText(migration)}`,
    ...(view.resumed ? ['Resumed where it stood.'] : []),
    '',
    `  [${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}]  ${percent.toFixed(1)} %   ${countText(progress.rows)} rows filled`,
    `  state    ${state}`,
    `  rate     ${rateText(view)}`,
    `  eta      ${etaText(view).padEnd(27)} blocks ${countText(progress.blocksDone)} of ${countText(progress.blocks)}`,
    ...(progress.failedRows === 0
      ? []
      : [`  passed   ${countText(progress.failedRows)} rows that no value can be found for`]),
    '',
    '  Ctrl-C stops after this batch; the same command resumes.',
    `  Elsewhere: expand-contract pause|resume ${migration.id}`,
  ].join('\n')
}

function rateText({ rate, batch }: BackfillView): string {
  const speed = rate === undefined ? 'not known yet' : `${countText(rate)} rows/s`
  return batch === undefined
    ? speed
    : `${speed.padEnd(26)} batch ${Math.round(batch.ms)} ms, ${countText(batch.rows)} rows`
}

function etaText({ secondsLeft, now }: BackfillView): string {
  if (secondsLeft === undefined) return 'not known yet'
  const end = new Date(now.getTime() + secondsLeft * 1_000)
  return `${durationText(secondsLeft * 1_000)}, at ${end.toISOString().slice(11, 16)} UTC`
}

/** The same in one line, in a fixed order, for a log. */
export function backfillLine({ migration, progress, rate, secondsLeft, batch, waiting }: BackfillView): string {
  const fields = [
    `rows=${progress.rows}`,
    `rate=${rate === undefined ? '-' : Math.round(rate)}/s`,
    `eta=${secondsLeft === undefined ? '-' : `${Math.round(secondsLeft)}s`}`,
    `state=${waiting === undefined ? 'filling' : 'waiting'}`,
    `reason=${waiting === undefined ? '-' : JSON.stringify(reasonText(waiting.reason))}`,
    `batch=${batch === undefined ? '-' : `${Math.round(batch.ms)}ms`}`,
    `failed=${progress.failedRows}`,
    `saved=${progress.blocksDone}`,
  ]
  return `backfill ${migration.id} ${percentOf(progress).toFixed(1)}% ${fields.join(' ')}`
}

export function backfillEnd(id: string, { ended, progress, waitedMs }: BackfillResult, ms: number): string {
  const at = `at ${percentOf(progress).toFixed(1)} %, ${countText(progress.rows)} rows filled`
  const waited = waitedMs < 1_000 ? '' : `; waited ${durationText(waitedMs)}`
  const failed =
    progress.failedRows === 0
      ? ''
      : `\n[! ] ${countText(progress.failedRows)} rows were passed, since no value can be found for them; verify names them.`
  const texts: Readonly<Record<BackfillResult['ended'], string>> = {
    done: `[ok] ${countText(progress.rows)} rows of ${id} are filled, in ${durationText(ms)}${waited}.${failed}`,
    stopped: `Stopped ${id} ${at}. The same command goes on from there.`,
    budget: `The time for ${id} is up ${at}. The same command goes on from there.`,
    taken: `What is left of ${id} is being filled by another worker, ${at}.`,
  }
  return texts[ended]
}
