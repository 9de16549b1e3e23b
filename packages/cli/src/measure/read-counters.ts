import type { Migration } from '@expand-contract/core'
import { type RunnerClient, readMembers } from '@expand-contract/runner'

/** What the server has counted so far, of the table with its partitions. */
export interface Counters {
  readonly at: Date
  readonly tableBytes: number
  readonly indexBytes: number
  readonly liveRows: number
  readonly deadRows: number
  readonly inserts: number
  readonly updates: number
  readonly hotUpdates: number
  readonly deletes: number
  /** Of the whole server. */
  readonly walBytes: number
  /** Of statements that name the table; undefined without pg_stat_statements. */
  readonly statements: readonly StatementCounter[] | undefined
}

export interface StatementCounter {
  readonly id: string
  readonly writes: boolean
  readonly calls: number
  readonly totalMs: number
  /** Rows written, and what they cost in WAL; 0 of a statement that reads. */
  readonly rowsWritten: number
  readonly walBytes: number
}

const TABLE = `SELECT pg_catalog.json_build_object('at', pg_catalog.clock_timestamp(),
  'tableBytes', pg_catalog.sum(pg_catalog.pg_table_size(c.oid)), 'indexBytes', pg_catalog.sum(pg_catalog.pg_indexes_size(c.oid)),
  'liveRows', pg_catalog.sum(pg_catalog.pg_stat_get_live_tuples(c.oid)), 'deadRows', pg_catalog.sum(pg_catalog.pg_stat_get_dead_tuples(c.oid)),
  'inserts', pg_catalog.sum(pg_catalog.pg_stat_get_tuples_inserted(c.oid)),
  'updates', pg_catalog.sum(pg_catalog.pg_stat_get_tuples_updated(c.oid)),
  'hotUpdates', pg_catalog.sum(pg_catalog.pg_stat_get_tuples_hot_updated(c.oid)),
  'deletes', pg_catalog.sum(pg_catalog.pg_stat_get_tuples_deleted(c.oid)),
  'walBytes', (SELECT w.wal_bytes FROM pg_catalog.pg_stat_wal w))::text AS found
FROM pg_catalog.pg_class c WHERE c.oid::pg_catalog.int8 = ANY ($1::pg_catalog.int8[])`

/** A text may begin with comments. */
const BEGIN = String.raw`^(\s|/\*([^*]|\*+[^*/])*\*+/|--[^\n]*\n)*`
/** Of WITH, what is in it; not that of FOR UPDATE. */
const WRITES = String.raw`${BEGIN}((insert|update|delete|merge)\M|with\M.*(\m(insert|merge)\s+into\M|\mdelete\s+from\M|(?<!\m(for|key)\s)\mupdate\M))`

/** Its texts have parameters in place of values, and only their ids are read. */
const statementsQuery = (
  view: string,
): string => `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('id', s.id, 'writes', s.writes,
  'calls', s.calls, 'totalMs', s.ms, 'rowsWritten', CASE WHEN s.writes THEN s.rows ELSE 0 END, 'walBytes', CASE WHEN s.writes THEN s.wal ELSE 0 END))::text AS found
FROM (SELECT s.queryid::text AS id, pg_catalog.bool_or(s.query ~* $4) AS writes, pg_catalog.sum(s.calls) AS calls, pg_catalog.sum(s.total_exec_time) AS ms,
    pg_catalog.sum(s.rows) AS rows, pg_catalog.sum(s.wal_bytes) AS wal
  FROM ${view} s
  WHERE s.dbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
    AND s.query ~ $1 AND s.query ~* $3 AND pg_catalog.strpos(s.query, $2) = 0
  GROUP BY 1) s`

const VIEW = `SELECT coalesce((SELECT pg_catalog.quote_ident(n.nspname) || '.pg_stat_statements' FROM pg_catalog.pg_extension e
    JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'),
  pg_catalog.to_regclass('pg_stat_statements')::text) AS found`

/** @param control the control schema, whose own statements are not the application's */
export async function readCounters(client: RunnerClient, { table }: Migration, control: string): Promise<Counters> {
  const members = await readMembers(client, table)
  const { rows } = await client.query(TABLE, [members.map(({ oid }) => oid)])
  const found = JSON.parse(String(rows[0]?.found)) as Omit<Counters, 'at' | 'statements'> & { readonly at: string }
  return { ...found, at: new Date(found.at), statements: await readStatements(client, table.name, control) }
}

async function readStatements(client: RunnerClient, table: string, control: string): Promise<Counters['statements']> {
  const { rows: there } = await client.query(VIEW)
  const view = there[0]?.found
  if (typeof view !== 'string') return undefined
  try {
    // A name without capitals is the same in any of them, where nobody quotes it.
    const anyCase = table === table.toLowerCase() ? '(?i)' : ''
    const word = `${anyCase}(^|[^[:alnum:]_$])${table.replaceAll(/[^A-Za-z0-9_]/gu, '\\$&')}($|[^[:alnum:]_$])`
    const values = [word, control, `${BEGIN}(select|insert|update|delete|merge|with)\\M`, WRITES]
    const { rows } = await client.query(statementsQuery(view), values)
    return (JSON.parse(String(rows[0]?.found ?? 'null')) as readonly StatementCounter[] | null) ?? []
  } catch (error) {
    // Created, and not in shared_preload_libraries; or not for this role.
    if (['55000', '42501'].includes(String(Object(error).code))) return undefined
    throw error
  }
}
