/**
 * The SQL by which the catalog is read. Every value comes back as text, so that no type parser of the application has a
 * part in it; catalogs and functions are qualified, so that no search path has one either. Nothing here takes a lock
 * that a statement of the application could wait for.
 */

import {
  COLUMNS,
  CONSTRAINTS,
  DROPPED,
  PARENTS,
  REFUSING_INDEXES,
  TRIGGERS,
  UNIQUE_KEYS,
  VIEW_COLUMNS,
  VIEW_OF,
} from './relation-query.ts'
import { strict, underneath } from './type-query.ts'

/** Which search path the session has: one round trip and nothing else. Answers `path` as a JSON array. */
export const PATH_QUERY = 'SELECT pg_catalog.array_to_json(pg_catalog.current_schemas(true))::pg_catalog.text AS path'

const WANTED = `
  SELECT w.nr, CASE WHEN w.schema IS NULL THEN pg_catalog.to_regclass(pg_catalog.quote_ident(w.name))::pg_catalog.oid
    ELSE (SELECT c.oid FROM pg_catalog.pg_class c
          WHERE c.relname = w.name::pg_catalog.name AND c.relnamespace = CASE WHEN w.schema = 'pg_temp'
            THEN pg_catalog.pg_my_temp_schema()
            ELSE (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = w.schema::pg_catalog.name) END)
    END AS oid
  FROM (SELECT u.nr, u.name, ($2::pg_catalog.text[])[u.nr] AS schema
        FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS u(name, nr)) w`

const SESSION = `pg_catalog.array_to_json(pg_catalog.current_schemas(true))::pg_catalog.text AS path,
  pg_catalog.current_setting('transaction_isolation') AS isolation`

const stampOf = (catalog: string, key: string, where: string): string =>
  `(SELECT pg_catalog.string_agg(pg_catalog.concat(x.xmin, x.ctid), ',' ORDER BY ${key}) FROM pg_catalog.${catalog} x WHERE ${where})`

/** Functions with an oid from here on are the database's own: FirstNormalObjectId in access/transam.h. */
const FIRST_OWN = 16384
const OWN_VOLATILE = `x.oid >= ${FIRST_OWN} AND x.provolatile = 'v'`

const VOLATILE_FUNCTIONS = `SELECT DISTINCT x.proname::pg_catalog.text AS name FROM pg_catalog.pg_proc x
  WHERE ${OWN_VOLATILE} AND x.proname IN (SELECT n.name::pg_catalog.name FROM pg_catalog.unnest($8::pg_catalog.text[]) n(name))`

/** Functions outside of pg_catalog by names that PostgreSQL's own have. */
const OWN_TABLE_FUNCTIONS = `SELECT DISTINCT x.proname::pg_catalog.text AS name FROM pg_catalog.pg_proc x
  WHERE x.oid >= 16384 AND x.proname IN (SELECT n.name::pg_catalog.name FROM pg_catalog.unnest($9::pg_catalog.text[]) n(name))`

/**
 * Functions that return rows of a migrating table, or of what inherits from it: each depends on the row type. Whether
 * another one of the name returns something else for as many arguments is told by names alone, whatever the schema.
 */
const ROW_FUNCTIONS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'oid', p.oid::pg_catalog.int8, 'schema', n.nspname, 'name', p.proname,
    'relation', pg_catalog.json_build_object('oid', c.oid::pg_catalog.int8, 'schema', cn.nspname, 'name', c.relname),
    'returnsSet', p.proretset, 'least', p.pronargs - p.pronargdefaults - (p.provariadic <> 0)::pg_catalog.int4,
    'most', CASE WHEN p.provariadic = 0 THEN p.pronargs END,
    'overloaded', EXISTS (SELECT FROM pg_catalog.pg_proc o WHERE o.proname = p.proname AND o.prorettype <> p.prorettype
      AND (o.provariadic <> 0 OR o.pronargs >= p.pronargs - p.pronargdefaults)
      AND (p.provariadic <> 0 OR p.pronargs >= o.pronargs - o.pronargdefaults))) ORDER BY p.oid)
  FROM below b JOIN pg_catalog.pg_class c ON c.oid = b.oid JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
  JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid = c.reltype
    AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
  JOIN pg_catalog.pg_proc p ON p.oid = d.objid AND p.prorettype = c.reltype
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace`

/** All that a name of a function may mean, with its schema or on the search path. */
const FUNCTIONS = `SELECT u.nr, pg_catalog.json_agg(p.oid::pg_catalog.int8 ORDER BY p.oid) FILTER (WHERE p.oid IS NOT NULL) AS oids,
    pg_catalog.bool_and(p.provolatile = 'v') AS volatile
  FROM pg_catalog.unnest($6::pg_catalog.text[]) WITH ORDINALITY AS u(name, nr)
  LEFT JOIN pg_catalog.pg_proc p ON p.proname = u.name::pg_catalog.name
    AND CASE WHEN ($7::pg_catalog.text[])[u.nr] IS NULL THEN pg_catalog.pg_function_is_visible(p.oid)
      ELSE p.pronamespace = (SELECT n.oid FROM pg_catalog.pg_namespace n
        WHERE n.nspname = (($7::pg_catalog.text[])[u.nr])::pg_catalog.name) END
  GROUP BY u.nr`

const RELATIONS = '$3::pg_catalog.oid[]'
const FAMILY = '$4::pg_catalog.oid[]'

/**
 * Whether anything has changed: the versions of the catalog rows that the content was made of, ten times cheaper than the
 * content (1.5 ms against 15 ms for one table). Takes the wanted names and schemas, and what the last content says is to be
 * watched: relations with their columns, relations by name and kinship alone, functions, types; answers `path`, `isolation`, `stamp`. VACUUM FULL of a catalog changes it without cause.
 */
export const STAMP_QUERY = `SELECT ${SESSION}, pg_catalog.md5(pg_catalog.concat_ws('|',
  (SELECT pg_catalog.string_agg(pg_catalog.concat(x.nr, ':', x.oid), ',' ORDER BY x.nr) FROM (${WANTED}) x),
  ${stampOf('pg_class', 'x.oid', `x.oid = ANY (${FAMILY})`)},
  ${stampOf('pg_attribute', 'x.attrelid, x.attnum', `x.attrelid = ANY (${RELATIONS})`)},
  ${stampOf('pg_attrdef', 'x.adrelid, x.adnum', `x.adrelid = ANY (${RELATIONS})`)},
  ${stampOf('pg_index', 'x.indexrelid', `x.indrelid = ANY (${RELATIONS})`)},
  ${stampOf('pg_trigger', 'x.oid', `x.tgrelid = ANY (${FAMILY})`)},
  ${stampOf('pg_rewrite', 'x.oid', `x.ev_class = ANY (${RELATIONS})`)},
  ${stampOf('pg_inherits', 'x.inhrelid, x.inhseqno', `x.inhparent = ANY (${FAMILY})`)},
  ${stampOf('pg_inherits', 'x.inhrelid, x.inhseqno', `x.inhrelid = ANY (${RELATIONS})`)},
  ${stampOf('pg_depend', 'x.objid, x.objsubid, x.refobjid, x.refobjsubid', `x.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND x.refobjid = ANY (${FAMILY}) AND x.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass`)},
  ${stampOf('pg_proc', 'x.oid', 'x.oid = ANY ($5::pg_catalog.oid[])')},
  (SELECT pg_catalog.concat(pg_catalog.count(*), ':', pg_catalog.max(x.xmin::pg_catalog.text::pg_catalog.int8))
    FROM pg_catalog.pg_proc x WHERE x.oid >= 16384),
  (SELECT pg_catalog.string_agg(x.oid::pg_catalog.text, ',' ORDER BY x.oid) FROM pg_catalog.pg_class x
    WHERE x.relkind IN ('r', 'p') AND x.relnatts = ANY ($7::pg_catalog.int4[])),
  (SELECT pg_catalog.concat(pg_catalog.count(*), ':', pg_catalog.max(x.xmin::pg_catalog.text::pg_catalog.int8))
    FROM pg_catalog.pg_cast x),
  ${stampOf('pg_type', 'x.oid', 'x.oid = ANY ($6::pg_catalog.oid[])')})) AS stamp`

/** How many columns a table may have that was made from a migrating one, before or after columns of that were dropped. */
const WIDTHS = `SELECT (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped) + g.n AS width
  FROM wanted w CROSS JOIN pg_catalog.generate_series(0, 2) g(n) WHERE w.nr <= $3::pg_catalog.int4 AND w.oid IS NOT NULL`

/** Names of tables that may have been made from a migrating one: those of the width with a new column of a migration. */
const ALIKE = `SELECT DISTINCT c.relname::pg_catalog.text AS name FROM pg_catalog.pg_class c
  WHERE c.relkind IN ('r', 'p') AND (c.relpersistence <> 't' OR c.relnamespace = pg_catalog.pg_my_temp_schema())
    AND c.relnatts IN (SELECT v.width FROM (${WIDTHS}) v) AND c.oid NOT IN (SELECT b.oid FROM below b)
    AND EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
      AND a.attname = ANY (($10::pg_catalog.text[])::pg_catalog.name[]))`

const ACTS = `k.contype = 'f' AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd'))
  AND pg_catalog.to_jsonb(k) ->> 'conenforced' IS DISTINCT FROM 'false'`

const keyColumns = (relation: string, key: string): string => `SELECT pg_catalog.json_agg(a.attname ORDER BY u.nr)
  FROM pg_catalog.unnest(k.${key}) WITH ORDINALITY AS u(attnum, nr)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = k.${relation} AND a.attnum = u.attnum`

/** A table, and what it is a partition or child of, near or far. */
const withAncestors = (oid: string): string => `WITH RECURSIVE up(oid) AS (
    SELECT ${oid} UNION SELECT i.inhparent FROM up JOIN pg_catalog.pg_inherits i ON i.inhrelid = up.oid)`

/**
 * Foreign keys by which a change of another table changes the migrating ones, and those by which that one is changed in
 * turn; rows of a referenced table are also changed by way of its ancestors. A partition's copy of a key that the migrating
 * table or its child has tells nothing new; what is NOT ENFORCED (18) does nothing.
 */
const FOREIGN_KEYS = `WITH RECURSIVE linked(oid) AS (
    SELECT b.oid FROM below b
    UNION SELECT k.confrelid FROM linked l JOIN pg_catalog.pg_constraint k ON k.conrelid = l.oid AND ${ACTS})
  SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'tables', (${withAncestors('k.conrelid')}
      SELECT pg_catalog.json_agg(up.oid::pg_catalog.int8 ORDER BY up.oid) FROM up),
    'columns', (${keyColumns('conrelid', 'conkey')}),
    'references', pg_catalog.json_build_object('oid', r.oid::pg_catalog.int8, 'name', c.relname,
      'columns', (${keyColumns('confrelid', 'confkey')})),
    'onDeleteColumns', (SELECT pg_catalog.json_agg(a.attname ORDER BY a.attnum)
      FROM pg_catalog.jsonb_array_elements_text(CASE pg_catalog.jsonb_typeof(pg_catalog.to_jsonb(k) -> 'confdelsetcols')
        WHEN 'array' THEN pg_catalog.to_jsonb(k) -> 'confdelsetcols' ELSE '[]' END) s(attnum)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = s.attnum::pg_catalog.int2),
    'onDelete', k.confdeltype, 'onUpdate', k.confupdtype) ORDER BY k.oid, r.oid)
  FROM linked l JOIN pg_catalog.pg_constraint k ON k.conrelid = l.oid AND ${ACTS}
  CROSS JOIN LATERAL (${withAncestors('k.confrelid')} SELECT up.oid FROM up) r
  JOIN pg_catalog.pg_class c ON c.oid = r.oid
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint p JOIN below b ON b.oid = p.conrelid
    WHERE p.oid = k.conparentid AND p.conrelid <> k.conrelid)`

/** Triggers and rules of the migrating tables, of what inherits from them, and of the views above. */
const WRITERS = `SELECT pg_catalog.json_agg(w.oid::pg_catalog.int8 ORDER BY w.oid) FROM (
    SELECT t.oid FROM above a JOIN pg_catalog.pg_trigger t ON t.tgrelid = a.oid
    WHERE t.tgenabled IN ('O', 'A') AND NOT t.tgisinternal AND t.tgparentid = 0
    UNION ALL SELECT r.oid FROM above a JOIN pg_catalog.pg_rewrite r ON r.ev_class = a.oid
    WHERE r.ev_type <> '1' AND r.ev_enabled IN ('O', 'A')) w`

/**
 * Everything that planning needs. Takes the wanted names and their schemas, how many of them (the first ones) are
 * migrating tables, type texts as an array, the digest that is known, names and schemas of functions that mappings call,
 * names of functions to list where the database has volatile ones of its own, of those to list where it has any, and the new columns of the migrations; answers `path`, `isolation`, `digest`, and
 * `content` unless the digest is that one.
 *
 * Arrays, not json_to_recordset: the planner knows their length, and an estimate of 100 rows brings the total near the
 * cost from which PostgreSQL compiles queries (jit_above_cost), which takes longer than the query.
 */
export const CONTENT_QUERY = `
WITH RECURSIVE wanted AS MATERIALIZED (${WANTED}), below(oid) AS (
  SELECT w.oid FROM wanted w WHERE w.nr <= $3::pg_catalog.int4 AND w.oid IS NOT NULL
  UNION SELECT i.inhrelid FROM below b JOIN pg_catalog.pg_inherits i ON i.inhparent = b.oid
), above(oid) AS (
  SELECT b.oid FROM below b
  UNION SELECT v.oid FROM above a
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = a.oid
      AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
    JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
    JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
), content AS MATERIALIZED (SELECT pg_catalog.json_build_object(
  'resolved', (SELECT pg_catalog.json_agg(w.oid::pg_catalog.int8 ORDER BY w.nr) FROM wanted w),
  'declared', (SELECT pg_catalog.json_agg(pg_catalog.to_regtype(t.text)::pg_catalog.oid::pg_catalog.int8 ORDER BY t.nr)
    FROM pg_catalog.unnest($4::pg_catalog.text[]) WITH ORDINALITY AS t(text, nr)),
  'family', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('oid', c.oid::pg_catalog.int8, 'name', c.relname)
      ORDER BY c.oid) FROM above a JOIN pg_catalog.pg_class c ON c.oid = a.oid),
  'alike', (SELECT pg_catalog.json_agg(x.name ORDER BY x.name) FROM (${ALIKE}) x),
  'widths', (SELECT pg_catalog.json_agg(DISTINCT x.width ORDER BY x.width) FROM (${WIDTHS}) x),
  'relations', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'partitioned', c.relkind = 'p', 'temporary', c.relpersistence = 't', 'oid', c.oid::pg_catalog.int8, 'schema', n.nspname, 'name', c.relname,
      'kind', CASE WHEN c.relkind IN ('r', 'p', 'f') THEN 'table' WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'other' END,
      'columns', (${COLUMNS}), 'dropped', (${DROPPED}), 'uniqueKeys', (${UNIQUE_KEYS}), 'constraints', (${CONSTRAINTS}), 'refusingIndexes', (${REFUSING_INDEXES}),
      'parents', (${PARENTS}),
      'viewOf', CASE WHEN c.relkind IN ('v', 'm') THEN (${VIEW_OF}) END,
      'viewColumns', CASE WHEN c.relkind = 'v' THEN (${VIEW_COLUMNS}) END, 'triggers', (${TRIGGERS})) ORDER BY c.oid)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid IN (SELECT w.oid FROM wanted w)),
  'foreignKeys', (${FOREIGN_KEYS}), 'writers', (${WRITERS}),
  'functions', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('oids', f.oids, 'volatile', f.volatile)
      ORDER BY f.nr) FROM (${FUNCTIONS}) f),
  'setFunctions', (SELECT pg_catalog.json_agg(DISTINCT x.proname ORDER BY x.proname) FROM pg_catalog.pg_proc x
    WHERE x.oid >= ${FIRST_OWN} AND x.proretset),
  'volatileFunctions', (SELECT pg_catalog.json_agg(v.name ORDER BY v.name) FROM (${VOLATILE_FUNCTIONS}) v),
  'rowFunctions', (${ROW_FUNCTIONS}),
  'ownTableFunctions', (SELECT pg_catalog.json_agg(f.name ORDER BY f.name) FROM (${OWN_TABLE_FUNCTIONS}) f),
  'types', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'oid', t.oid::pg_catalog.int8, 'schema', n.nspname, 'name', t.typname, 'collation', t.typcollation::pg_catalog.int8,
      'storage', pg_catalog.concat_ws(':', t.typlen, t.typalign), 'strict', ${strict('t')},
      'base', (${underneath('t')})::pg_catalog.int8) ORDER BY t.oid)
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE t.oid IN (
      WITH RECURSIVE used(oid) AS (
        SELECT a.atttypid FROM pg_catalog.pg_attribute a JOIN wanted w ON a.attrelid = w.oid WHERE a.attnum > 0
        UNION SELECT ${underneath('b')} FROM used JOIN pg_catalog.pg_type b ON b.oid = used.oid AND ${underneath('b')} IS NOT NULL)
      SELECT used.oid FROM used)),
  'collations', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'oid', o.oid::pg_catalog.int8, 'schema', n.nspname, 'name', o.collname) ORDER BY o.oid)
    FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace
    WHERE o.oid IN (SELECT a.attcollation FROM pg_catalog.pg_attribute a JOIN wanted w ON a.attrelid = w.oid))
)::pg_catalog.text AS text)
SELECT ${SESSION}, pg_catalog.md5(content.text) AS digest,
  CASE WHEN pg_catalog.md5(content.text) IS DISTINCT FROM $5 THEN content.text END AS content
FROM content`
