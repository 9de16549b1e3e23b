/** What the sessions of this database did last; our own left out. Takes a time. */
export const SESSIONS_QUERY = `SELECT pg_catalog.json_build_object('sessions', (
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object('pid', s.pid, 'application', s.application_name, 'role', s.usename, 'state', s.state,
      'at', s.query_start, 'text', s.query) ORDER BY s.query_start DESC)
    FROM pg_catalog.pg_stat_activity s WHERE s.datname = pg_catalog.current_database() AND s.backend_type = 'client backend'
      AND s.pid <> pg_catalog.pg_backend_pid() AND NOT pg_catalog.starts_with(s.application_name, 'expand-contract')
      AND s.query_start >= $1::pg_catalog.timestamptz),
  'unseen', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity s WHERE s.datname = pg_catalog.current_database()
      AND s.query = '<insufficient privilege>'),
  'rollbacks', (SELECT d.xact_rollback FROM pg_catalog.pg_stat_database d WHERE d.datname = pg_catalog.current_database()))::pg_catalog.text AS found`

/** Where the extension was put, and is loaded; no row: it is not installed. */
export const EXTENSION_QUERY = `SELECT pg_catalog.quote_ident(n.nspname) AS schema FROM pg_catalog.pg_extension e
  JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'`

/** Texts that have the names, as far as letters tell; whether they name the column is told afterwards. */
export const statementsQuery = (
  schema: string,
): string => `SELECT pg_catalog.json_agg(x)::pg_catalog.text AS found FROM (
  SELECT pg_catalog.concat_ws('.', s.userid, s.queryid) AS id, r.rolname AS role, pg_catalog.sum(s.calls)::pg_catalog.int8 AS calls, pg_catalog.min(s.query) AS text
  FROM ${schema}.pg_stat_statements s LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.userid
  WHERE s.dbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()) AND s.queryid IS NOT NULL
    AND EXISTS (SELECT FROM pg_catalog.unnest($1::pg_catalog.text[]) c(name) WHERE pg_catalog.strpos(pg_catalog.lower(s.query), pg_catalog.lower(c.name)) > 0)
  GROUP BY 1, 2 ORDER BY calls DESC LIMIT 1000) x`
