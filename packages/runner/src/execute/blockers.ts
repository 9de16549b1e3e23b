import { textWithoutValues } from '@expand-contract/sql'
import type { RunnerClient } from '../runner-client.ts'
import type { Blocker } from '../runner-event.ts'

/** Which modes conflict with SHARE UPDATE EXCLUSIVE; with ACCESS EXCLUSIVE all do. */
const STRONG =
  "('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"

/**
 * Who holds a lock on tables, or on what inherits from them. It is asked after a try has failed, on the same connection: whoever has let
 * go by then is in nobody's way any more. A prepared transaction has no session.
 */
const BLOCKERS_QUERY = `WITH RECURSIVE tree(oid) AS (
    SELECT pg_catalog.to_regclass(u.name)::pg_catalog.oid FROM pg_catalog.unnest($1::pg_catalog.text[]) u(name)
    UNION SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid)
SELECT pg_catalog.json_agg(DISTINCT pg_catalog.jsonb_build_object('pid', coalesce(l.pid, 0), 'application', coalesce(s.application_name, ''),
    'role', coalesce(s.usename, x.owner, ''), 'state', CASE WHEN l.pid IS NULL THEN 'prepared transaction' ELSE coalesce(s.state, '') END,
    'since', coalesce(s.xact_start, x.prepared), 'statement', CASE WHEN l.pid IS NULL THEN NULL ELSE s.query END,
    'kind', coalesce(s.backend_type, 'prepared transaction')))::pg_catalog.text AS blockers
FROM pg_catalog.pg_locks l JOIN tree ON tree.oid = l.relation
LEFT JOIN pg_catalog.pg_stat_activity s ON s.pid = l.pid
LEFT JOIN pg_catalog.pg_prepared_xacts x ON l.pid IS NULL AND l.virtualtransaction = '-1/' || x.transaction::pg_catalog.text
WHERE l.granted AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
  AND ($2 OR l.mode IN ${STRONG})`

/** The sessions that hold locks on these tables; with `exclusive` any lock counts, else those that a VACUUM or DDL takes. */
export async function blockersOf(
  client: RunnerClient,
  tables: readonly string[],
  exclusive: boolean,
): Promise<readonly Blocker[]> {
  const { rows } = await client.query(BLOCKERS_QUERY, [tables, exclusive])
  return blockersFrom(rows[0]?.blockers)
}

/** Who is waited for, as the lock manager has it: also transactions that are older than an index which is being built. */
const WAITED_FOR_QUERY = `SELECT pg_catalog.json_agg(pg_catalog.jsonb_build_object('pid', s.pid, 'application', coalesce(s.application_name, ''),
    'role', coalesce(s.usename, ''), 'state', coalesce(s.state, ''), 'since', s.xact_start, 'statement', s.query,
    'kind', coalesce(s.backend_type, '')))::pg_catalog.text AS blockers
  FROM pg_catalog.pg_stat_activity s WHERE s.pid = ANY (pg_catalog.pg_blocking_pids($1::pg_catalog.int4))`

/** The sessions that another session waits for, asked beside it. */
export async function waitedForBy(beside: RunnerClient, pid: number): Promise<readonly Blocker[]> {
  const { rows } = await beside.query(WAITED_FOR_QUERY, [pid])
  return blockersFrom(rows[0]?.blockers)
}

function blockersFrom(content: unknown): readonly Blocker[] {
  const found = JSON.parse(String(content ?? 'null')) as readonly Content[] | null
  return (found ?? [])
    .map((each) => ({
      ...each,
      since: each.since === null ? undefined : new Date(each.since),
      statement: statementOf(each),
      yields: !(each.statement ?? '').endsWith('(to prevent wraparound)'),
    }))
    .sort((a, b) => Number(a.since ?? 0) - Number(b.since ?? 0))
}

interface Content extends Omit<Blocker, 'since' | 'statement' | 'yields'> {
  readonly since: string | null
  readonly statement: string | null
}

function statementOf({ kind, statement }: Content): string | undefined {
  if (statement === null || statement === '' || statement === '<insufficient privilege>') return undefined
  return kind === 'autovacuum worker' ? statement : textWithoutValues(statement)
}

/** One line of an error or an event: `pid 4711 (app "shop", role web, idle in transaction since 2026-11-27T09:00:00.000Z)`. */
export function describeBlocker({ pid, application, role, state, since, statement, kind }: Blocker): string {
  const facts = [
    kind === 'client backend' ? (application === '' ? undefined : `app ${JSON.stringify(application)}`) : kind,
    role === '' ? undefined : `role ${role}`,
    [state, since && `since ${since.toISOString()}`].filter(Boolean).join(' ') || undefined,
    statement === undefined ? undefined : `last statement: ${statement.slice(0, 200)}`,
  ]
  return `${pid === 0 ? 'no session' : `pid ${pid}`} (${facts.filter((fact) => fact !== undefined).join(', ')})`
}
