import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import { rowsWithDates } from './row-dates.ts'

export interface NewVerification {
  readonly migration: string
  /** Of the migration when the pass began. */
  readonly epoch: number
  readonly startedAt: Date
  /** @defaultValue now, by the clock of the server */
  readonly endedAt?: Date | undefined
  readonly rows: number
  /** Rows that differ, by class. */
  readonly counts: Readonly<Record<string, number>>
  /** Keys of some of them, by class; no other values. */
  readonly samples: Readonly<Record<string, readonly unknown[]>>
  /** State of the sync trigger on each member, and the hash of its function. */
  readonly triggers: Readonly<Record<string, unknown>>
  readonly clean: boolean
  readonly who: string
}

/** One pass over all rows of a migration. */
export interface VerificationRecord extends NewVerification {
  readonly id: number
  readonly endedAt: Date
}

const ROW = `json_build_object('id', v.id, 'migration', v.migration, 'epoch', v.epoch, 'startedAt', v.started_at, 'endedAt', v.ended_at,
  'rows', v.rows, 'counts', v.counts, 'samples', v.samples, 'triggers', v.triggers, 'clean', v.clean, 'who', v.who)`

// The clocks of this program and of the server differ, and a pass does not end before it begins.
const RECORD = `WITH v AS (
  INSERT INTO :schema.verifications AS v (migration, epoch, started_at, ended_at, rows, counts, samples, triggers, clean, who)
  SELECT i.migration, i.epoch, i."startedAt", greatest(i."startedAt", coalesce(i."endedAt", clock_timestamp())), i.rows,
    i.counts, i.samples, i.triggers, i.clean, i.who
  FROM jsonb_to_record($1::text::jsonb) AS i(migration text, epoch bigint, "startedAt" timestamptz, "endedAt" timestamptz,
    rows bigint, counts jsonb, samples jsonb, triggers jsonb, clean boolean, who text)
  RETURNING v.*)
SELECT json_agg(${ROW})::text AS found FROM v`

const READ = `SELECT json_agg(${ROW} ORDER BY v.id DESC)::text AS found FROM (
  SELECT v.* FROM :schema.verifications v WHERE v.migration = $1::text::jsonb ->> 'migration'
  ORDER BY v.id DESC LIMIT ($1::text::jsonb ->> 'limit')::bigint) v`

export async function recordVerification(control: Control, pass: NewVerification): Promise<VerificationRecord> {
  const [row] = rowsWithDates<VerificationRecord>(await ask<readonly object[] | null>(control, RECORD, pass))
  if (row === undefined) throw new RangeError('INSERT returned no row')
  return row
}

/** The newest first. */
export async function readVerifications(
  control: Control,
  { migration, limit = 20 }: { readonly migration: string; readonly limit?: number | undefined },
): Promise<readonly VerificationRecord[]> {
  return rowsWithDates(await ask<readonly object[] | null>(control, READ, { migration, limit }))
}
