import type { Control } from '@expand-contract/control'

/** A standby that streams from this server. */
export interface Replica {
  /** Its `application_name`, with the address where it has one: `db-2 (10.0.3.7)`. */
  readonly name: string
  /** `streaming`, `catchup`, ... */
  readonly state: string
  /** How much of the WAL it has not replayed yet, in bytes; undefined: it has not said so far. */
  readonly behindBytes: number | undefined
  readonly replayed: boolean
}

export interface Replication {
  /** Where the WAL of this server was flushed to when it was looked first. */
  readonly lsn: string
  readonly replicas: readonly Replica[]
  /** Logical subscribers of this database, active or not, by slot: they have tables and phases of their own, and are not waited for. */
  readonly subscribers: readonly string[]
  /** Physical slots that nobody streams from: such a replica is away, and nothing can be known of it. */
  readonly away: readonly string[]
  /** Streams whose details the role may not see. */
  readonly hidden: number
}

/**
 * What receives WAL and replays none, as pg_receivewal and a base backup do, has written some and never says that it has replayed it. A
 * standby reports all three from its first answer on.
 */
const QUERY = `WITH at AS MATERIALIZED (
    SELECT coalesce(nullif($1::pg_catalog.text, '')::pg_catalog.pg_lsn, pg_catalog.pg_current_wal_flush_lsn()) AS lsn),
  senders AS (
    SELECT r.*, s.slot_type, at.lsn FROM at, pg_catalog.pg_stat_replication r
    LEFT JOIN pg_catalog.pg_replication_slots s ON s.active_pid = r.pid)
SELECT pg_catalog.json_build_object('lsn', at.lsn::pg_catalog.text,
  'hidden', (SELECT pg_catalog.count(*) FROM senders WHERE state IS NULL AND slot_type IS DISTINCT FROM 'logical'),
  'replicas', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', pg_catalog.concat(coalesce(nullif(application_name, ''), 'pid ' || pid), ' (' || pg_catalog.host(client_addr) || ')'),
      'state', state, 'behindBytes', greatest(0, pg_catalog.pg_wal_lsn_diff(lsn, replay_lsn)),
      'replayed', coalesce(replay_lsn >= lsn, false)) ORDER BY application_name, pid), '[]')
    FROM senders WHERE state <> 'backup' AND slot_type IS DISTINCT FROM 'logical'
      AND NOT (replay_lsn IS NULL AND write_lsn IS NOT NULL)),
  'subscribers', (SELECT coalesce(pg_catalog.json_agg(slot_name ORDER BY slot_name), '[]') FROM pg_catalog.pg_replication_slots
    WHERE slot_type = 'logical' AND database = pg_catalog.current_database()),
  'away', (SELECT coalesce(pg_catalog.json_agg(slot_name ORDER BY slot_name), '[]') FROM pg_catalog.pg_replication_slots
    WHERE slot_type = 'physical' AND NOT active)
  )::pg_catalog.text AS found FROM at`

/**
 * Who replays the WAL of this server. What is committed durably before the first look is below `lsn`, so a replica that has replayed it
 * shows that. A place that is taken within the transaction of a change would be before its commit.
 */
export async function readReplication({ client }: Pick<Control, 'client'>, lsn?: string): Promise<Replication> {
  const { rows } = await client.query(QUERY, [lsn ?? ''])
  const found = JSON.parse(String(Object(rows[0]).found)) as Omit<Replication, 'replicas'> & {
    readonly replicas: readonly (Omit<Replica, 'behindBytes'> & { readonly behindBytes: number | null })[]
  }
  return {
    ...found,
    replicas: found.replicas.map((replica) => ({ ...replica, behindBytes: replica.behindBytes ?? undefined })),
  }
}
