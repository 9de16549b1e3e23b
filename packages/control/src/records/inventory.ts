import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import type { ReportedStatement } from './fleet.ts'
import { rowsWithDates } from './row-dates.ts'

/** One shape of a statement on a migrating table, of one application. */
export interface StatementRecord extends ReportedStatement {
  readonly application: string
  readonly firstSeen: Date
  readonly lastSeen: Date
  readonly lastInstance: string
}

export interface InventoryFilter {
  readonly migration?: string | undefined
  readonly since?: Date | undefined
  /** Only what was kept on the old side or refused. @defaultValue false */
  readonly blocking?: boolean | undefined
  /** The ones that were sent last. @defaultValue 1000 */
  readonly limit?: number | undefined
}

const READ = `SELECT json_agg(json_build_object('migration', s.migration, 'fingerprint', s.fingerprint, 'application', s.application,
  'side', s.side, 'outcome', s.outcome, 'reason', s.reason, 'kind', s.kind, 'message', s.message, 'text', s.text,
  'count', s.count, 'firstSeen', s.first_seen, 'lastSeen', s.last_seen, 'lastInstance', s.last_instance)
  ORDER BY s.migration, s.count DESC, s.fingerprint, s.application, s.side)::text AS found
FROM (SELECT s.* FROM :schema.statements s,
    jsonb_to_record($1::text::jsonb) AS i(migration text, since timestamptz, blocking boolean)
  WHERE (i.migration IS NULL OR s.migration = i.migration) AND (i.since IS NULL OR s.last_seen >= i.since)
    AND (NOT i.blocking OR s.outcome IN ('kept', 'refused'))
  ORDER BY s.last_seen DESC LIMIT ($1::text::jsonb ->> 'limit')::bigint) s`

/** The inventory, the most frequent first. */
export async function readInventory(
  control: Control,
  filter: InventoryFilter = {},
): Promise<readonly StatementRecord[]> {
  const input = { limit: 1_000, blocking: false, ...filter }
  return rowsWithDates(await ask<readonly object[] | null>(control, READ, input))
}

const FORGET = `WITH gone AS (
  DELETE FROM :schema.statements s USING jsonb_to_record($1::text::jsonb) AS i(migration text, "before" timestamptz)
  WHERE s.migration = i.migration AND (i."before" IS NULL OR s.last_seen < i."before") RETURNING 1)
SELECT count(*)::text AS found FROM gone`

/** Forgets the shapes of a migration, or those that were not sent since `before`. Returns how many. */
export function forgetStatements(
  control: Control,
  filter: { readonly migration: string; readonly before?: Date | undefined },
): Promise<number> {
  return ask<number>(control, FORGET, filter)
}
