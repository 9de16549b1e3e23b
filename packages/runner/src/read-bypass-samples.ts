import { DEFAULT_CONTROL_SCHEMA } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import type { ControlPlace } from './control-schema.ts'
import type { RunnerClient } from './runner-client.ts'
import { sqlState } from './runner-error.ts'
import { qualified, syncNames } from './sql/sync-names.ts'

/** Somebody who wrote one side alone, as the sync trigger has seen him; no values. */
export interface BypassSample {
  readonly sessionUser: string
  /** As SET ROLE made it; `none` without one. */
  readonly role: string
  readonly application: string
  readonly clientAddress: string | undefined
  readonly operation: string
  /** The side that was written. */
  readonly wrote: 'old' | 'new'
  readonly relation: string
  /** Samples, not statements: one a minute and session at most. */
  readonly samples: number
  readonly lastSeen: Date
}

export interface ReadBypassSamples extends ControlPlace {
  /** @defaultValue all that are kept */
  readonly since?: Date
  /** How many of those who were seen last. @defaultValue 100 */
  readonly limit?: number
}

/** Who bypasses the application, those who were seen last first; nobody where the table of samples is not there. */
export async function readBypassSamples(
  client: RunnerClient,
  migration: Migration,
  { controlSchema = DEFAULT_CONTROL_SCHEMA, since, limit = 100 }: ReadBypassSamples = {},
): Promise<readonly BypassSample[]> {
  const samples = qualified(controlSchema, syncNames(migration).samples)
  try {
    const { rows } = await client.query(
      `SELECT pg_catalog.json_agg(x)::pg_catalog.text AS samples FROM (
  SELECT s.session_user_name AS "sessionUser", s.role_name AS role, s.application_name AS application,
    pg_catalog.host(s.client_address) AS "clientAddress", s.operation, s.wrote, s.relation::pg_catalog.regclass::pg_catalog.text AS relation,
    pg_catalog.count(*) AS samples, pg_catalog.max(s.seen_at) AS "lastSeen"
  FROM ${samples} s WHERE s.seen_at >= coalesce($1::pg_catalog.timestamptz, '-infinity')
  GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY "lastSeen" DESC LIMIT $2::pg_catalog.int4) x`,
      [since?.toISOString() ?? null, limit],
    )
    const found = JSON.parse(String(rows[0]?.samples ?? 'null')) as readonly Content[] | null
    return (found ?? []).map(({ clientAddress, lastSeen, ...sample }) => ({
      ...sample,
      clientAddress: clientAddress ?? undefined,
      lastSeen: new Date(lastSeen),
    }))
  } catch (error) {
    if (sqlState(error) === '42P01') return []
    throw error
  }
}

interface Content extends Omit<BypassSample, 'clientAddress' | 'lastSeen'> {
  readonly clientAddress: string | null
  readonly lastSeen: string
}
