/**
 * What depends on migrating columns, as one JSON text, under `search_path = pg_catalog`. What only newer majors have is read by
 * `to_jsonb(row) -> 'column'`, which is NULL where the column is none.
 */

const MEMBERS = `WITH RECURSIVE tree(oid, parent, level) AS (SELECT $1::pg_catalog.oid, NULL::pg_catalog.oid, 0
    UNION ALL SELECT i.inhrelid, i.inhparent, tree.level + 1 FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid),
  members AS MATERIALIZED (SELECT DISTINCT ON (tree.oid) tree.oid, tree.parent, tree.level FROM tree ORDER BY tree.oid, tree.level)`

/** Names of columns `keys` of a relation, in their order; a key of 0 is left out. */
const namesOf = (keys: string, relation: string): string => `coalesce((
  SELECT pg_catalog.json_agg(la.attname ORDER BY lk.nr) FROM pg_catalog.unnest(${keys}) WITH ORDINALITY AS lk(attnum, nr)
  JOIN pg_catalog.pg_attribute la ON la.attrelid = ${relation} AND la.attnum = lk.attnum), '[]')`

const qualifiedName = (schema: string, name: string): string => `pg_catalog.format('%I.%I', ${schema}, ${name})`

const comment = (oid: string, catalog: string, column = '0'): string =>
  `(SELECT pd.description FROM pg_catalog.pg_description pd WHERE pd.objoid = ${oid} AND pd.objsubid = ${column}
    AND pd.classoid = 'pg_catalog.${catalog}'::pg_catalog.regclass)`

const COLUMNS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname, 'notNull', a.attnotnull, 'notNullConstraint', (SELECT pg_catalog.json_build_object('name', nk.conname, 'validated', nk.convalidated,
      'noInherit', nk.connoinherit, 'comment', ${comment('nk.oid', 'pg_constraint')})
      FROM pg_catalog.pg_constraint nk WHERE nk.conrelid = c.oid AND nk.contype = 'n' AND nk.conkey = ARRAY[a.attnum]),
    'default', a.attgenerated = '' AND a.atthasdef, 'identity', a.attidentity <> '', 'sequences', coalesce((
      SELECT pg_catalog.json_agg(qc.relname ORDER BY qc.relname) FROM pg_catalog.pg_depend qd
      JOIN pg_catalog.pg_class qc ON qc.oid = qd.objid AND qc.relkind = 'S'
      WHERE qd.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND qd.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        AND qd.refobjid = c.oid AND qd.refobjsubid = a.attnum AND qd.deptype = 'a'), '[]'),
    'comment', ${comment('c.oid', 'pg_class', 'a.attnum')}, 'statistics', nullif(a.attstattarget, -1), 'storage', a.attstorage,
    'typeStorage', (SELECT y.typstorage FROM pg_catalog.pg_type y WHERE y.oid = a.atttypid),
    'compression', CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END, 'options', coalesce(a.attoptions, '{}'),
    'grants', coalesce((SELECT pg_catalog.json_agg(pg_catalog.json_build_object('privilege', x.privilege_type, 'grantable', x.is_grantable,
        'role', CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) END)
        ORDER BY x.grantee, x.privilege_type)
      FROM pg_catalog.aclexplode(a.attacl) x), '[]'),
    'analyzed', EXISTS (SELECT FROM pg_catalog.pg_stats s WHERE s.schemaname = n.nspname AND s.tablename = c.relname
      AND s.attname = a.attname)) ORDER BY a.attnum)
  FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attname = ANY ($2::pg_catalog.text[]::pg_catalog.name[])`

const mayCreate = "pg_catalog.has_schema_privilege(n.oid, 'CREATE')"

const MEMBER_FACTS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('oid', c.oid::pg_catalog.int8, 'schema', n.nspname,
    'name', c.relname, 'kind', c.relkind, 'parent', members.parent::pg_catalog.int8, 'partition', c.relispartition, 'rows', c.reltuples, 'mayCreate', ${mayCreate},
    'bytes', CASE WHEN c.relkind = 'r' THEN pg_catalog.pg_relation_size(c.oid) ELSE 0 END, 'columns', coalesce((${COLUMNS}), '[]'))
    ORDER BY members.level, c.oid)
  FROM members JOIN pg_catalog.pg_class c ON c.oid = members.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`

/** Of an index `i`; the columns of its constraint depend on that one, and not on the index. */
const INDEX_COLUMNS = `coalesce((SELECT pg_catalog.json_agg(DISTINCT a.attname) FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = i.indrelid AND a.attnum > 0 AND (a.attnum = ANY (i.indkey) OR EXISTS (SELECT FROM pg_catalog.pg_depend d
      WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum
        AND (d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid
          OR d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objid = k.oid)))), '[]')`

const KEYS = `(SELECT pg_catalog.json_agg(pg_catalog.json_build_object('column', a.attname,
    'expression', CASE WHEN i.indkey[p.nr - 1] = 0 THEN pg_catalog.pg_get_indexdef(i.indexrelid, p.nr, false) END,
    'operatorClass', ${qualifiedName('on_.nspname', 'o.opcname')}, 'defaultClass', o.opcdefault,
    'classOptions', coalesce(ia.attoptions, '{}'), 'collation', CASE WHEN i.indcollation[p.nr - 1] <> coalesce(a.attcollation, 0)
      THEN ${qualifiedName('cn.nspname', 'co.collname')} END,
    'descending', i.indoption[p.nr - 1] & 1 = 1, 'nullsFirst', i.indoption[p.nr - 1] & 2 = 2, 'statistics', nullif(ia.attstattarget, -1))
    ORDER BY p.nr)
  FROM pg_catalog.generate_series(1, i.indnkeyatts::pg_catalog.int4) AS p(nr)
  JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[p.nr - 1] JOIN pg_catalog.pg_namespace on_ ON on_.oid = o.opcnamespace
  JOIN pg_catalog.pg_attribute ia ON ia.attrelid = i.indexrelid AND ia.attnum = p.nr
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p.nr - 1] AND a.attnum > 0
  LEFT JOIN pg_catalog.pg_collation co ON co.oid = i.indcollation[p.nr - 1] LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace)`

const INDEXES = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('oid', c.oid::pg_catalog.int8, 'member', i.indrelid::pg_catalog.int8,
    'schema', n.nspname, 'name', c.relname, 'kind', c.relkind,
    'parent', (SELECT pi.inhparent::pg_catalog.int8 FROM pg_catalog.pg_inherits pi WHERE pi.inhrelid = c.oid),
    'valid', i.indisvalid AND i.indisready AND i.indislive,
    'unique', i.indisunique, 'primary', i.indisprimary, 'clustered', i.indisclustered, 'replicaIdentity', i.indisreplident,
    'nullsNotDistinct', coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::pg_catalog.bool, false), 'method', m.amname,
    'keys', ${KEYS}, 'include', ${namesOf('(i.indkey::pg_catalog.int2[])[i.indnkeyatts:]', 'i.indrelid')},
    'predicate', pg_catalog.pg_get_expr(i.indpred, i.indrelid), 'options', coalesce(c.reloptions, '{}'),
    'tablespace', (SELECT pg_catalog.quote_ident(s.spcname) FROM pg_catalog.pg_tablespace s WHERE s.oid = c.reltablespace),
    'mayUse', c.reltablespace = 0 OR pg_catalog.has_tablespace_privilege(c.reltablespace, 'CREATE'),
    'comment', ${comment('c.oid', 'pg_class')}, 'columns', ${INDEX_COLUMNS},
    'analyzed', i.indexprs IS NULL OR EXISTS (SELECT FROM pg_catalog.pg_stats s WHERE s.schemaname = n.nspname AND s.tablename = c.relname),
    'constraint', k.oid::pg_catalog.int8, 'definition', pg_catalog.pg_get_indexdef(c.oid)) ORDER BY c.oid)
  FROM members JOIN pg_catalog.pg_index i ON i.indrelid = members.oid JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_am m ON m.oid = c.relam
  LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = c.oid AND k.contype IN ('p', 'u', 'x')`

const CONSTRAINTS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('oid', k.oid::pg_catalog.int8, 'member', k.conrelid::pg_catalog.int8,
    'name', k.conname, 'type', k.contype, 'columns', ${namesOf('k.conkey', 'k.conrelid')},
    'expression', pg_catalog.pg_get_expr(k.conbin, k.conrelid), 'index', nullif(k.conindid, 0)::pg_catalog.int8,
    'deferrable', k.condeferrable, 'deferred', k.condeferred, 'validated', k.convalidated,
    'enforced', coalesce((pg_catalog.to_jsonb(k) ->> 'conenforced')::pg_catalog.bool, true), 'noInherit', k.connoinherit,
    'own', k.conparentid = 0 AND k.conislocal, 'comment', ${comment('k.oid', 'pg_constraint')},
    'definition', pg_catalog.pg_get_constraintdef(k.oid), 'temporal', coalesce((pg_catalog.to_jsonb(k) ->> 'conperiod')::pg_catalog.bool, false),
    'operators', coalesce((SELECT pg_catalog.json_agg(pg_catalog.format('OPERATOR(%I.%s)', xn.nspname, xo.oprname) ORDER BY x.nr)
      FROM pg_catalog.unnest(k.conexclop) WITH ORDINALITY AS x(oid, nr) JOIN pg_catalog.pg_operator xo ON xo.oid = x.oid
      JOIN pg_catalog.pg_namespace xn ON xn.oid = xo.oprnamespace), '[]'),
    'table', pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname, 'partitioned', c.relkind = 'p', 'owned', pg_catalog.pg_has_role(c.relowner, 'USAGE')),
    'references', CASE WHEN k.contype = 'f' THEN pg_catalog.json_build_object('oid', k.confrelid::pg_catalog.int8, 'schema', fn.nspname,
      'owned', pg_catalog.pg_has_role(f.relowner, 'USAGE'),
      'mayRefer', pg_catalog.has_table_privilege(f.oid, 'REFERENCES') OR (SELECT pg_catalog.bool_and(
        pg_catalog.has_column_privilege(f.oid, rk.attnum, 'REFERENCES')) FROM pg_catalog.unnest(k.confkey) AS rk(attnum)),
      'table', f.relname, 'columns', ${namesOf('k.confkey', 'k.confrelid')}, 'match', k.confmatchtype, 'onUpdate', k.confupdtype,
      'onDelete', k.confdeltype, 'deleted', ${namesOf(
        `ARRAY(SELECT pg_catalog.jsonb_array_elements_text(CASE pg_catalog.jsonb_typeof(pg_catalog.to_jsonb(k) -> 'confdelsetcols')
          WHEN 'array' THEN pg_catalog.to_jsonb(k) -> 'confdelsetcols' ELSE '[]' END)::pg_catalog.int2)`,
        'k.conrelid',
      )}, 'period', coalesce((pg_catalog.to_jsonb(k) ->> 'conperiod')::pg_catalog.bool, false)) END) ORDER BY k.oid)
  FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_class f ON f.oid = k.confrelid LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
  WHERE k.conrelid IN (SELECT members.oid FROM members) OR k.confrelid IN (SELECT members.oid FROM members)`

const STATISTICS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('oid', s.oid::pg_catalog.int8, 'member', s.stxrelid::pg_catalog.int8,
    'schema', n.nspname, 'name', s.stxname, 'columns', ${namesOf('s.stxkeys', 's.stxrelid')},
    'kinds', (SELECT coalesce(pg_catalog.json_agg(w.word ORDER BY w.word), '[]') FROM pg_catalog.unnest(s.stxkind) AS t(kind)
      JOIN (VALUES ('d', 'ndistinct'), ('f', 'dependencies'), ('m', 'mcv')) AS w(letter, word) ON w.letter = t.kind::pg_catalog.text),
    'expressions', coalesce(pg_catalog.pg_get_statisticsobjdef_expressions(s.oid), '{}'), 'mayCreate', ${mayCreate},
    'target', nullif(s.stxstattarget, -1),
    'comment', ${comment('s.oid', 'pg_statistic_ext')}, 'definition', pg_catalog.pg_get_statisticsobjdef(s.oid)) ORDER BY s.oid)
  FROM members JOIN pg_catalog.pg_statistic_ext s ON s.stxrelid = members.oid JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace`

/**
 * What makes a generated column anew, of an attribute and its default: in its place from PostgreSQL 17 on, before that beside it. That of a
 * partition or a child comes with its parent.
 */
export const generatedAs = (attribute: string, value: string, table: string): string =>
  `CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 170000
    THEN pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I SET EXPRESSION AS (%s)', ${table}, ${attribute}.attname,
      pg_catalog.pg_get_expr(${value}.adbin, ${value}.adrelid))
    ELSE pg_catalog.format('ALTER TABLE %s ADD COLUMN %I %s GENERATED ALWAYS AS (%s) STORED', ${table}, ${attribute}.attname || '_new',
      pg_catalog.format_type(${attribute}.atttypid, ${attribute}.atttypmod), pg_catalog.pg_get_expr(${value}.adbin, ${value}.adrelid)) END`

/** By pg_depend: it knows what PostgreSQL has parsed, and not the texts of functions. */
const DEPENDENTS = `SELECT pg_catalog.json_agg(DISTINCT pg_catalog.jsonb_build_object('column', a.attname, 'kind', CASE
      WHEN r.oid IS NOT NULL THEN CASE r.rulename WHEN '_RETURN' THEN 'view' ELSE 'rule' END
      WHEN p.oid IS NOT NULL THEN 'policy' WHEN g.attnum IS NOT NULL THEN 'generated column' WHEN t.oid IS NOT NULL THEN 'trigger'
      ELSE 'function' END,
    'name', CASE WHEN r.rulename = '_RETURN' THEN r.ev_class::pg_catalog.regclass::pg_catalog.text
      WHEN g.attnum IS NOT NULL THEN pg_catalog.format('%s.%I', g.attrelid::pg_catalog.regclass, g.attname)
      ELSE (pg_catalog.pg_identify_object(d.classid, d.objid, d.objsubid)).identity END,
    'definition', CASE WHEN r.rulename = '_RETURN' THEN pg_catalog.format('CREATE OR REPLACE VIEW %s AS%s%s', r.ev_class::pg_catalog.regclass,
        pg_catalog.chr(10), pg_catalog.pg_get_viewdef(r.ev_class))
      WHEN r.oid IS NOT NULL THEN pg_catalog.pg_get_ruledef(r.oid)
      WHEN p.oid IS NOT NULL THEN pg_catalog.format('ALTER POLICY %I ON %s', p.polname, p.polrelid::pg_catalog.regclass)
        || coalesce(pg_catalog.format(' USING (%s)', pg_catalog.pg_get_expr(p.polqual, p.polrelid)), '')
        || coalesce(pg_catalog.format(' WITH CHECK (%s)', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)), '')
      WHEN g.attnum IS NOT NULL THEN ${generatedAs('g', 'gd', 'g.attrelid::pg_catalog.regclass')}
      WHEN t.oid IS NOT NULL THEN pg_catalog.pg_get_triggerdef(t.oid)
      WHEN f.oid IS NOT NULL THEN pg_catalog.pg_get_functiondef(f.oid) END,
    'expression', CASE WHEN g.attnum IS NOT NULL THEN pg_catalog.pg_get_expr(gd.adbin, gd.adrelid) END))
  FROM members JOIN pg_catalog.pg_attribute a ON a.attrelid = members.oid AND a.attname = ANY ($2::pg_catalog.text[]::pg_catalog.name[])
  JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
  LEFT JOIN pg_catalog.pg_rewrite r ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = d.objid
  LEFT JOIN pg_catalog.pg_policy p ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND p.oid = d.objid
  LEFT JOIN pg_catalog.pg_attrdef ad ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND ad.oid = d.objid
  LEFT JOIN pg_catalog.pg_attribute g ON (g.attrelid = ad.adrelid AND g.attnum = ad.adnum
    OR d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = g.attrelid AND d.objsubid = g.attnum) AND g.attgenerated <> ''
  LEFT JOIN pg_catalog.pg_attrdef gd ON gd.adrelid = g.attrelid AND gd.adnum = g.attnum
  LEFT JOIN pg_catalog.pg_trigger t ON d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND t.oid = d.objid AND NOT t.tgisinternal
  LEFT JOIN pg_catalog.pg_proc f ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND f.oid = d.objid
  WHERE d.deptype <> 'i' AND coalesce(r.oid, p.oid, g.attrelid, t.oid, f.oid) IS NOT NULL
    AND NOT (r.oid IS NULL AND p.oid IS NULL AND t.oid IS NULL AND f.oid IS NULL AND a.attname = g.attname)
    AND (g.attnum IS NULL OR g.attinhcount = 0)
    AND (t.tgname IS NULL OR t.tgname !~ '^[~!]+expand_contract_')`

/** Lists of columns and filters came with PostgreSQL 15. */
const PUBLICATIONS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', p.pubname, 'member', r.prrelid::pg_catalog.int8,
    'columns', CASE WHEN pg_catalog.jsonb_typeof(pg_catalog.to_jsonb(r) -> 'prattrs') IN ('string', 'array') THEN ${namesOf(
      `(SELECT pg_catalog.string_to_array(pg_catalog.btrim(pg_catalog.regexp_replace(
        pg_catalog.to_jsonb(r) ->> 'prattrs', '[^0-9]+', ' ', 'g')), ' ')::pg_catalog.int2[])`,
      'r.prrelid',
    )} END, 'filter', (SELECT pg_catalog.to_jsonb(v) ->> 'rowfilter' FROM pg_catalog.pg_publication_tables v
      WHERE v.pubname = p.pubname AND v.schemaname = n.nspname AND v.tablename = c.relname)) ORDER BY p.pubname, r.prrelid)
  FROM members JOIN pg_catalog.pg_publication_rel r ON r.prrelid = members.oid JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
  JOIN pg_catalog.pg_class c ON c.oid = r.prrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`

/** Takes the oid of the table and all migrating columns. */
export const PARITY_QUERY = `${MEMBERS}
SELECT pg_catalog.json_build_object('members', (${MEMBER_FACTS}), 'indexes', (${INDEXES}), 'constraints', (${CONSTRAINTS}),
  'statistics', (${STATISTICS}), 'dependents', (${DEPENDENTS}), 'publications', (${PUBLICATIONS}))::pg_catalog.text AS facts`

/** Takes schemas and names. */
export const TAKEN_QUERY = `SELECT pg_catalog.json_agg(x.name)::pg_catalog.text AS taken FROM (
  SELECT n.nspname || '.' || c.relname AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY ($1::pg_catalog.text[]::pg_catalog.name[]) AND c.relname = ANY ($2::pg_catalog.text[]::pg_catalog.name[])
  UNION SELECT n.nspname || '.' || s.stxname FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
    WHERE n.nspname = ANY ($1::pg_catalog.text[]::pg_catalog.name[]) AND s.stxname = ANY ($2::pg_catalog.text[]::pg_catalog.name[])) x`
