import type { RunnerClient } from '../runner-client.ts'

/** Why a backfill waits. */
export interface ThrottleReason {
  readonly code:
    | 'paused'
    | 'replica_lag'
    | 'wal_rate'
    | 'lock_waits'
    | 'oldest_transaction'
    | 'active_sessions'
    | 'query'
  /** What was measured, and what it may be; undefined for `paused` and `query`. */
  readonly value: number | undefined
  readonly limit: number | undefined
  readonly unit: 's' | 'bytes/s' | 'sessions' | undefined
  /** Which replica, or what the operator or the query has said. */
  readonly detail: string | undefined
}

/** Limits over which a backfill waits. What this role may not see does not hold it up. */
export interface ThrottleLimits {
  /** Seconds that a replica may be behind. @defaultValue 5 */
  readonly maxLagSeconds?: number
  /** Bytes of WAL per second that the whole server may write. @defaultValue none */
  readonly maxWalBytesPerSecond?: number
  /** Sessions that may wait for a lock on the table or one of its partitions. @defaultValue 0 */
  readonly maxLockWaits?: number
  /** Seconds that the oldest transaction of the server may be open: what VACUUM may not clean meanwhile, a backfill bloats. @defaultValue 3600 */
  readonly maxTransactionSeconds?: number
  /** Sessions that may be active. @defaultValue none */
  readonly maxActiveSessions?: number
  /** A SELECT of yours: one row with a true first column, or any text, says "not now". @defaultValue none */
  readonly throttleQuery?: string
}

/** How the server was at the last look; what the role may not see is undefined. */
export interface ThrottleLoad {
  readonly walBytesPerSecond: number | undefined
  readonly activeSessions: number | undefined
  readonly lockWaits: number | undefined
  readonly oldestTransactionSeconds: number | undefined
  readonly replicaLagSeconds: number | undefined
}

const DEFAULT_LIMITS: Required<Pick<ThrottleLimits, 'maxLagSeconds' | 'maxLockWaits' | 'maxTransactionSeconds'>> = {
  maxLagSeconds: 5,
  maxLockWaits: 0,
  maxTransactionSeconds: 3_600,
}

const MEASURES = `
  SELECT lag.name AS replica, lag.seconds AS lag, (pg_catalog.pg_current_wal_lsn() - '0/0'::pg_lsn)::text AS wal,
    (SELECT count(*) FROM pg_catalog.pg_locks l WHERE l.relation = ANY ($1::oid[]) AND l.database = (
        SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
      AND NOT l.granted AND l.pid <> pg_catalog.pg_backend_pid())::int4 AS waits,
    act.oldest, act.active, EXTRACT(epoch FROM pg_catalog.clock_timestamp())::float8 AS now
  FROM (
    SELECT pg_catalog.max(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - xact_start))::float8 AS oldest,
      count(*) FILTER (WHERE state = 'active')::int4 AS active
    FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()
  ) act LEFT JOIN LATERAL (
    SELECT application_name AS name, EXTRACT(epoch FROM replay_lag)::float8 AS seconds
    FROM pg_catalog.pg_stat_replication WHERE replay_lag IS NOT NULL ORDER BY replay_lag DESC LIMIT 1
  ) lag ON true`

/** A position of the WAL, and when it was there, in seconds by the clock of the server. */
export interface WalMark {
  readonly bytes: number
  readonly at: number
}

/** Asks the server how it is. It keeps the last position of the WAL, so the first rate is known at the second look. */
export class Throttle {
  readonly #limits: ThrottleLimits
  readonly #relations: readonly number[]
  #wal: WalMark | undefined
  #load: ThrottleLoad | undefined

  constructor(limits: ThrottleLimits, relations: readonly number[], wal?: WalMark) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits }
    this.#relations = relations
    this.#wal = wal
  }

  /** For the one that goes on. */
  get wal(): WalMark | undefined {
    return this.#wal
  }

  /** undefined: it has not looked yet. */
  get load(): ThrottleLoad | undefined {
    return this.#load
  }

  /** undefined: go on. */
  async look(client: RunnerClient): Promise<ThrottleReason | undefined> {
    const { rows } = await client.query(MEASURES, [this.#relations])
    return this.#judge(rows[0] ?? {}) ?? (await this.#ask(client))
  }

  #judge(row: Readonly<Record<string, unknown>>): ThrottleReason | undefined {
    const limits = this.#limits
    const load: ThrottleLoad = {
      walBytesPerSecond: this.#walRate({ bytes: Number(row.wal), at: Number(row.now) }),
      activeSessions: number(row.active),
      lockWaits: number(row.waits),
      oldestTransactionSeconds: number(row.oldest),
      replicaLagSeconds: number(row.lag),
    }
    this.#load = load
    const measured = [
      ['replica_lag', load.replicaLagSeconds, limits.maxLagSeconds, 's', row.replica],
      ['wal_rate', load.walBytesPerSecond, limits.maxWalBytesPerSecond, 'bytes/s'],
      ['lock_waits', load.lockWaits, limits.maxLockWaits, 'sessions'],
      ['oldest_transaction', load.oldestTransactionSeconds, limits.maxTransactionSeconds, 's'],
      ['active_sessions', load.activeSessions, limits.maxActiveSessions, 'sessions'],
    ] as const
    for (const [code, value, limit, unit, name] of measured)
      if (value !== undefined && limit !== undefined && value > limit)
        return { code, value, limit, unit, detail: typeof name === 'string' ? name : undefined }
    return undefined
  }

  #walRate(mark: WalMark): number | undefined {
    const before = this.#wal
    this.#wal = mark
    return before === undefined ? undefined : (mark.bytes - before.bytes) / Math.max(mark.at - before.at, 0.001)
  }

  async #ask(client: RunnerClient): Promise<ThrottleReason | undefined> {
    const { throttleQuery } = this.#limits
    if (throttleQuery === undefined) return undefined
    const { rows } = await client.query(throttleQuery)
    const [said] = Object.values(rows[0] ?? {})
    if (said === undefined || said === null || said === false || said === '') return undefined
    const detail = typeof said === 'string' ? said : undefined
    return { code: 'query', value: undefined, limit: undefined, unit: undefined, detail }
  }
}

const number = (value: unknown): number | undefined =>
  value === null || value === undefined ? undefined : Number(value)
