/**
 * The SQL by which facts are read. All comes back as one JSON text, so that no type parser of a driver has a part in it. Names in it are
 * qualified, since it runs under `search_path = pg_catalog`: so are then the defaults and types that PostgreSQL prints.
 */

/** The table that a name means, and the oids of type names; on the search path of the connection. Takes schema, name, types. */
export const NAMES_QUERY = `SELECT pg_catalog.json_build_object('table', (
    SELECT c.oid::pg_catalog.int8 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f') AND CASE WHEN $1::pg_catalog.text IS NULL
      THEN c.oid = pg_catalog.to_regclass(pg_catalog.quote_ident($2::pg_catalog.text))
      ELSE n.nspname = $1::pg_catalog.text::pg_catalog.name AND c.relname = $2::pg_catalog.text::pg_catalog.name END),
  'types', (SELECT pg_catalog.json_agg((
      SELECT pg_catalog.json_build_object('schema', n.nspname, 'name', t.typname, 'array', y.typelem <> 0 AND y.typlen = -1)
      FROM pg_catalog.pg_type y
      JOIN pg_catalog.pg_type t ON t.oid = CASE WHEN y.typelem <> 0 AND y.typlen = -1 THEN y.typelem ELSE y.oid END
      JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
      WHERE y.oid = pg_catalog.to_regtype(u.name)) ORDER BY u.nr)
    FROM pg_catalog.unnest($3::pg_catalog.text[]) WITH ORDINALITY AS u(name, nr)))::pg_catalog.text AS names`

/** What a domain `y` stands for in the end, or the type itself, and whether any on the way has a check; planned once, since planning is what it costs. */
const UNDER_DOMAIN = `JOIN LATERAL (WITH RECURSIVE under(oid, level) AS (SELECT y.oid, 0 UNION ALL SELECT b.typbasetype, under.level + 1 FROM under
      JOIN pg_catalog.pg_type b ON b.oid = under.oid AND b.typtype = 'd')
    SELECT (pg_catalog.array_agg(bn.nspname || '.' || b.typname ORDER BY under.level DESC))[1] AS base,
      (pg_catalog.array_agg(pg_catalog.format('%I.%I', bn.nspname, b.typname) ORDER BY under.level DESC))[1] AS bare,
      pg_catalog.bool_or(b.typnotnull OR EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.contypid = b.oid)) AS checked
    FROM under JOIN pg_catalog.pg_type b ON b.oid = under.oid JOIN pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace) yu ON true`

/** Facts of a type `y` with what is under it; its text is given. */
const typeFacts = (text: string): string => `'type', ${text}, 'schema', yn.nspname, 'domain', y.typtype = 'd',
  'bare', pg_catalog.format('%I.%I', yn.nspname, y.typname), 'checked', y.typtype = 'd' AND yu.checked,
  'deterministic', coalesce((SELECT yo.collisdeterministic FROM pg_catalog.pg_collation yo WHERE yo.oid = y.typcollation), true),
  'base', yu.base, 'under', yu.bare`

/** Takes qualified type names and their full texts; one JSON array in their order. */
export const TYPES_QUERY = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object(${typeFacts('u.text')}) ORDER BY u.nr)::pg_catalog.text AS types
  FROM (SELECT n.nr, n.name, ($2::pg_catalog.text[])[n.nr] AS text
    FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS n(name, nr)) u
  JOIN pg_catalog.pg_type y ON y.oid = pg_catalog.to_regtype(u.name)
  JOIN pg_catalog.pg_namespace yn ON yn.oid = y.typnamespace ${UNDER_DOMAIN}`

/** The table of `$1` and what inherits from it, with the level. */
export const MEMBERS = `WITH RECURSIVE tree(oid, level) AS (SELECT $1::pg_catalog.oid, 0
    UNION ALL SELECT i.inhrelid, tree.level + 1 FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid),
  members AS MATERIALIZED (SELECT tree.oid, pg_catalog.min(tree.level) AS level FROM tree GROUP BY tree.oid)`

const COLUMNS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname, 'position', a.attnum,
    ${typeFacts('pg_catalog.format_type(a.atttypid, a.atttypmod)')},
    'collation', CASE WHEN a.attcollation <> y.typcollation THEN pg_catalog.format('%I.%I', cn.nspname, o.collname) END,
    'deterministic', coalesce(o.collisdeterministic, true),
    'notNull', a.attnotnull, 'identity', a.attidentity <> '', 'generated', a.attgenerated <> '', 'inherited', a.attinhcount > 0,
    'defaults', (SELECT pg_catalog.json_agg(DISTINCT x.text) FROM (
      SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS text FROM members
        JOIN pg_catalog.pg_attribute m ON m.attrelid = members.oid AND m.attname = a.attname AND NOT m.attisdropped
        JOIN pg_catalog.pg_attrdef d ON d.adrelid = members.oid AND d.adnum = m.attnum WHERE m.attgenerated = ''
      UNION ALL SELECT pg_catalog.pg_get_expr(y.typdefaultbin, 0::pg_catalog.oid) WHERE y.typtype = 'd' AND y.typdefaultbin IS NOT NULL) x))
    ORDER BY a.attnum)
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
  JOIN pg_catalog.pg_namespace yn ON yn.oid = y.typnamespace ${UNDER_DOMAIN}
  LEFT JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = o.collnamespace
  WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attname = ANY ($2::pg_catalog.text[]::pg_catalog.name[])`

/** Enabled BEFORE ROW triggers on INSERT or UPDATE: TRIGGER_TYPE_ROW | TRIGGER_TYPE_BEFORE; _INSERT | _UPDATE. */
const TRIGGERS = `SELECT pg_catalog.json_agg(DISTINCT pg_catalog.jsonb_build_object('name', t.tgname, 'language', l.lanname,
    'source', p.prosrc, 'arguments', pg_catalog.encode(t.tgargs, 'escape')))
  FROM members JOIN pg_catalog.pg_trigger t ON t.tgrelid = members.oid JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE t.tgtype & 3 = 3 AND t.tgtype & 20 <> 0 AND t.tgenabled <> 'D' AND t.tgname !~ '^[~!]+expand_contract_'`

/** A list of columns stands in `prattrs`, from 15 on; the parents of a partition may be what was published. */
const PUBLICATIONS = `SELECT pg_catalog.json_agg(DISTINCT v.pubname) FROM members
  JOIN pg_catalog.pg_class c ON c.oid = members.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_publication_tables v ON v.schemaname = n.nspname AND v.tablename = c.relname
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
    JOIN members own ON own.oid = r.prrelid
    WHERE p.pubname = v.pubname AND pg_catalog.jsonb_typeof(pg_catalog.to_jsonb(r) -> 'prattrs') IN ('string', 'array'))`

/** The columns of a partition key, plain or in an expression, depend on their table (StorePartitionKey in heap.c). */
const KEY_COLUMNS = `SELECT pg_catalog.json_agg(DISTINCT a.attname) FROM members
  JOIN pg_catalog.pg_class c ON c.oid = members.oid AND c.relkind = 'p'
  JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = members.oid AND d.objsubid > 0
    AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = members.oid AND d.refobjsubid = 0
  JOIN pg_catalog.pg_attribute a ON a.attrelid = members.oid AND a.attnum = d.objsubid`

/** Takes the oid of the table, its migrating columns and the name of the control schema. */
export const FACTS_QUERY = `${MEMBERS}
SELECT pg_catalog.json_build_object(
  'server', pg_catalog.json_build_object('version', pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
    'database', pg_catalog.current_database(), 'role', current_user, 'standby', pg_catalog.pg_is_in_recovery()),
  'control', (SELECT pg_catalog.json_build_object('writable', pg_catalog.has_schema_privilege(n.oid, 'CREATE'))
    FROM pg_catalog.pg_namespace n WHERE n.nspname = $3::pg_catalog.text::pg_catalog.name),
  'table', (SELECT pg_catalog.json_build_object('oid', r.oid::pg_catalog.int8, 'schema', rn.nspname, 'name', r.relname,
      'partition', r.relispartition,
      'members', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('oid', c.oid::pg_catalog.int8, 'schema', n.nspname,
          'name', c.relname, 'kind', c.relkind, 'partition', c.relispartition, 'width', c.relnatts, 'positions', coalesce((
            SELECT pg_catalog.json_object_agg(a.attname, a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid
              AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY ($2::pg_catalog.text[]::pg_catalog.name[])), '{}'),
          'owned', pg_catalog.pg_has_role(c.relowner, 'USAGE')) ORDER BY members.level, c.oid)
        FROM members JOIN pg_catalog.pg_class c ON c.oid = members.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace),
      'columns', (${COLUMNS}), 'keyColumns', (${KEY_COLUMNS}), 'triggers', (${TRIGGERS}), 'publications', (${PUBLICATIONS}),
      'rows', (SELECT pg_catalog.sum(c.reltuples) FROM members JOIN pg_catalog.pg_class c ON c.oid = members.oid WHERE c.relkind = 'r'),
      'bytes', (SELECT pg_catalog.sum(pg_catalog.pg_table_size(c.oid)) FROM members
        JOIN pg_catalog.pg_class c ON c.oid = members.oid WHERE c.relkind = 'r'))
    FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
    WHERE r.oid = $1::pg_catalog.oid))::pg_catalog.text AS facts`

/** What the database has of a sync trigger. Takes the oid of the table, the control schema and the names of its parts. */
export const TRIGGER_STATE_QUERY = `${MEMBERS}
SELECT pg_catalog.json_build_object(
  'function', (SELECT p.prosrc FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = $2::pg_catalog.text::pg_catalog.name AND p.proname = $3::pg_catalog.text::pg_catalog.name),
  'helper', (SELECT p.prosrc FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = $2::pg_catalog.text::pg_catalog.name AND p.proname = $4::pg_catalog.text::pg_catalog.name),
  'bypassed', (SELECT coalesce(pg_catalog.pg_sequence_last_value(c.oid), 0)::pg_catalog.text FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $2::pg_catalog.text::pg_catalog.name AND c.relname = $5::pg_catalog.text::pg_catalog.name AND c.relkind = 'S'),
  'samples', EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $2::pg_catalog.text::pg_catalog.name AND c.relname = $6::pg_catalog.text::pg_catalog.name AND c.relkind = 'r'),
  'members', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('schema', n.nspname, 'table', c.relname, 'triggers', (
      SELECT pg_catalog.json_object_agg(t.tgname, t.tgenabled) FROM pg_catalog.pg_trigger t
      JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
      WHERE t.tgrelid = c.oid AND t.tgname = ANY ($7::pg_catalog.text[]::pg_catalog.name[])
        AND p.proname = $3::pg_catalog.text::pg_catalog.name AND pn.nspname = $2::pg_catalog.text::pg_catalog.name
        AND t.tgtype = 23), 'definition', (
      SELECT pg_catalog.string_agg(pg_catalog.pg_get_triggerdef(t.oid) || pg_catalog.pg_get_functiondef(t.tgfoid), '' ORDER BY t.tgname)
      FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = ANY ($7::pg_catalog.text[]::pg_catalog.name[]))) ORDER BY members.level, c.oid)
    FROM members JOIN pg_catalog.pg_class c ON c.oid = members.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace))::pg_catalog.text AS state`
