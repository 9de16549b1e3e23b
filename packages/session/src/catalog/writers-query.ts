/**
 * The SQL by which triggers and rules are looked for that a plan does not reckon with. As in catalog-query.ts all is
 * qualified and comes back as text.
 */

/**
 * Enabled triggers and rules of the tables with these oids, of what inherits from them, and of the views above, with the
 * text of their functions. A trigger that partitions have from their table comes once.
 */
export const WRITERS_QUERY = `WITH RECURSIVE below(top, oid) AS (
    SELECT u.oid, u.oid FROM pg_catalog.unnest($1::pg_catalog.oid[]) u(oid)
    UNION SELECT b.top, i.inhrelid FROM below b JOIN pg_catalog.pg_inherits i ON i.inhparent = b.oid),
  related(top, oid) AS (
    SELECT b.top, b.oid FROM below b
    UNION SELECT r.top, w.ev_class FROM related r
      JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = r.oid
        AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
      JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid
      JOIN pg_catalog.pg_class v ON v.oid = w.ev_class AND v.relkind = 'v'),
  named AS (SELECT r.top, c.oid, c.relname, n.nspname, c.relkind FROM related r
    JOIN pg_catalog.pg_class c ON c.oid = r.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace)
SELECT pg_catalog.json_build_object(
  'relations', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('top', n.top::pg_catalog.int8,
      'schema', n.nspname, 'name', n.relname) ORDER BY n.top, n.oid) FROM named n),
  'writers', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('top', x.top::pg_catalog.int8, 'schema', x.nspname,
      'relation', x.relname, 'view', x.relkind = 'v', 'name', x.name, 'type', x.type, 'event', x.event,
      'functionSchema', x.function_schema, 'language', x.language, 'source', x.source)
      ORDER BY x.top, x.name, x.nspname, x.relname)
    FROM (SELECT DISTINCT ON (n.top, t.tgname, t.tgfoid, t.tgtype) n.top, n.nspname, n.relname, n.relkind,
        t.tgname::pg_catalog.text AS name, t.tgtype::pg_catalog.int4 AS type, NULL AS event,
        (SELECT s.nspname FROM pg_catalog.pg_namespace s WHERE s.oid = p.pronamespace) AS function_schema, l.lanname::pg_catalog.text AS language, p.prosrc AS source
      FROM named n JOIN pg_catalog.pg_trigger t ON t.tgrelid = n.oid JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
      JOIN pg_catalog.pg_language l ON l.oid = p.prolang AND l.lanname NOT IN ('c', 'internal')
      WHERE t.tgenabled IN ('O', 'A') AND (NOT t.tgisinternal OR t.tgparentid <> 0)
      ORDER BY n.top, t.tgname, t.tgfoid, t.tgtype, n.oid <> n.top, n.oid) x
    ), 'rules', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('top', n.top::pg_catalog.int8, 'schema', n.nspname,
      'relation', n.relname, 'view', n.relkind = 'v', 'name', w.rulename, 'type', NULL, 'event', w.ev_type,
      'functionSchema', NULL, 'language', 'sql', 'source', pg_catalog.pg_get_ruledef(w.oid)) ORDER BY n.top, w.rulename, n.oid)
    FROM named n JOIN pg_catalog.pg_rewrite w ON w.ev_class = n.oid
    WHERE w.ev_type <> '1' AND w.ev_enabled IN ('O', 'A')))::pg_catalog.text AS found`

/** The database's own functions of these names whose text can be read. */
export const FUNCTIONS_QUERY = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('schema', n.nspname,
    'name', p.proname, 'language', l.lanname,
    'source', coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc)) ORDER BY p.oid)::pg_catalog.text AS found
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE p.proname = ANY ($1::pg_catalog.name[]) AND p.oid >= 16384 AND p.prokind IN ('f', 'p')
    AND p.prorettype <> 'pg_catalog.trigger'::pg_catalog.regtype AND l.lanname NOT IN ('c', 'internal')`
