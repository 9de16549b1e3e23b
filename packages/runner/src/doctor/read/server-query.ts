/** Settings of sessions that doctor looks at. */
export const SESSION_SETTINGS = ['idle_in_transaction_session_timeout', 'lock_timeout'] as const

/**
 * What the server says of itself, in one JSON text; no table is read. What this role may not see is null. A value that the session has
 * from its role or its client says nothing of other sessions.
 */
export const SERVER_QUERY = `SELECT pg_catalog.json_build_object(
  'version', pg_catalog.current_setting('server_version_num')::pg_catalog.int4, 'database', pg_catalog.current_database(),
  'role', current_user, 'standby', pg_catalog.pg_is_in_recovery(), 'pid', pg_catalog.pg_backend_pid(),
  'settings', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', s.name,
      'value', coalesce((SELECT pg_catalog.split_part(c.line, '=', 2) FROM pg_catalog.pg_db_role_setting d,
          LATERAL pg_catalog.unnest(d.setconfig) AS c(line) WHERE d.setrole = 0 AND d.setdatabase = own.oid AND c.line LIKE s.name || '=%'),
        CASE WHEN s.source NOT IN ('database', 'user', 'database user', 'client', 'session') THEN s.reset_val END),
      'roles', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('role', r.rolname, 'value', pg_catalog.split_part(c.line, '=', 2)))
        FROM pg_catalog.pg_db_role_setting d JOIN pg_catalog.pg_roles r ON r.oid = d.setrole AND r.rolcanlogin,
          LATERAL pg_catalog.unnest(d.setconfig) AS c(line)
        WHERE d.setdatabase IN (0, own.oid) AND c.line LIKE s.name || '=%'
          AND pg_catalog.has_database_privilege(r.oid, own.oid, 'CONNECT'))) ORDER BY s.name)
    FROM pg_catalog.pg_settings s WHERE s.name = ANY ($1::pg_catalog.text[])),
  'extensions', (SELECT pg_catalog.json_agg(e.extname ORDER BY e.extname) FROM pg_catalog.pg_extension e
    WHERE e.extname = 'pg_stat_statements'),
  'slots', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', s.slot_name, 'active', s.active,
      'retainedBytes', CASE WHEN NOT pg_catalog.pg_is_in_recovery()
        THEN pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), s.restart_lsn) END) ORDER BY s.slot_name)
    FROM pg_catalog.pg_replication_slots s WHERE NOT s.temporary),
  'replicas', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', r.application_name,
      'seconds', coalesce(extract(epoch FROM r.replay_lag), 0)::pg_catalog.float8,
      'bytes', CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN
        coalesce(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), r.replay_lsn), 0) ELSE 0 END))
    FROM pg_catalog.pg_stat_replication r WHERE r.state IS NOT NULL),
  'prepared', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('gid', x.gid, 'owner', x.owner,
      'seconds', extract(epoch FROM pg_catalog.clock_timestamp() - x.prepared)::pg_catalog.float8) ORDER BY x.prepared)
    FROM pg_catalog.pg_prepared_xacts x WHERE x.database = pg_catalog.current_database()),
  'transactions', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('pid', a.pid, 'application', a.application_name,
      'role', coalesce(a.usename, ''), 'state', coalesce(a.state, ''),
      'seconds', extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::pg_catalog.float8) ORDER BY a.xact_start)
    FROM pg_catalog.pg_stat_activity a WHERE a.datname = pg_catalog.current_database() AND a.xact_start IS NOT NULL
      AND a.backend_type = 'client backend' AND a.pid <> pg_catalog.pg_backend_pid()),
  'seesSessions', pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE'),
  'dataDirectory', CASE WHEN pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE')
    AND (pg_catalog.inet_server_addr() IS NULL OR pg_catalog.inet_server_addr() = pg_catalog.inet_client_addr())
    THEN pg_catalog.current_setting('data_directory') END)::pg_catalog.text AS facts
FROM (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()) own`
