import { MEMBERS } from '../../facts-query.ts'

/**
 * What surrounds a table, in one JSON text. Takes the oid of the table, its old columns, its new ones, and the control schema. It reads the
 * catalog alone; of functions only those whose text names the table, and those that run as its triggers.
 */

const NAME = "pg_catalog.format('%I.%I', n.nspname, c.relname)"
const RELATION = `(SELECT ${NAME} FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid =`
const OLD = `a.attname = ANY ($2::pg_catalog.text[]::pg_catalog.name[])`

const OLD_COLUMNS = `old_columns AS MATERIALIZED (SELECT a.attrelid, a.attnum FROM members
  JOIN pg_catalog.pg_attribute a ON a.attrelid = members.oid AND a.attnum > 0 AND NOT a.attisdropped AND ${OLD})`

const FIRST = `${MEMBERS},
  ${OLD_COLUMNS},
  names AS MATERIALIZED (SELECT DISTINCT pg_catalog.lower(c.relname) AS name FROM members
    JOIN pg_catalog.pg_class c ON c.oid = members.oid),
  depending AS MATERIALIZED (SELECT DISTINCT d.classid, d.objid, d.objsubid FROM old_columns o JOIN pg_catalog.pg_depend d
    ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = o.attrelid AND d.refobjsubid = o.attnum)`

/** A view over whole rows of the table depends on no column, and shows all. */
const VIEWS = `SELECT DISTINCT CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, ${NAME}, ${NAME}, pg_catalog.pg_get_viewdef(c.oid)
  FROM depending d JOIN pg_catalog.pg_rewrite w ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = d.objid
  JOIN pg_catalog.pg_class c ON c.oid = w.ev_class AND c.relkind IN ('v', 'm')
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`

const POLICIES = `SELECT DISTINCT 'policy', pg_catalog.quote_ident(p.polname), ${RELATION} p.polrelid), NULL
  FROM depending d JOIN pg_catalog.pg_policy p ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND p.oid = d.objid`

const GENERATED = `SELECT DISTINCT 'generated column', pg_catalog.quote_ident(a.attname), ${RELATION} t.adrelid), NULL
  FROM depending d JOIN pg_catalog.pg_attrdef t ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND t.oid = d.objid
  JOIN pg_catalog.pg_attribute a ON a.attrelid = t.adrelid AND a.attnum = t.adnum AND a.attgenerated <> ''
  UNION SELECT DISTINCT 'generated column', pg_catalog.quote_ident(a.attname), ${RELATION} a.attrelid), NULL
  FROM depending d JOIN pg_catalog.pg_attribute a ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND a.attrelid = d.objid
    AND a.attnum = d.objsubid AND a.attgenerated <> '' AND d.objid IN (SELECT members.oid FROM members)`

const ATOMIC_FUNCTIONS = `SELECT DISTINCT 'function', pg_catalog.format('%I.%I(%s)', n.nspname, p.proname,
    pg_catalog.pg_get_function_identity_arguments(p.oid)), '', pg_catalog.pg_get_functiondef(p.oid)
  FROM depending d JOIN pg_catalog.pg_proc p ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = d.objid
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace`

const NAMED_BY_TRIGGERS = `SELECT DISTINCT 'trigger', pg_catalog.quote_ident(t.tgname), ${RELATION} t.tgrelid), pg_catalog.pg_get_triggerdef(t.oid)
  FROM depending d JOIN pg_catalog.pg_trigger t ON d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND t.oid = d.objid
  WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgname !~ '^[!~]+expand_contract_'`

const DEPENDENTS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('kind', x.kind, 'name', x.name, 'relation', x.relation,
    'definition', x.definition) ORDER BY x.kind, x.name) FROM (${[VIEWS, POLICIES, GENERATED, ATOMIC_FUNCTIONS, NAMED_BY_TRIGGERS].join('\n  UNION ALL ')}
  ) x(kind, name, relation, definition)`

/** What was created since initdb; looked at one by one, so the names of the table stand ready. */
const FUNCTIONS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
    'language', l.lanname, 'source', p.prosrc, 'definition', pg_catalog.pg_get_functiondef(p.oid),
    'returnsRow', p.prorettype IN (SELECT c.reltype FROM members JOIN pg_catalog.pg_class c ON c.oid = members.oid),
    'returnsColumns', coalesce(p.proargmodes && ARRAY['o', 't', 'b']::"char"[], false)) ORDER BY n.nspname, p.proname)
  FROM (SELECT x.* FROM pg_catalog.pg_proc x WHERE x.oid >= 16384 OFFSET 0) p
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang AND l.lanname IN ('plpgsql', 'sql')
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE p.prokind IN ('f', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname <> $4::pg_catalog.text
    AND p.proname !~ '^[!~]+expand_contract_'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND e.objid = p.oid AND e.deptype = 'e')
    AND (EXISTS (SELECT FROM names WHERE pg_catalog.strpos(pg_catalog.lower(p.prosrc), names.name) > 0)
      OR EXISTS (SELECT FROM pg_catalog.pg_trigger t JOIN members ON members.oid = t.tgrelid WHERE t.tgfoid = p.oid))`

const TRIGGERS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', t.tgname, 'relation', ${RELATION} t.tgrelid),
    'function', pg_catalog.format('%I.%I()', n.nspname, p.proname), 'language', l.lanname, 'source', p.prosrc,
    'after', t.tgtype & 66 = 0) ORDER BY t.tgname, t.tgrelid)
  FROM members JOIN pg_catalog.pg_trigger t ON t.tgrelid = members.oid JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled <> 'D' AND t.tgname !~ '^[!~]+expand_contract_'`

const NAMES_OF_KEY = (key: string): string => `(SELECT pg_catalog.json_agg(a.attname ORDER BY u.nr)
  FROM pg_catalog.unnest(${key}) WITH ORDINALITY AS u(attnum, nr)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum)`

const CONSTRAINTS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', k.conname, 'relation', ${RELATION} k.conrelid),
    'kind', k.contype, 'columns', coalesce(${NAMES_OF_KEY('k.conkey')}, '[]'), 'validated', k.convalidated,
    'deferrable', k.condeferrable, 'deferred', k.condeferred,
    'expression', CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_expr(k.conbin, k.conrelid) END) ORDER BY k.conname, k.conrelid)
  FROM members JOIN pg_catalog.pg_constraint k ON k.conrelid = members.oid AND k.contype IN ('c', 'u', 'p', 'f')`

const REFERENCING = `SELECT pg_catalog.json_agg(DISTINCT pg_catalog.jsonb_build_object('name', k.conname, 'relation', ${RELATION} k.conrelid),
    'definition', pg_catalog.pg_get_constraintdef(k.oid)))
  FROM old_columns o JOIN pg_catalog.pg_constraint k ON k.contype = 'f' AND k.confrelid = o.attrelid AND o.attnum = ANY (k.confkey)
  WHERE k.conparentid = 0 AND k.confrelid = $1::pg_catalog.oid`

/** Owners and superusers need no grant. 0 is PUBLIC. */
const COLUMN_GRANTS = `SELECT pg_catalog.json_agg(DISTINCT pg_catalog.jsonb_build_object(
    'role', CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.rolname) END, 'privilege', g.privilege_type,
    'onNew', coalesce((SELECT pg_catalog.bool_and(b.attacl::pg_catalog.text[] IS NOT NULL AND EXISTS (
        SELECT FROM pg_catalog.aclexplode(b.attacl) e WHERE e.grantee = g.grantee AND e.privilege_type = g.privilege_type))
      FROM pg_catalog.pg_attribute b WHERE b.attrelid = a.attrelid AND NOT b.attisdropped
        AND b.attname = ANY ($3::pg_catalog.text[]::pg_catalog.name[])), false),
    'readsAll', (SELECT pg_catalog.bool_and(pg_catalog.has_column_privilege(CASE g.grantee WHEN 0 THEN 'public' ELSE r.rolname END, all_.attrelid, all_.attnum, 'SELECT'))
      FROM old_columns all_ WHERE all_.attrelid = a.attrelid)))
  FROM old_columns o JOIN pg_catalog.pg_attribute a ON a.attrelid = o.attrelid AND a.attnum = o.attnum
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid, LATERAL pg_catalog.aclexplode(a.attacl) g
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = g.grantee
  WHERE g.privilege_type IN ('SELECT', 'INSERT', 'UPDATE') AND g.grantee <> c.relowner AND (g.grantee = 0
    OR NOT pg_catalog.has_table_privilege(g.grantee, a.attrelid, g.privilege_type))`

/** Lists of columns came with 15, and prattrs with them. */
const LISTED = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('publication', p.pubname, 'columns', (
    SELECT pg_catalog.json_agg(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.prrelid
      AND a.attnum::pg_catalog.text = ANY (pg_catalog.string_to_array(pg_catalog.translate(pg_catalog.to_jsonb(r) ->> 'prattrs', '[],', ''), ' ')))) ORDER BY p.pubname)
  FROM members JOIN pg_catalog.pg_publication_rel r ON r.prrelid = members.oid
  JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
  WHERE pg_catalog.to_jsonb(r) ->> 'prattrs' IS NOT NULL`

const COLUMNS_OF = (
  oid: string,
  but = '',
): string => `(SELECT pg_catalog.array_agg(a.attname::pg_catalog.text ORDER BY a.attnum)
  FROM pg_catalog.pg_attribute a WHERE a.attrelid = ${oid} AND a.attnum > 0 AND NOT a.attisdropped ${but})`

const ALIKE = `SELECT pg_catalog.json_agg(x.name ORDER BY x.name) FROM (
    SELECT ${NAME} AS name, ${COLUMNS_OF('c.oid')} AS columns FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.oid NOT IN (SELECT members.oid FROM members) AND n.nspname <> $4::pg_catalog.text
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relnatts <= 1600
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)
      AND EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped AND ${OLD})) x
  WHERE pg_catalog.cardinality(x.columns) > 1 AND x.columns IN (${COLUMNS_OF('$1::pg_catalog.oid')},
    ${COLUMNS_OF('$1::pg_catalog.oid', 'AND a.attname <> ALL ($3::pg_catalog.text[]::pg_catalog.name[])')})`

const MEMBERS_DETAILS = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('relation', ${NAME}, 'kind', c.relkind,
    'persistence', c.relpersistence, 'columns', ${COLUMNS_OF('c.oid')},
    'keyed', EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
      AND i.indpred IS NULL AND i.indexprs IS NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid
        AND a.attnum = ANY ((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1]) AND NOT a.attnotnull)),
    'rowSecurity', pg_catalog.row_security_active(c.oid),
    'maySelect', pg_catalog.has_table_privilege(c.oid, 'SELECT'), 'mayUpdate', pg_catalog.has_table_privilege(c.oid, 'UPDATE'),
    'age', CASE WHEN c.relkind = 'r' THEN pg_catalog.age(c.relfrozenxid) END,
    'freezeMaxAge', least(pg_catalog.current_setting('autovacuum_freeze_max_age')::pg_catalog.int8, coalesce((
      SELECT pg_catalog.split_part(o.line, '=', 2)::pg_catalog.int8 FROM pg_catalog.unnest(c.reloptions) o(line)
      WHERE o.line LIKE 'autovacuum_freeze_max_age=%'), 2000000000))) ORDER BY members.level, c.oid)
  FROM members JOIN pg_catalog.pg_class c ON c.oid = members.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`

export const SURROUNDINGS_QUERY = `${FIRST}
SELECT pg_catalog.json_build_object('members', (${MEMBERS_DETAILS}), 'dependents', (${DEPENDENTS}), 'functions', (${FUNCTIONS}),
  'triggers', (${TRIGGERS}), 'constraints', (${CONSTRAINTS}), 'referencing', (${REFERENCING}), 'columnGrants', (${COLUMN_GRANTS}),
  'listed', (${LISTED}),
  'subscriptions', (SELECT pg_catalog.json_agg(DISTINCT s.subname) FROM members
    JOIN pg_catalog.pg_subscription_rel r ON r.srrelid = members.oid JOIN pg_catalog.pg_subscription s ON s.oid = r.srsubid),
  'alike', (${ALIKE}),
  'namesakes', (SELECT pg_catalog.json_agg(DISTINCT n.nspname) FROM pg_catalog.pg_class own
    JOIN pg_catalog.pg_class c ON c.relname = own.relname AND c.relkind IN ('r', 'p') AND c.oid <> own.oid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^pg_' AND n.nspname <> $4::pg_catalog.text::pg_catalog.name
    WHERE own.oid = $1::pg_catalog.oid),
  'sequences', (SELECT pg_catalog.json_agg(DISTINCT ${NAME}) FROM depending d
    JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = d.objid AND c.relkind = 'S'
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace),
  'wraparound', (SELECT pg_catalog.json_agg(DISTINCT s.pid) FROM pg_catalog.pg_stat_activity s, members
    JOIN pg_catalog.pg_class c ON c.oid = members.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE s.datname = pg_catalog.current_database() AND s.backend_type = 'autovacuum worker'
      AND s.query LIKE '%' || n.nspname || '.' || c.relname || ' (to prevent wraparound)'))::pg_catalog.text AS surroundings`
