import type { MigrationFinding } from '@expand-contract/core'
import type { Findings } from './check-step.ts'
import { type CheckedTable, qualifiedName } from './checked-table.ts'

/**
 * Sessions on this database, other than the one that asks, of roles that may write the table: by role, application name
 * and address, how many there are, and how many of them have sent as their last statement a write that names the application's
 * column and not the other one, which no statement does that has passed through this library. A text that was cut off tells
 * nothing, nor does one that this role may not see.
 */
const SESSIONS_QUERY = `SELECT s.usename::pg_catalog.text AS role, s.application_name AS application,
    coalesce(pg_catalog.host(s.client_addr), 'a local socket') AS address, pg_catalog.count(*)::pg_catalog.text AS sessions,
    pg_catalog.count(*) FILTER (WHERE s.query ~* '^\\s*(insert|update|merge|copy)\\M' AND s.query ~* $2::pg_catalog.text
      AND s.query ~* $3::pg_catalog.text AND s.query !~* $4::pg_catalog.text AND pg_catalog.octet_length(s.query)
        < pg_catalog.pg_size_bytes(pg_catalog.current_setting('track_activity_query_size')) - 1)::pg_catalog.text AS writing,
    pg_catalog.bool_and(s.usename = session_user AND s.application_name = pg_catalog.current_setting('application_name')
      AND s.client_addr IS NOT DISTINCT FROM pg_catalog.inet_client_addr())::pg_catalog.text AS like_ours
  FROM pg_catalog.pg_stat_activity s
  WHERE s.datname = pg_catalog.current_database() AND s.pid <> pg_catalog.pg_backend_pid()
    AND s.backend_type = 'client backend' AND s.usesysid IS NOT NULL
    AND (pg_catalog.has_table_privilege(s.usesysid, $1::pg_catalog.oid, 'INSERT')
      OR pg_catalog.has_any_column_privilege(s.usesysid, $1::pg_catalog.oid, 'UPDATE'))
  GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`

/** Who else may write the table. These are hints: what a session has sent before its last statement is not seen. */
export function* checkSessions({ migration, table, bound, subject }: CheckedTable): Findings {
  const [logical, shadow] = migration.app === 'old' ? [migration.old, migration.new] : [migration.new, migration.old]
  const word = (names: readonly string[]): string =>
    `\\m(${names.map((name) => name.replaceAll(/[^\p{L}\p{N}_]/gu, '\\$&')).join('|')})\\M`
  const names = [table.name, ...logical.map(({ name }) => name)]
  const values = [table.oid, word([table.name]), word(names.slice(1)), word(shadow.map(({ name }) => name))]
  const { rows } = yield { text: SESSIONS_QUERY, values }
  const groups = rows.map((row) => ({
    who: `the role ${JSON.stringify(row.role ?? '')} with the application name ${JSON.stringify(row.application ?? '')} at ${row.address}`,
    sessions: Number(row.sessions),
    writing: bound.physical === 'both' ? Number(row.writing) : 0,
    likeOurs: row.like_ours === 'true',
  }))
  return groups.flatMap(({ who, sessions, writing, likeOurs }): readonly MigrationFinding[] => {
    if (writing > 0)
      return [
        {
          ...subject,
          code: 'unwrapped-writer',
          severity: 'warning',
          message: `A hint: the last statement of ${writing} of ${sessions} sessions of ${who} writes a column of the migration ${migration.id} in ${qualifiedName(table)} and does not name the other one, as every statement does that has passed through this library.`,
          hint: 'Find what sends it, an older version of the application perhaps, and let it use the instrumented driver; or install the sync trigger (docs/sync-trigger.md).',
        },
      ]
    if (likeOurs) return []
    return [
      {
        ...subject,
        code: 'other-sessions',
        severity: 'info',
        message: `A hint: ${sessions} sessions of ${who} may write ${qualifiedName(table)}. Whether they do, and whether they do it through this library, cannot be told from here.`,
        hint: 'Make sure that they use the instrumented driver, or do not write the table; or install the sync trigger (docs/sync-trigger.md).',
      },
    ]
  })
}
