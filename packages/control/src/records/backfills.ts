import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import { rowsWithDates } from './row-dates.ts'

/** The backfill of a migration, and what operators say to it. */
export interface BackfillRecord {
  readonly migration: string
  readonly workers: number
  /** Rows per second at most. */
  readonly rate: number | undefined
  readonly profile: 'gentle' | 'fast'
  readonly paused: boolean
  /** Why it is paused, or waits. */
  readonly reason: string | undefined
  readonly pausedBy: string | undefined
  readonly changedAt: Date
  readonly startedAt: Date
  readonly finishedAt: Date | undefined
}

/** What is left out stays as it is; null is no limit, no reason, not finished. */
export interface BackfillSettings {
  readonly migration: string
  readonly workers?: number | undefined
  readonly rate?: number | null | undefined
  readonly profile?: BackfillRecord['profile'] | undefined
  readonly paused?: boolean | undefined
  readonly reason?: string | null | undefined
  readonly pausedBy?: string | undefined
  readonly finished?: boolean | undefined
}

const BACKFILL_ROW = `json_build_object('migration', b.migration, 'workers', b.workers, 'rate', b.rate, 'profile', b.profile,
  'paused', b.paused, 'reason', b.reason, 'pausedBy', b.paused_by, 'changedAt', b.changed_at, 'startedAt', b.started_at,
  'finishedAt', b.finished_at)`

const SET = `WITH i AS (
  SELECT r.*, $1::text::jsonb AS given FROM jsonb_to_record($1::text::jsonb) AS r(migration text, workers integer,
    rate float8, profile text, paused boolean, reason text, "pausedBy" text, finished boolean)
), b AS (
  INSERT INTO :schema.backfills AS b (migration, workers, rate, profile, paused, reason, paused_by, finished_at)
  SELECT i.migration, coalesce(i.workers, 1), i.rate, coalesce(i.profile, 'gentle'), coalesce(i.paused, false), i.reason,
    CASE WHEN i.paused THEN i."pausedBy" END, CASE WHEN i.finished THEN clock_timestamp() END FROM i
  ON CONFLICT (migration) DO UPDATE SET
    workers = coalesce((SELECT i.workers FROM i), b.workers),
    rate = CASE WHEN (SELECT i.given ? 'rate' FROM i) THEN excluded.rate ELSE b.rate END,
    profile = coalesce((SELECT i.profile FROM i), b.profile),
    paused = coalesce((SELECT i.paused FROM i), b.paused),
    reason = CASE WHEN (SELECT i.given ? 'reason' FROM i) THEN excluded.reason
      WHEN (SELECT NOT i.paused FROM i) THEN NULL ELSE b.reason END,
    paused_by = CASE (SELECT i.paused FROM i) WHEN true THEN excluded.paused_by WHEN false THEN NULL ELSE b.paused_by END,
    finished_at = CASE (SELECT i.finished FROM i) WHEN true THEN excluded.finished_at WHEN false THEN NULL ELSE b.finished_at END,
    changed_at = clock_timestamp()
  RETURNING b.*
)
SELECT json_agg(${BACKFILL_ROW})::text AS found FROM b`

const READ = `SELECT json_agg(${BACKFILL_ROW} ORDER BY b.migration)::text AS found FROM :schema.backfills b
  WHERE ($1::text::jsonb ->> 'migration') IS NULL OR b.migration = $1::text::jsonb ->> 'migration'`

/** Makes the row, or changes it: limits, a pause with its reason, the end. The runner reads it between two batches. */
export async function setBackfill(control: Control, settings: BackfillSettings): Promise<BackfillRecord> {
  const [row] = rowsWithDates<BackfillRecord>(await ask<readonly object[] | null>(control, SET, settings))
  if (row === undefined) throw new RangeError('INSERT returned no row')
  return row
}

export async function readBackfills(control: Control, migration?: string): Promise<readonly BackfillRecord[]> {
  return rowsWithDates(await ask<readonly object[] | null>(control, READ, { migration }))
}
