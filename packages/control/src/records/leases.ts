import { randomUUID } from 'node:crypto'
import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import type { Operator } from './operator.ts'
import { rowsWithDates } from './row-dates.ts'

export interface LeaseRequest extends Operator {
  readonly migration: string
  /** What it is for: `backfill`. */
  readonly operation: string
  /** The number of its process, for those who find the lease taken. @defaultValue it is not told */
  readonly pid?: number | undefined
  /** How long it lasts without being renewed. @defaultValue 30_000 */
  readonly ttlMs?: number | undefined
  /** One that is chosen by the caller: who has it already keeps it. @defaultValue a new one */
  readonly token?: string | undefined
}

export interface LeaseRecord {
  readonly migration: string
  readonly operation: string
  readonly who: string
  readonly host: string | undefined
  readonly version: string | undefined
  readonly pid: number | undefined
  readonly acquiredAt: Date
  readonly until: Date
}

/** A token, or who has the lease. */
export type AcquiredLease =
  | { readonly token: string; readonly lease: LeaseRecord }
  | { readonly token: undefined; readonly heldBy: LeaseRecord }

export const DEFAULT_LEASE_TTL_MS = 30_000

const LEASE_ROW = `json_build_object('migration', l.migration, 'operation', l.operation, 'who', l.who, 'host', l.host,
  'version', l.version, 'pid', l.pid, 'acquiredAt', l.acquired_at, 'until', l.until)`

const ACQUIRE = `WITH i AS (
  SELECT * FROM jsonb_to_record($1::text::jsonb) AS i(migration text, token uuid, operation text, who text, host text,
    version text, pid integer, "ttlMs" float8)
), acquired AS (
  INSERT INTO :schema.leases AS l (migration, token, operation, who, host, version, pid, until)
  SELECT i.migration, i.token, i.operation, i.who, i.host, i.version, i.pid,
    clock_timestamp() + make_interval(secs => i."ttlMs" / 1000) FROM i
  ON CONFLICT (migration) DO UPDATE SET token = excluded.token, operation = excluded.operation, who = excluded.who,
    host = excluded.host, version = excluded.version, pid = excluded.pid, until = greatest(excluded.until, CASE l.token WHEN excluded.token THEN l.until END),
    acquired_at = CASE l.token WHEN excluded.token THEN l.acquired_at ELSE clock_timestamp() END
  WHERE l.until <= clock_timestamp() OR l.token = excluded.token
  RETURNING l.*
)
SELECT json_agg(x.row)::text AS found FROM (
  SELECT json_build_object('acquired', true, 'lease', ${LEASE_ROW}) AS row FROM acquired l
  UNION ALL SELECT json_build_object('acquired', false, 'lease', ${LEASE_ROW}) FROM :schema.leases l, i
    WHERE l.migration = i.migration AND NOT EXISTS (SELECT FROM acquired)) x`

const RENEW = `WITH renewed AS (
  UPDATE :schema.leases l SET until = clock_timestamp() + make_interval(secs => i."ttlMs" / 1000)
  FROM jsonb_to_record($1::text::jsonb) AS i(migration text, token uuid, "ttlMs" float8)
  WHERE l.migration = i.migration AND l.token = i.token RETURNING l.*)
SELECT json_agg(${LEASE_ROW})::text AS found FROM renewed l`

const RELEASE = `WITH released AS (
  DELETE FROM :schema.leases l USING jsonb_to_record($1::text::jsonb) AS i(migration text, token uuid)
  WHERE l.migration = i.migration AND l.token = i.token RETURNING l.*)
SELECT json_agg(${LEASE_ROW})::text AS found FROM released l`

const HOLDS = `WITH held AS (
  SELECT FROM :schema.leases l, jsonb_to_record($1::text::jsonb) AS i(migration text, token uuid)
  WHERE l.migration = i.migration AND l.token = i.token FOR UPDATE OF l)
SELECT (count(*) > 0)::text AS found FROM held`

const READ = `SELECT json_agg(${LEASE_ROW} ORDER BY l.migration)::text AS found FROM :schema.leases l
  WHERE l.until > clock_timestamp()`

const TRIES = 5

/**
 * Takes the lease of a migration, or says who has it. It is a row, not an advisory lock of the session, so it holds behind
 * PgBouncer as well, and a process that is killed loses it when its time is over.
 */
export async function acquireLease(control: Control, request: LeaseRequest): Promise<AcquiredLease> {
  const token = request.token ?? randomUUID()
  for (let tries = 1; ; tries++) {
    const input = { ttlMs: DEFAULT_LEASE_TTL_MS, ...request, token }
    const [found] = (await ask<readonly { acquired: boolean; lease: object }[] | null>(control, ACQUIRE, input)) ?? []
    if (found !== undefined) {
      const [lease] = rowsWithDates<LeaseRecord>([found.lease])
      if (lease === undefined) throw new RangeError('the lease is not there')
      return found.acquired ? { token, lease } : { token: undefined, heldBy: lease }
    }
    // Another one has inserted it while this statement ran, which does not see that row.
    if (tries === TRIES) throw new RangeError('the lease was neither free nor held')
  }
}

/**
 * True while the lease has this token, which then stays so until the transaction that is open ends: whoever takes the lease waits for it.
 * Outside of a transaction it says what was.
 */
export function holdsLease(
  control: Control,
  lease: { readonly migration: string; readonly token: string },
): Promise<boolean> {
  return ask<boolean>(control, HOLDS, lease)
}

/** Undefined when another one has taken it: what was begun with it must stop. */
export async function renewLease(
  control: Control,
  renewal: { readonly migration: string; readonly token: string; readonly ttlMs?: number | undefined },
): Promise<LeaseRecord | undefined> {
  const input = { ttlMs: DEFAULT_LEASE_TTL_MS, ...renewal }
  return rowsWithDates<LeaseRecord>(await ask<readonly object[] | null>(control, RENEW, input))[0]
}

/** False when it was not held any more. */
export async function releaseLease(
  control: Control,
  lease: { readonly migration: string; readonly token: string },
): Promise<boolean> {
  return (await ask<readonly object[] | null>(control, RELEASE, lease)) !== null
}

/** The leases that are held. */
export async function readLeases(control: Control): Promise<readonly LeaseRecord[]> {
  return rowsWithDates(await ask<readonly object[] | null>(control, READ))
}
