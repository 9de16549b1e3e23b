import type { Phase, Side } from '@expand-contract/core'
import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import { rowsWithDates } from './row-dates.ts'

/** What a process says of itself. */
export interface InstanceReport {
  readonly id: string
  readonly application: string
  readonly appVersion: string | undefined
  readonly libraryVersion: string
  readonly host: string | undefined
  readonly leaseMs: number
  readonly everyMs: number
  readonly leaving: boolean
  /** Migration to the epoch that it follows. */
  readonly acknowledged: Readonly<Record<string, number>>
  /** Migration to the hash of its declaration. */
  readonly declarations: Readonly<Record<string, string>>
  readonly reads: Readonly<Record<string, ReportedReads>>
  readonly statements: readonly ReportedStatement[]
  /** @defaultValue none */
  readonly latencies?: readonly ReportedLatency[] | undefined
  /** The time that they were counted in, up to now. @defaultValue 0 */
  readonly latencyMs?: number | undefined
}

export interface ReportedLatency {
  readonly migration: string
  readonly phase: Phase
  readonly side: Side
  readonly kind: 'read' | 'write'
  /** Of a LatencyHistogram. */
  readonly counts: readonly number[]
}

export interface ReportedReads {
  readonly old: number
  readonly new: number
  readonly oldRate: number
  readonly newRate: number
  /** How long ago the old column was read last; null: never. */
  readonly lastOldAgoMs: number | null
}

export interface ReportedStatement {
  readonly migration: string
  /** '' for a text that could not be parsed. */
  readonly fingerprint: string
  /** '' where it reads neither. */
  readonly side: 'old' | 'new' | ''
  readonly outcome: 'unchanged' | 'rewritten' | 'kept' | 'refused'
  /** The code; '' where there is none. */
  readonly reason: string
  readonly kind: string
  readonly message: string | undefined
  readonly text: string | undefined
  readonly count: number
}

export interface ReportAnswer {
  /** False when the row of the process belongs to another role. */
  readonly accepted: boolean
  readonly recorded: number
  /** Of which schema in which database this is. */
  readonly installation: string
  /** The epochs in force, by migration. */
  readonly epochs: Readonly<Record<string, number>>
}

const REPORT = 'SELECT :schema.report($1::text::jsonb)::text AS found'

/** Writes the row of a process and what it has sent, in one statement. The application's role may do this, and nothing else. */
export function reportInstance(control: Control, report: InstanceReport): Promise<ReportAnswer> {
  const { appVersion, libraryVersion, leaseMs, everyMs, latencyMs = 0, ...rest } = report
  return ask<ReportAnswer>(control, REPORT, {
    ...rest,
    app_version: appVersion,
    library_version: libraryVersion,
    lease_ms: leaseMs,
    every_ms: everyMs,
    latency_ms: latencyMs,
  })
}

/** One process of the application. */
export interface InstanceRecord {
  readonly id: string
  readonly application: string
  readonly appVersion: string | undefined
  readonly libraryVersion: string
  readonly host: string | undefined
  readonly role: string
  readonly leaseMs: number
  readonly everyMs: number
  readonly startedAt: Date
  readonly heartbeatAt: Date
  readonly leftAt: Date | undefined
  /** It has not left, and its last heartbeat is younger than the time to live, both by the clock of the server. */
  readonly live: boolean
  /** Since its last heartbeat, by the clock of the server. */
  readonly ageMs: number
  /** The epoch that it follows, by migration; one that is missing is not declared in it, or its phase comes from elsewhere. */
  readonly acknowledged: Readonly<Record<string, number>>
  readonly declarations: Readonly<Record<string, string>>
  readonly reads: Readonly<Record<string, InstanceReads>>
}

export interface InstanceReads {
  /** Statements since it joined. */
  readonly old: number
  readonly new: number
  /** Statements per second in its last interval. */
  readonly oldRate: number
  readonly newRate: number
  /** When it read the old column last, by the clock of the server, in ISO 8601; undefined: never. */
  readonly lastOldAt?: string | undefined
}

export interface FleetFilter {
  /** How old the last heartbeat of a live process may be. @defaultValue three times its own interval, and at least 15 s */
  readonly ttlMs?: number | undefined
  /** Those as well that are gone. @defaultValue false */
  readonly gone?: boolean | undefined
}

const FLEET = `WITH n AS MATERIALIZED (SELECT clock_timestamp() AS now), f AS (
  SELECT i.*, extract(epoch FROM n.now - i.heartbeat_at) * 1000 AS age_ms, i.left_at IS NULL AND i.heartbeat_at > n.now
    - make_interval(secs => coalesce(a."ttlMs", greatest(15000, i.every_ms * 3)) / 1000.0) AS live, a.gone
  FROM :schema.instances i, n, jsonb_to_record($1::text::jsonb) AS a("ttlMs" float8, gone boolean))
SELECT json_agg(json_build_object('id', f.id, 'application', f.application, 'appVersion', f.app_version,
  'libraryVersion', f.library_version, 'host', f.host, 'role', f.role, 'leaseMs', f.lease_ms, 'everyMs', f.every_ms,
  'startedAt', f.started_at, 'heartbeatAt', f.heartbeat_at, 'leftAt', f.left_at, 'live', f.live, 'ageMs', f.age_ms,
  'acknowledged', f.acknowledged, 'declarations', f.declarations, 'reads', f.reads) ORDER BY f.application, f.id)::text AS found
  FROM f WHERE f.live OR f.gone`

/** The processes of the application, by the clock of the server. */
export async function readFleet(control: Control, filter: FleetFilter = {}): Promise<readonly InstanceRecord[]> {
  return rowsWithDates(await ask<readonly object[] | null>(control, FLEET, { gone: false, ...filter }))
}

const PRUNE = `WITH gone AS (
  DELETE FROM :schema.instances i USING jsonb_to_record($1::text::jsonb) AS a("olderThanMs" float8)
  WHERE i.heartbeat_at < clock_timestamp() - make_interval(secs => a."olderThanMs" / 1000) RETURNING 1)
SELECT count(*)::text AS found FROM gone`

/** Forgets processes that are gone for so long; what they read no longer counts for any soak. Returns how many. */
export function pruneFleet(control: Control, options: { readonly olderThanMs: number }): Promise<number> {
  return ask<number>(control, PRUNE, options)
}
