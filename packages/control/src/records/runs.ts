import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import { DEFAULT_LEASE_TTL_MS } from './leases.ts'
import { rowsWithDates } from './row-dates.ts'

/** Which run: two workers with one token work at one, and two tokens are two runs. */
export interface RunKey {
  readonly migration: string
  /** `verify` */
  readonly operation: string
  readonly leaseToken: string
}

/** How far an operation is that is done in steps. */
export interface RunRecord<Cursor> extends RunKey {
  /** Raised with each step. */
  readonly serial: number
  /** Where it goes on. */
  readonly cursor: Cursor
  readonly worker: string
  readonly startedAt: Date
  readonly changedAt: Date
  readonly finishedAt: Date | undefined
}

const RUN_ROW = `json_build_object('migration', r.migration, 'operation', r.operation, 'leaseToken', r.lease_token, 'serial', r.serial,
  'cursor', r.cursor, 'worker', r.worker, 'startedAt', r.started_at, 'changedAt', r.changed_at, 'finishedAt', r.finished_at)`

const INPUT = `jsonb_to_record($1::text::jsonb) AS i(migration text, operation text, "leaseToken" uuid, serial bigint, cursor jsonb,
  worker text, finished boolean, exclusive boolean, "ttlMs" float8)`

const SAME = 'r.migration = i.migration AND r.operation = i.operation AND r.lease_token = i."leaseToken"'

const BEGIN = `WITH old AS (
  DELETE FROM :schema.runs r USING ${INPUT} WHERE r.migration = i.migration AND r.changed_at < clock_timestamp() - interval '1 day'
    AND NOT (r.operation = i.operation AND r.lease_token = i."leaseToken")
), r AS (
  INSERT INTO :schema.runs AS r (migration, operation, lease_token, cursor, worker)
  SELECT i.migration, i.operation, i."leaseToken", i.cursor, i.worker FROM ${INPUT}
  ON CONFLICT (migration, operation, lease_token) DO NOTHING RETURNING r.*)
SELECT json_agg(${RUN_ROW})::text AS found FROM r`

const READ = `SELECT json_agg(${RUN_ROW})::text AS found FROM :schema.runs r, ${INPUT} WHERE ${SAME}`

const ADVANCE = `WITH i AS (SELECT * FROM ${INPUT}), held AS (
  UPDATE :schema.leases l SET until = greatest(l.until, clock_timestamp() + make_interval(secs => i."ttlMs" / 1000))
  FROM i WHERE i.exclusive AND l.migration = i.migration AND l.token = i."leaseToken" RETURNING 1
), r AS (
  UPDATE :schema.runs r SET serial = r.serial + 1, cursor = i.cursor, changed_at = clock_timestamp(),
    finished_at = CASE WHEN i.finished THEN clock_timestamp() END
  FROM i WHERE ${SAME} AND r.serial = i.serial AND r.finished_at IS NULL AND (NOT i.exclusive OR EXISTS (SELECT FROM held))
  RETURNING r.*)
SELECT json_agg(${RUN_ROW})::text AS found FROM r`

const FORGET = `WITH r AS (DELETE FROM :schema.runs r USING ${INPUT} WHERE ${SAME} RETURNING 1) SELECT count(*)::text AS found FROM r`

/** undefined where it has begun already. What ended, or was left, a day ago is forgotten. */
export async function beginRun<Cursor>(
  control: Control,
  run: RunKey & { readonly cursor: Cursor; readonly worker: string },
): Promise<RunRecord<Cursor> | undefined> {
  return rowsWithDates<RunRecord<Cursor>>(await ask<readonly object[] | null>(control, BEGIN, run))[0]
}

export async function readRun<Cursor>(control: Control, key: RunKey): Promise<RunRecord<Cursor> | undefined> {
  return rowsWithDates<RunRecord<Cursor>>(await ask<readonly object[] | null>(control, READ, key))[0]
}

export interface AdvanceRun<Cursor> extends RunKey {
  /** That of the run when this step began. */
  readonly serial: number
  readonly cursor: Cursor
  /** It is at its end. @defaultValue false */
  readonly finished?: boolean
  /** The operator's lease of the migration must have this token, and is renewed. @defaultValue false */
  readonly exclusive?: boolean
  /** @defaultValue 30_000 */
  readonly ttlMs?: number | undefined
}

/**
 * Moves the cursor: to be sent in the transaction of what was done. undefined when another worker has moved it, or has taken the lease: then
 * the transaction must be rolled back.
 */
export async function advanceRun<Cursor>(
  control: Control,
  advance: AdvanceRun<Cursor>,
): Promise<RunRecord<Cursor> | undefined> {
  const input = { finished: false, exclusive: false, ttlMs: DEFAULT_LEASE_TTL_MS, ...advance }
  return rowsWithDates<RunRecord<Cursor>>(await ask<readonly object[] | null>(control, ADVANCE, input))[0]
}

/** False where there was none. */
export async function forgetRun(control: Control, key: RunKey): Promise<boolean> {
  return (await ask<number>(control, FORGET, key)) > 0
}
