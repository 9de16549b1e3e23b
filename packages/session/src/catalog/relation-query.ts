/** The parts of CONTENT_QUERY that answer of one relation, `c`: pg_catalog.pg_class. */

export const COLUMNS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
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

export const DROPPED = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('position', a.attnum,
    'storage', pg_catalog.concat_ws(':', a.attlen, a.attalign, a.atttypmod)) ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attisdropped`

export const UNIQUE_KEYS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', ic.relname, 'primary', i.indisprimary, 'partial', i.indpred IS NOT NULL,
    'columns', CASE WHEN i.indexprs IS NULL THEN (
      SELECT pg_catalog.json_agg(ka.attname ORDER BY k.nr)
      FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k(attnum, nr)
      JOIN pg_catalog.pg_attribute ka ON ka.attrelid = i.indrelid AND ka.attnum = k.attnum
      WHERE k.nr <= i.indnkeyatts) END) ORDER BY ic.relname)
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
  WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid`

/**
 * Indexes that refuse a row at once. One that is built concurrently does before it is valid. Which columns an expression names
 * stands in its tree; an index of a partitioned table refuses under the names of those of its partitions.
 */
export const REFUSING_INDEXES = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', ic.relname,
    'columns', (SELECT pg_catalog.json_agg(ka.attname ORDER BY ka.attnum) FROM pg_catalog.pg_attribute ka
      WHERE ka.attrelid = i.indrelid AND (ka.attnum = ANY ((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1])
        OR i.indexprs IS NOT NULL AND i.indexprs::pg_catalog.text LIKE pg_catalog.concat('%:varattno ', ka.attnum, ' %'))),
    'leaves', CASE WHEN c.relkind = 'p' THEN (
      WITH RECURSIVE down(oid) AS (SELECT i.indexrelid
        UNION SELECT h.inhrelid FROM down JOIN pg_catalog.pg_inherits h ON h.inhparent = down.oid)
      SELECT pg_catalog.json_agg(pg_catalog.json_build_array(ln.nspname, l.relname) ORDER BY l.oid) FROM down
        JOIN pg_catalog.pg_class l ON l.oid = down.oid AND l.relkind = 'i'
        JOIN pg_catalog.pg_namespace ln ON ln.oid = l.relnamespace) END) ORDER BY ic.relname)
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
  WHERE i.indrelid = c.oid AND (i.indisunique OR i.indisexclusion) AND i.indimmediate AND i.indislive`

/** What SET CONSTRAINTS and ON CONFLICT ON CONSTRAINT may name. Each comes with an index or a trigger, by which a change is noticed. */
export const CONSTRAINTS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', k.conname, 'deferrable', k.condeferrable, 'columns', (
      SELECT pg_catalog.json_agg(ka.attname ORDER BY ka.attnum) FROM pg_catalog.pg_attribute ka
      WHERE ka.attrelid = k.conrelid AND ka.attnum = ANY (k.conkey))) ORDER BY k.conname, k.oid)
  FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('f', 'p', 't', 'u', 'x')`

export const PARENTS = `WITH RECURSIVE up(oid) AS (
    SELECT i.inhparent FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid
    UNION SELECT i.inhparent FROM up JOIN pg_catalog.pg_inherits i ON i.inhrelid = up.oid)
  SELECT pg_catalog.json_agg(up.oid::pg_catalog.int8 ORDER BY up.oid) FROM up`

/**
 * Which columns a definition names stands in pg_depend, except for whole rows, of which it has none: those are variables
 * with the number 0 in the definition's tree (find_expr_references_walker in catalog/dependency.c).
 */
export const VIEW_OF = `WITH RECURSIVE down(oid, relkind) AS (
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
export const VIEW_COLUMNS = `WITH RECURSIVE down(oid, relkind) AS (
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
export const TRIGGERS = `WITH RECURSIVE down(oid) AS (
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
