import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import { rowsWithDates } from './row-dates.ts'

/** A range of blocks of one member of the table, which one worker goes through. */
export interface BackfillRange {
  readonly migration: string
  /** The table, partition or child: `public.users`. */
  readonly relation: string
  readonly part: number
  /** The file that the blocks are of. */
  readonly relfilenode: number
  readonly firstBlock: number
  /** Behind the last one. */
  readonly endBlock: number
  /** All blocks before it are done. */
  readonly cursorBlock: number
  readonly rows: number
  readonly leaseToken: string | undefined
  readonly leaseUntil: Date | undefined
  readonly worker: string | undefined
  readonly startedAt: Date
  readonly changedAt: Date
  readonly finishedAt: Date | undefined
}

export type NewRange = Pick<BackfillRange, 'relation' | 'part' | 'relfilenode' | 'firstBlock' | 'endBlock'>

const RANGE_ROW = `json_build_object('migration', r.migration, 'relation', r.relation, 'part', r.part,
  'relfilenode', r.relfilenode, 'firstBlock', r.first_block, 'endBlock', r.end_block, 'cursorBlock', r.cursor_block,
  'rows', r.rows, 'leaseToken', r.lease_token, 'leaseUntil', r.lease_until, 'worker', r.worker, 'startedAt', r.started_at,
  'changedAt', r.changed_at, 'finishedAt', r.finished_at)`

const ADD = `WITH r AS (
  INSERT INTO :schema.backfill_ranges AS r (migration, relation, part, relfilenode, first_block, end_block, cursor_block, finished_at)
  SELECT $1::text::jsonb ->> 'migration', i.relation, i.part, i.relfilenode, i."firstBlock", i."endBlock", i."firstBlock",
    CASE WHEN i."firstBlock" = i."endBlock" THEN clock_timestamp() END
  FROM jsonb_to_recordset($1::text::jsonb -> 'ranges') AS i(relation text, part integer, relfilenode bigint,
    "firstBlock" bigint, "endBlock" bigint)
  ON CONFLICT (migration, relation, part) DO NOTHING RETURNING r.*)
SELECT json_agg(${RANGE_ROW} ORDER BY r.relation, r.part)::text AS found FROM r`

const READ = `SELECT json_agg(${RANGE_ROW} ORDER BY r.relation, r.part)::text AS found FROM :schema.backfill_ranges r
  WHERE r.migration = $1::text::jsonb ->> 'migration'`

const CLAIM = `WITH i AS (
  SELECT * FROM jsonb_to_record($1::text::jsonb) AS i(migration text, token uuid, worker text, "ttlMs" float8)
), free AS (
  SELECT r.migration, r.relation, r.part FROM :schema.backfill_ranges r, i
  WHERE r.migration = i.migration AND r.finished_at IS NULL
    AND (r.lease_token IS NULL OR r.lease_until <= clock_timestamp() OR r.lease_token = i.token)
  ORDER BY r.relation, r.part LIMIT 1 FOR UPDATE OF r SKIP LOCKED
), r AS (
  UPDATE :schema.backfill_ranges r SET lease_token = i.token, worker = i.worker,
    lease_until = clock_timestamp() + make_interval(secs => i."ttlMs" / 1000)
  FROM free, i WHERE r.migration = free.migration AND r.relation = free.relation AND r.part = free.part RETURNING r.*
)
SELECT json_agg(${RANGE_ROW})::text AS found FROM r`

const ADVANCE = `WITH r AS (
  UPDATE :schema.backfill_ranges r SET cursor_block = i."cursorBlock", rows = r.rows + i.rows, changed_at = clock_timestamp(),
    lease_until = clock_timestamp() + make_interval(secs => i."ttlMs" / 1000),
    finished_at = CASE WHEN i."cursorBlock" = r.end_block THEN clock_timestamp() END
  FROM jsonb_to_record($1::text::jsonb) AS i(migration text, relation text, part integer, relfilenode bigint, token uuid,
    "fromBlock" bigint, "cursorBlock" bigint, rows bigint, "ttlMs" float8)
  WHERE r.migration = i.migration AND r.relation = i.relation AND r.part = i.part AND r.lease_token = i.token
    AND r.relfilenode = i.relfilenode AND r.cursor_block = i."fromBlock"
  RETURNING r.*)
SELECT json_agg(${RANGE_ROW})::text AS found FROM r`

const CLEAR = `WITH gone AS (
  DELETE FROM :schema.backfill_ranges r USING jsonb_to_record($1::text::jsonb) AS i(migration text, relation text)
  WHERE r.migration = i.migration AND (i.relation IS NULL OR r.relation = i.relation) RETURNING 1)
SELECT count(*)::text AS found FROM gone`

const RELEASE = `WITH r AS (
  UPDATE :schema.backfill_ranges r SET lease_token = NULL, lease_until = NULL, worker = NULL
  FROM jsonb_to_record($1::text::jsonb) AS i(migration text, token uuid)
  WHERE r.migration = i.migration AND r.lease_token = i.token RETURNING 1)
SELECT count(*)::text AS found FROM r`

/** Adds the ranges that are not there yet, and returns those; the others stay as they are. */
export async function addRanges(
  control: Control,
  input: { readonly migration: string; readonly ranges: readonly NewRange[] },
): Promise<readonly BackfillRange[]> {
  return rowsWithDates(await ask<readonly object[] | null>(control, ADD, input))
}

export async function readRanges(control: Control, migration: string): Promise<readonly BackfillRange[]> {
  return rowsWithDates(await ask<readonly object[] | null>(control, READ, { migration }))
}

export interface ClaimRange {
  readonly migration: string
  /** Of this worker. */
  readonly token: string
  readonly worker: string
  /** @defaultValue 30_000 */
  readonly ttlMs?: number | undefined
}

/** A range that is not done and that nobody has, for this worker; undefined when there is none. */
export async function claimRange(control: Control, claim: ClaimRange): Promise<BackfillRange | undefined> {
  const found = await ask<readonly object[] | null>(control, CLAIM, { ttlMs: DEFAULT_TTL_MS, ...claim })
  return rowsWithDates<BackfillRange>(found)[0]
}

export interface AdvanceRange extends Pick<BackfillRange, 'migration' | 'relation' | 'part' | 'relfilenode'> {
  readonly token: string
  /** Where the cursor was when the batch began. */
  readonly fromBlock: number
  readonly cursorBlock: number
  /** That this batch has filled. */
  readonly rows: number
  /** @defaultValue 30_000 */
  readonly ttlMs?: number | undefined
}

/**
 * Moves the cursor: to be sent in the transaction of the rows. undefined when the range is not this worker's any more, or has
 * begun again: then the transaction must be rolled back.
 */
export async function advanceRange(control: Control, advance: AdvanceRange): Promise<BackfillRange | undefined> {
  const found = await ask<readonly object[] | null>(control, ADVANCE, { ttlMs: DEFAULT_TTL_MS, ...advance })
  return rowsWithDates<BackfillRange>(found)[0]
}

/** Gives back what a worker has, before its leases end. Returns how many ranges. */
export function releaseRanges(
  control: Control,
  lease: { readonly migration: string; readonly token: string },
): Promise<number> {
  return ask<number>(control, RELEASE, lease)
}

/** Forgets the ranges of a migration, or of one relation that was rewritten: they begin again. Returns how many. */
export function clearRanges(
  control: Control,
  which: { readonly migration: string; readonly relation?: string | undefined },
): Promise<number> {
  return ask<number>(control, CLEAR, which)
}

const DEFAULT_TTL_MS = 30_000
