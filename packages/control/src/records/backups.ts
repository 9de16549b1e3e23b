import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import { rowsWithDates } from './row-dates.ts'

export interface NewBackup {
  readonly migration: string
  /** Of the migration when it was taken. */
  readonly epoch: number
  /** The file; or else `evidence`, what an operator's own command said. */
  readonly path?: string | undefined
  readonly evidence?: string | undefined
  readonly rows: number
  readonly bytes: number
  readonly sha256?: string | undefined
  readonly who: string
  /** Counts and durations; never a value of a row. @defaultValue none */
  readonly figures?: Readonly<Record<string, unknown>> | undefined
}

/** A backup of the old columns of a migration. */
export interface BackupRecord extends NewBackup {
  readonly id: number
  readonly takenAt: Date
  /** When it was restored into a scratch table and compared last; undefined: never, so it does not count. */
  readonly restoredAt: Date | undefined
  /** Every row came back as it is in the table. */
  readonly equal: boolean | undefined
  readonly figures: Readonly<Record<string, unknown>>
}

const ROW = `json_build_object('id', b.id, 'migration', b.migration, 'epoch', b.epoch, 'path', b.path, 'evidence', b.evidence,
  'rows', b.rows, 'bytes', b.bytes, 'sha256', b.sha256, 'takenAt', b.taken_at, 'restoredAt', b.restored_at, 'equal', b.equal,
  'who', b.who, 'figures', b.figures)`

const RECORD = `WITH b AS (
  INSERT INTO :schema.backups AS b (migration, epoch, path, evidence, rows, bytes, sha256, who, figures)
  SELECT i.migration, i.epoch, i.path, i.evidence, i.rows, i.bytes, i.sha256, i.who, coalesce(i.figures, '{}')
  FROM jsonb_to_record($1::text::jsonb) AS i(migration text, epoch bigint, path text, evidence text, rows bigint, bytes bigint,
    sha256 text, who text, figures jsonb)
  RETURNING b.*)
SELECT json_agg(${ROW})::text AS found FROM b`

const RESTORED = `WITH b AS (
  UPDATE :schema.backups b SET restored_at = clock_timestamp(), equal = i.equal, figures = b.figures || coalesce(i.figures, '{}')
  FROM jsonb_to_record($1::text::jsonb) AS i(id bigint, equal boolean, figures jsonb) WHERE b.id = i.id
  RETURNING b.*)
SELECT json_agg(${ROW})::text AS found FROM b`

const READ = `SELECT json_agg(${ROW} ORDER BY b.id DESC)::text AS found FROM (
  SELECT b.* FROM :schema.backups b WHERE b.migration = $1::text::jsonb ->> 'migration'
  ORDER BY b.id DESC LIMIT ($1::text::jsonb ->> 'limit')::bigint) b`

export async function recordBackup(control: Control, backup: NewBackup): Promise<BackupRecord> {
  return only(await ask<readonly object[] | null>(control, RECORD, backup))
}

/** Says that a backup was restored and compared, by the clock of the server. */
export async function recordRestored(
  control: Control,
  restored: {
    readonly id: number
    readonly equal: boolean
    readonly figures?: Readonly<Record<string, unknown>> | undefined
  },
): Promise<BackupRecord> {
  return only(await ask<readonly object[] | null>(control, RESTORED, restored))
}

/** The newest first. */
export async function readBackups(
  control: Control,
  { migration, limit = 20 }: { readonly migration: string; readonly limit?: number | undefined },
): Promise<readonly BackupRecord[]> {
  return rowsWithDates(await ask<readonly object[] | null>(control, READ, { migration, limit }))
}

function only(rows: readonly object[] | null): BackupRecord {
  const [row] = rowsWithDates<BackupRecord>(rows)
  if (row === undefined) throw new RangeError('there is no such backup')
  return row
}
