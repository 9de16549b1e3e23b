/**
 * The SQL by which the catalog is read. Every value comes back as text, so that no type parser of the application has a
 * part in it; catalogs and functions are qualified, so that no search path has one either. Nothing here takes a lock
 * that a statement of the application could wait for.
 */

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

const COLUMNS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', a.attname, 'position', a.attnum, 'type', a.atttypid::pg_catalog.int8, 'modifier', a.atttypmod,
    'declared', pg_catalog.format_type(a.atttypid, a.atttypmod), 'collation', a.attcollation::pg_catalog.int8,
    'notNull', a.attnotnull, 'generated', a.attgenerated <> '', 'identity', a.attidentity,
    'default', CASE WHEN a.attgenerated = '' THEN coalesce(pg_catalog.pg_get_expr(d.adbin, 0),
      (SELECT pg_catalog.pg_get_expr(y.typdefaultbin, 0::pg_catalog.oid) FROM pg_catalog.pg_type y
       WHERE y.oid = a.atttypid AND y.typtype = 'd')) END,
    'sequence', CASE WHEN a.attidentity <> '' THEN (
      WITH RECURSIVE up(oid, level) AS (SELECT c.oid, 0
        UNION SELECT i.inhparent, up.level + 1 FROM up JOIN pg_catalog.pg_inherits i ON i.inhrelid = up.oid)
      SELECT pg_catalog.format('%I.%I', sn.nspname, s.relname) FROM up
        JOIN pg_catalog.pg_attribute ua ON ua.attrelid = up.oid AND ua.attname = a.attname
        JOIN pg_catalog.pg_depend sd ON sd.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
          AND sd.refobjid = up.oid AND sd.refobjsubid = ua.attnum AND sd.deptype = 'i'
          AND sd.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        JOIN pg_catalog.pg_class s ON s.oid = sd.objid AND s.relkind = 'S'
        JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
      ORDER BY up.level LIMIT 1) END) ORDER BY a.attnum)
  FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`

const DROPPED = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('position', a.attnum,
    'storage', pg_catalog.concat_ws(':', a.attlen, a.attalign, a.atttypmod)) ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attisdropped`

const UNIQUE_KEYS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', ic.relname, 'primary', i.indisprimary, 'partial', i.indpred IS NOT NULL,
    'columns', CASE WHEN i.indexprs IS NULL THEN (
      SELECT pg_catalog.json_agg(ka.attname ORDER BY k.nr)
      FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k(attnum, nr)
      JOIN pg_catalog.pg_attribute ka ON ka.attrelid = i.indrelid AND ka.attnum = k.attnum
      WHERE k.nr <= i.indnkeyatts) END) ORDER BY ic.relname)
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
  WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid`

/** What SET CONSTRAINTS and ON CONFLICT ON CONSTRAINT may name. Each comes with an index or a trigger, by which a change is noticed. */
const CONSTRAINTS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', k.conname, 'deferrable', k.condeferrable, 'columns', (
      SELECT pg_catalog.json_agg(ka.attname ORDER BY ka.attnum) FROM pg_catalog.pg_attribute ka
      WHERE ka.attrelid = k.conrelid AND ka.attnum = ANY (k.conkey))) ORDER BY k.conname, k.oid)
  FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('f', 'p', 't', 'u', 'x')`

const PARENTS = `WITH RECURSIVE up(oid) AS (
    SELECT i.inhparent FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid
    UNION SELECT i.inhparent FROM up JOIN pg_catalog.pg_inherits i ON i.inhrelid = up.oid)
  SELECT pg_catalog.json_agg(up.oid::pg_catalog.int8 ORDER BY up.oid) FROM up`

/**
 * Which columns a definition names stands in pg_depend, except for whole rows, of which it has none: those are variables
 * with the number 0 in the definition's tree (find_expr_references_walker in catalog/dependency.c).
 */
const VIEW_OF = `WITH RECURSIVE down(oid, relkind) AS (
    SELECT c.oid, c.relkind
    UNION SELECT t.oid, t.relkind FROM down
      JOIN pg_catalog.pg_rewrite r ON r.ev_class = down.oid AND down.relkind IN ('v', 'm')
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
      JOIN pg_catalog.pg_class t ON t.oid = d.refobjid),
  named(oid, attname) AS (SELECT t.oid, a.attname FROM down
    JOIN pg_catalog.pg_rewrite r ON r.ev_class = down.oid AND down.relkind IN ('v', 'm')
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    JOIN down t ON t.oid = d.refobjid AND t.relkind IN ('r', 'p', 'f')
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
      AND (a.attnum = d.refobjsubid OR r.ev_action::pg_catalog.text LIKE '%:varattno 0 %')),
  up(oid, below) AS (SELECT n.oid, n.oid FROM named n
    UNION SELECT i.inhparent, up.below FROM up JOIN pg_catalog.pg_inherits i ON i.inhrelid = up.oid)
  SELECT pg_catalog.json_agg(pg_catalog.json_build_object('oid', x.oid::pg_catalog.int8, 'columns', x.columns) ORDER BY x.oid)
  FROM (SELECT up.oid, pg_catalog.json_agg(DISTINCT n.attname ORDER BY n.attname) FILTER (WHERE n.attname IS NOT NULL) AS columns
    FROM up JOIN named n ON n.oid = up.below GROUP BY up.oid) x`

const PLAIN_ITEM = `':resno ([0-9]+) :resname [^:]+ :ressortgroupref [0-9]+ :resorigtbl ([0-9]+) :resorigcol ([0-9]+) :resjunk false', 'g'`

/**
 * What the columns of a view are, and of the views under it, where each is a plain query of one relation, and no trigger or rule
 * stands for it: the node tree says of which column each is (resorigtbl, resorigcol; primnodes.h), and which WHERE uses.
 */
const VIEW_COLUMNS = `WITH RECURSIVE down(oid, relkind) AS (
    SELECT c.oid, c.relkind
    UNION SELECT t.oid, t.relkind FROM down
      JOIN pg_catalog.pg_rewrite r ON r.ev_class = down.oid AND down.relkind = 'v'
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
      JOIN pg_catalog.pg_class t ON t.oid = d.refobjid)
  SELECT pg_catalog.json_agg(pg_catalog.json_build_object('oid', v.oid::pg_catalog.int8, 'columns', (
      SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', va.attname, 'of', m.part[2]::pg_catalog.int8,
        'column', ta.attname) ORDER BY va.attnum)
      FROM pg_catalog.regexp_matches(v.tree, ${PLAIN_ITEM}) m(part)
      JOIN pg_catalog.pg_attribute va ON va.attrelid = v.oid AND va.attnum = m.part[1]::pg_catalog.int2
      LEFT JOIN pg_catalog.pg_attribute ta ON ta.attrelid = m.part[2]::pg_catalog.oid AND ta.attnum = m.part[3]::pg_catalog.int2),
    'condition', (SELECT pg_catalog.json_agg(DISTINCT coalesce(ca.attname, ''))
      FROM pg_catalog.regexp_matches(pg_catalog.substring(v.tree, ' :jointree (.*) :targetList '), ':varattno (-?[0-9]+)', 'g') q(part)
      LEFT JOIN pg_catalog.pg_attribute ca ON ca.attnum = q.part[1]::pg_catalog.int2 AND ca.attrelid = (
        SELECT pg_catalog.max(m.part[2]::pg_catalog.int8) FROM pg_catalog.regexp_matches(v.tree, ${PLAIN_ITEM}) m(part))::pg_catalog.oid)))
  FROM (SELECT down.oid, r.ev_action::pg_catalog.text AS tree FROM down
    JOIN pg_catalog.pg_rewrite r ON r.ev_class = down.oid AND r.rulename = '_RETURN' WHERE down.relkind = 'v'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = down.oid)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite o WHERE o.ev_class = down.oid AND o.rulename <> '_RETURN')) v
  WHERE pg_catalog.strpos(pg_catalog.substr(v.tree, 3), '{QUERY ') = 0
    AND v.tree ~ ':jointree [{]FROMEXPR :fromlist [(][{]RANGETBLREF :rtindex [0-9]+[}][)] '
    AND v.tree ~ ':hasAggs false :hasWindowFuncs false ' AND v.tree LIKE '%:groupClause <> %'
    AND v.tree LIKE '%:distinctClause <> %' AND v.tree LIKE '%:sortClause <> %'`

/**
 * What changes a row after the statement has computed it. Enabled triggers on INSERT or UPDATE, those of partitions
 * and children included, where rows of the table may lie, each with whether all of them have it; on partitions those cloned from the
 * parent are internal before 15. Rules replace the statement itself: they name columns in their own text.
 */
const TRIGGERS = `WITH RECURSIVE down(oid) AS (
    SELECT c.oid UNION SELECT i.inhrelid FROM down JOIN pg_catalog.pg_inherits i ON i.inhparent = down.oid)
  SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', x.name, 'function', x.function, 'language', x.language, 'source', x.source, 'arguments', x.arguments,
    'beforeRow', x.before_row, 'everywhere', x.tables = (SELECT pg_catalog.count(*) FROM down)) ORDER BY x.name, x.function)
  FROM (SELECT t.tgname::pg_catalog.text AS name, p.oid::pg_catalog.int8 AS function, l.lanname::pg_catalog.text AS language,
      p.prosrc AS source, pg_catalog.encode(t.tgargs, 'escape') AS arguments, t.tgtype & 3 = 3 AS before_row,
      pg_catalog.count(*) AS tables
    FROM down JOIN pg_catalog.pg_trigger t ON t.tgrelid = down.oid JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE t.tgenabled IN ('O', 'A') AND t.tgtype & 20 <> 0 AND (t.tgtype & 3 = 3 OR l.lanname = 'plpgsql')
      AND (NOT t.tgisinternal OR t.tgparentid <> 0)
    GROUP BY t.tgname, p.oid, l.lanname, p.prosrc, t.tgargs, t.tgtype & 3 = 3
    UNION ALL SELECT r.rulename::pg_catalog.text, NULL, 'sql', pg_catalog.pg_get_ruledef(r.oid), '', true, 0
    FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND c.relkind IN ('r', 'p')
      AND r.ev_type IN ('2', '3') AND r.ev_enabled IN ('O', 'A')) x`

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
 * Whether COALESCE with a NULL of the type takes what an assignment takes: no type of another category, but for those of
 * which a cast says so, nor one of the same that has no implicit cast in either direction. To strings everything may be
 * assigned, by way of its text. `money`, which may be assigned to numeric, is left out, since numeric would be no such type.
 */
const strict = (type: string): string => `(${type}.typcategory NOT IN ('A', 'C', 'P', 'S', 'V', 'X') AND NOT EXISTS (
  SELECT FROM pg_catalog.pg_cast k JOIN pg_catalog.pg_type s ON s.oid = k.castsource
  WHERE k.casttarget = ${type}.oid AND k.castcontext IN ('a', 'i') AND k.castsource <> ${type}.oid
    AND k.castsource <> 'pg_catalog.money'::pg_catalog.regtype AND NOT (s.typcategory = ${type}.typcategory AND EXISTS (
      SELECT FROM pg_catalog.pg_cast j WHERE j.castcontext = 'i' AND (j.castsource = k.castsource AND j.casttarget = k.casttarget
        OR j.castsource = k.casttarget AND j.casttarget = k.castsource)))))`

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
      'columns', (${COLUMNS}), 'dropped', (${DROPPED}), 'uniqueKeys', (${UNIQUE_KEYS}), 'constraints', (${CONSTRAINTS}), 'parents', (${PARENTS}),
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
      'base', CASE WHEN t.typtype = 'd' THEN t.typbasetype::pg_catalog.int8 END) ORDER BY t.oid)
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE t.oid IN (
      WITH RECURSIVE used(oid) AS (
        SELECT a.atttypid FROM pg_catalog.pg_attribute a JOIN wanted w ON a.attrelid = w.oid WHERE a.attnum > 0
        UNION SELECT b.typbasetype FROM used JOIN pg_catalog.pg_type b ON b.oid = used.oid AND b.typtype = 'd')
      SELECT used.oid FROM used)),
  'collations', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'oid', o.oid::pg_catalog.int8, 'schema', n.nspname, 'name', o.collname) ORDER BY o.oid)
    FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace
    WHERE o.oid IN (SELECT a.attcollation FROM pg_catalog.pg_attribute a JOIN wanted w ON a.attrelid = w.oid))
)::pg_catalog.text AS text)
SELECT ${SESSION}, pg_catalog.md5(content.text) AS digest,
  CASE WHEN pg_catalog.md5(content.text) IS DISTINCT FROM $5 THEN content.text END AS content
FROM content`

/** Facts of types by oid and modifier, for the types of columns that do not exist. One row each, in order. */
export const TYPE_QUERY = `
WITH RECURSIVE asked AS (
  SELECT u.nr, u.oid, ($2::pg_catalog.int4[])[u.nr] AS modifier
  FROM pg_catalog.unnest($1::pg_catalog.oid[]) WITH ORDINALITY AS u(oid, nr)
), base(nr, oid, level) AS (
  SELECT a.nr, a.oid, 0 FROM asked a
  UNION ALL SELECT b.nr, t.typbasetype, b.level + 1
    FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.oid AND t.typtype = 'd'
)
SELECT pg_catalog.format_type(a.oid, a.modifier) AS declared, pg_catalog.concat_ws(':', t.typlen, t.typalign) AS storage,
  ${strict('bt')}::pg_catalog.text AS strict, n.nspname AS schema, t.typname AS name,
  bn.nspname AS base_schema, bt.typname AS base_name, cn.nspname AS collation_schema, c.collname AS collation_name
FROM asked a
JOIN pg_catalog.pg_type t ON t.oid = a.oid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN LATERAL (SELECT b.oid FROM base b WHERE b.nr = a.nr ORDER BY b.level DESC LIMIT 1) b ON true
JOIN pg_catalog.pg_type bt ON bt.oid = b.oid
JOIN pg_catalog.pg_namespace bn ON bn.oid = bt.typnamespace
LEFT JOIN pg_catalog.pg_collation c ON c.oid = t.typcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = c.collnamespace
ORDER BY a.nr`
