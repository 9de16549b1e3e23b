import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import { rowsWithDates } from './row-dates.ts'

/** A row that could not be filled. */
export interface BackfillFailure {
  readonly migration: string
  readonly relation: string
  /** The primary key of the row, or its ctid; no other value of it. */
  readonly key: Readonly<Record<string, unknown>>
  /** The SQLSTATE. */
  readonly class: string
  readonly at: Date
}

const FAILURE_ROW = `json_build_object('migration', f.migration, 'relation', f.relation, 'key', f.key, 'class', f.class, 'at', f.at)`

const RECORD = `WITH f AS (
  INSERT INTO :schema.backfill_failures AS f (migration, relation, key, class)
  SELECT DISTINCT ON (i.migration, i.relation, i.key) i.migration, i.relation, i.key, i.class
  FROM jsonb_to_recordset($1::text::jsonb -> 'failures') AS i(migration text, relation text, key jsonb, class text)
  ON CONFLICT (migration, relation, key) DO UPDATE SET class = excluded.class, at = clock_timestamp() RETURNING f.*)
SELECT json_agg(${FAILURE_ROW})::text AS found FROM f`

const READ = `SELECT json_agg(${FAILURE_ROW} ORDER BY f.id)::text AS found FROM (
  SELECT f.* FROM :schema.backfill_failures f WHERE f.migration = $1::text::jsonb ->> 'migration'
  ORDER BY f.id LIMIT ($1::text::jsonb ->> 'limit')::bigint) f`

const COUNT = `SELECT count(*)::text AS found FROM :schema.backfill_failures f WHERE f.migration = $1::text::jsonb ->> 'migration'`

const CLEAR = `WITH gone AS (DELETE FROM :schema.backfill_failures f WHERE f.migration = $1::text::jsonb ->> 'migration' RETURNING 1)
SELECT count(*)::text AS found FROM gone`

/** Each row once, with its latest class. */
export async function recordFailures(
  control: Control,
  failures: readonly Omit<BackfillFailure, 'at'>[],
): Promise<readonly BackfillFailure[]> {
  return rowsWithDates(await ask<readonly object[] | null>(control, RECORD, { failures }))
}

export async function readFailures(
  control: Control,
  { migration, limit = 100 }: { readonly migration: string; readonly limit?: number | undefined },
): Promise<readonly BackfillFailure[]> {
  return rowsWithDates(await ask<readonly object[] | null>(control, READ, { migration, limit }))
}

export function countFailures(control: Control, migration: string): Promise<number> {
  return ask<number>(control, COUNT, { migration })
}

/** Before a backfill begins again. Returns how many there were. */
export function clearFailures(control: Control, migration: string): Promise<number> {
  return ask<number>(control, CLEAR, { migration })
}
