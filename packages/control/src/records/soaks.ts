import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import type { Operator } from './operator.ts'
import { rowsWithDates } from './row-dates.ts'

/** What the last look at the evidence has left. */
export interface SoakRecord {
  readonly migration: string
  /** Since when nothing has started it again; undefined while it does not run. */
  readonly since: Date | undefined
  readonly lookedAt: Date
  /** What the counter of bypassing writers stood at. */
  readonly bypassed: number
  /** Processes that were silent, and since when, in ISO 8601. */
  readonly silent: Readonly<Record<string, string>>
}

/** Why a soak began again. */
export interface SoakRestart {
  readonly at: Date
  readonly reason: string
  /** In words, with names and counts. */
  readonly detail: string
}

export interface RecordSoak extends Operator {
  readonly migration: string
  readonly since: Date | undefined
  /** By the clock of the server. */
  readonly lookedAt: Date
  readonly bypassed: number
  readonly silent: Readonly<Record<string, string>>
  readonly restarts: readonly SoakRestart[]
}

const ROW = `json_build_object('migration', s.migration, 'since', s.since, 'lookedAt', s.looked_at, 'bypassed', s.bypassed,
  'silent', s.silent)`

// What another one has seen meanwhile is told once.
const RECORD = `WITH i AS (
  SELECT * FROM jsonb_to_record($1::text::jsonb) AS i(migration text, since timestamptz, "lookedAt" timestamptz, bypassed bigint,
    silent jsonb, restarts jsonb, who text, host text, version text)
), s AS (
  INSERT INTO :schema.soaks AS s (migration, since, looked_at, bypassed, silent)
  SELECT i.migration, i.since, i."lookedAt", i.bypassed, i.silent FROM i
  ON CONFLICT (migration) DO UPDATE SET since = excluded.since, looked_at = excluded.looked_at, bypassed = excluded.bypassed,
    silent = excluded.silent
  WHERE s.looked_at <= excluded.looked_at
  RETURNING s.*
), told AS (
  INSERT INTO :schema.events (migration, kind, who, host, version, figures)
  SELECT i.migration, 'soak-restarted', i.who, i.host, i.version, r.restart FROM i, s,
    jsonb_array_elements(i.restarts) AS r(restart)
  WHERE NOT EXISTS (SELECT FROM :schema.events e WHERE e.migration = i.migration AND e.kind = 'soak-restarted'
    AND e.figures ->> 'at' = r.restart ->> 'at' AND e.figures ->> 'reason' = r.restart ->> 'reason')
)
SELECT json_agg(${ROW})::text AS found FROM s`

const READ = `SELECT json_agg(${ROW})::text AS found FROM :schema.soaks s WHERE s.migration = $1::text::jsonb ->> 'migration'`

/** Writes down what a look at the evidence has found; undefined where another one has looked later. */
export async function recordSoak(control: Control, soak: RecordSoak): Promise<SoakRecord | undefined> {
  const input = { ...soak, since: soak.since ?? null }
  return rowsWithDates<SoakRecord>(await ask<readonly object[] | null>(control, RECORD, input))[0]
}

export async function readSoak(control: Control, migration: string): Promise<SoakRecord | undefined> {
  return rowsWithDates<SoakRecord>(await ask<readonly object[] | null>(control, READ, { migration }))[0]
}
