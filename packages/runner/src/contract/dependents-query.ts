import { generatedAs } from '../parity/parity-query.ts'
import { NOT_NULL_CHECK } from './column-states.ts'

/** A table's name and a column list, as they are pasted. */
const name = (oid: string): string =>
  `(SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ${oid})`

const depends = (catalog: string): string =>
  `pg_catalog.pg_depend d JOIN used u ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = u.oid
    AND d.refobjsubid = u.attnum AND d.classid = 'pg_catalog.${catalog}'::pg_catalog.regclass`

/** A generated column `g` with the default `e`, in its place: from PostgreSQL 17 on as it stands, before that anew behind the others. */
const generatedAnew = `CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 170000 THEN ${generatedAs('g', 'e', name('g.attrelid'))}
        ELSE pg_catalog.format('ALTER TABLE %s DROP COLUMN %I, ADD COLUMN %2$I %s GENERATED ALWAYS AS (%s) STORED', ${name('g.attrelid')}, g.attname,
          pg_catalog.format_type(g.atttypid, g.atttypmod), pg_catalog.pg_get_expr(e.adbin, e.adrelid)) END`

/** Indexes and checks on one side, as far as another one like them can be told by numbers. */
const alike = (side: string, more: string): string =>
  `(SELECT pg_catalog.count(*) FROM pg_catalog.pg_index o JOIN ${side} a ON a.oid = o.indrelid AND a.attnum = ANY (o.indkey::pg_catalog.int2[])
    WHERE o.indisvalid AND ${more})`

/** A foreign key `k` to an old column has one of the same columns beside it that leads to the new one, and looks at all rows. */
const hasTwin = `EXISTS (SELECT FROM pg_catalog.pg_constraint o JOIN added a ON a.oid = o.confrelid AND a.attnum = ANY (o.confkey)
    WHERE o.contype = 'f' AND o.conrelid = k.conrelid AND o.confrelid = k.confrelid AND o.conkey = k.conkey AND o.convalidated)`

/**
 * What names an old column and is not the application's own statement, by the dependencies that PostgreSQL keeps. Takes the oid of the table, the
 * names of the old columns, and of the new ones. What inherits from the table counts with it.
 */
export const DEPENDENTS_QUERY = `WITH RECURSIVE tree(oid) AS (SELECT $1::pg_catalog.oid
    UNION SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid),
  used AS MATERIALIZED (SELECT a.attrelid AS oid, a.attnum, a.attname FROM tree JOIN pg_catalog.pg_attribute a ON a.attrelid = tree.oid
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY ($2::pg_catalog.text[]::pg_catalog.name[])),
  added AS MATERIALIZED (SELECT a.attrelid AS oid, a.attnum FROM tree JOIN pg_catalog.pg_attribute a ON a.attrelid = tree.oid
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY ($3::pg_catalog.text[]::pg_catalog.name[])),
  found(kind, name, sql) AS (
    SELECT CASE v.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'rule' END,
      CASE WHEN v.relkind IN ('v', 'm') THEN ${name('v.oid')} ELSE pg_catalog.format('%I ON %s', r.rulename, ${name('v.oid')}) END,
      CASE v.relkind WHEN 'v' THEN pg_catalog.format('CREATE OR REPLACE VIEW %s AS %s', ${name('v.oid')}, pg_catalog.pg_get_viewdef(v.oid))
        WHEN 'm' THEN pg_catalog.format('DROP MATERIALIZED VIEW %s; CREATE MATERIALIZED VIEW %1$s AS %s', ${name('v.oid')}, pg_catalog.pg_get_viewdef(v.oid))
        ELSE pg_catalog.replace(pg_catalog.pg_get_ruledef(r.oid), 'CREATE RULE', 'CREATE OR REPLACE RULE') END
    FROM ${depends('pg_rewrite')} JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
    UNION SELECT 'policy', pg_catalog.format('%I ON %s', p.polname, ${name('p.polrelid')}),
      pg_catalog.concat(pg_catalog.format('ALTER POLICY %I ON %s', p.polname, ${name('p.polrelid')}),
        ' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')', ' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')')
    FROM ${depends('pg_policy')} JOIN pg_catalog.pg_policy p ON p.oid = d.objid
    UNION SELECT 'generated column', pg_catalog.format('%s.%I', ${name('g.attrelid')}, g.attname),
      ${generatedAnew}
    FROM ${depends('pg_attrdef')} JOIN pg_catalog.pg_attrdef e ON e.oid = d.objid
    JOIN pg_catalog.pg_attribute g ON g.attrelid = e.adrelid AND g.attnum = e.adnum AND g.attgenerated <> ''
    UNION SELECT 'generated column', pg_catalog.format('%s.%I', ${name('g.attrelid')}, g.attname),
      ${generatedAnew}
    FROM used u JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = d.classid
      AND d.refobjid = u.oid AND d.refobjsubid = u.attnum AND d.objid = u.oid
    JOIN pg_catalog.pg_attribute g ON g.attrelid = d.objid AND g.attnum = d.objsubid AND g.attgenerated <> ''
    JOIN pg_catalog.pg_attrdef e ON e.adrelid = g.attrelid AND e.adnum = g.attnum
    UNION SELECT 'function', pg_catalog.format('%s', p.oid::pg_catalog.regprocedure),
      pg_catalog.format('SELECT pg_get_functiondef(%L::regprocedure)', p.oid::pg_catalog.regprocedure::pg_catalog.text)
    FROM ${depends('pg_proc')} JOIN pg_catalog.pg_proc p ON p.oid = d.objid
    UNION SELECT 'trigger', pg_catalog.format('%I ON %s', t.tgname, ${name('t.tgrelid')}),
      pg_catalog.replace(pg_catalog.pg_get_triggerdef(t.oid), 'CREATE TRIGGER', 'CREATE OR REPLACE TRIGGER')
    FROM ${depends('pg_trigger')} JOIN pg_catalog.pg_trigger t ON t.oid = d.objid
    WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgname !~ '^[~!]+expand_contract_'
    UNION SELECT 'foreign key', pg_catalog.format('%I ON %s', k.conname, ${name('k.conrelid')}),
      CASE WHEN ${hasTwin} THEN pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', ${name('k.conrelid')}, k.conname)
        ELSE pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %2$I %s NOT VALID; ALTER TABLE %1$s VALIDATE CONSTRAINT %2$I',
          ${name('k.conrelid')}, k.conname, pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(k.oid), ' NOT VALID$', '')) END
    FROM pg_catalog.pg_constraint k JOIN used u ON u.oid = k.confrelid AND u.attnum = ANY (k.confkey) WHERE k.contype = 'f' AND k.conparentid = 0
    UNION SELECT 'foreign key', pg_catalog.format('%I ON %s', k.conname, ${name('k.conrelid')}),
      pg_catalog.format('ALTER TABLE %s ADD %s NOT VALID', ${name('k.conrelid')}, pg_catalog.pg_get_constraintdef(k.oid))
    FROM pg_catalog.pg_constraint k JOIN used u ON u.oid = k.conrelid AND u.attnum = ANY (k.conkey)
    WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o JOIN added a
      ON a.oid = o.conrelid AND a.attnum = ANY (o.conkey) WHERE o.contype = 'f' AND o.confrelid = k.confrelid AND o.conrelid = k.conrelid)
    UNION SELECT 'check', pg_catalog.format('%I ON %s', k.conname, ${name('k.conrelid')}),
      pg_catalog.format('ALTER TABLE %s ADD %s NOT VALID', ${name('k.conrelid')}, pg_catalog.pg_get_constraintdef(k.oid))
    FROM pg_catalog.pg_constraint k JOIN used u ON u.oid = k.conrelid AND u.attnum = ANY (k.conkey)
    WHERE k.contype = 'c' AND k.conislocal AND NOT pg_catalog.starts_with(k.conname::pg_catalog.text, '${NOT_NULL_CHECK}')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o JOIN added a ON a.oid = o.conrelid AND a.attnum = ANY (o.conkey)
        WHERE o.contype = 'c' AND o.conrelid = k.conrelid AND NOT pg_catalog.starts_with(o.conname::pg_catalog.text, '${NOT_NULL_CHECK}'))
    UNION SELECT 'index', pg_catalog.format('%s ON %s', ${name('i.indexrelid')}, ${name('i.indrelid')}), pg_catalog.pg_get_indexdef(i.indexrelid)
    FROM pg_catalog.pg_index i JOIN used u ON u.oid = i.indrelid AND u.attnum = ANY (i.indkey::pg_catalog.int2[])
    WHERE i.indisvalid AND NOT i.indisprimary AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.indexrelid)
      AND ${alike('added', 'o.indrelid = i.indrelid AND o.indisunique = i.indisunique AND o.indnkeyatts >= i.indnkeyatts')}
        < ${alike('used', 'o.indrelid = i.indrelid AND o.indisunique = i.indisunique AND o.indnkeyatts >= i.indnkeyatts AND NOT o.indisprimary')}
    UNION SELECT 'replica identity', ${name('i.indexrelid')},
      pg_catalog.format('ALTER TABLE %s REPLICA IDENTITY USING INDEX "a unique index without the old column"', ${name('i.indrelid')})
    FROM pg_catalog.pg_index i JOIN used u ON u.oid = i.indrelid AND u.attnum = ANY (i.indkey::pg_catalog.int2[]) WHERE i.indisreplident AND NOT i.indisprimary
    UNION SELECT 'publication', pg_catalog.format('%I', b.pubname),
      pg_catalog.format('ALTER PUBLICATION %I SET TABLE %s (its columns, with the new one)', b.pubname, ${name('x.prrelid')})
    FROM ${depends('pg_publication_rel')} JOIN pg_catalog.pg_publication_rel x ON x.oid = d.objid JOIN pg_catalog.pg_publication b ON b.oid = x.prpubid)
SELECT pg_catalog.json_agg(pg_catalog.json_build_object('kind', f.kind, 'name', f.name, 'sql', f.sql) ORDER BY f.kind, f.name)::pg_catalog.text AS found
FROM found f`

/** Functions that are texts, of which PostgreSQL keeps no dependencies; ours and those of extensions left out. */
export const FUNCTIONS_QUERY = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', p.oid::pg_catalog.regprocedure::pg_catalog.text, 'source', p.prosrc,
    'own', EXISTS (WITH RECURSIVE tree(oid) AS (SELECT $1::pg_catalog.oid
      UNION SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid)
      SELECT FROM tree JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.oid AND t.tgfoid = p.oid)) ORDER BY p.oid)::pg_catalog.text AS found
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE l.lanname IN ('sql', 'plpgsql') AND n.nspname NOT IN ('pg_catalog', 'information_schema', $3::pg_catalog.text::pg_catalog.name)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e')
  AND EXISTS (SELECT FROM pg_catalog.unnest($2::pg_catalog.text[]) c(name)
    WHERE pg_catalog.strpos(pg_catalog.lower(p.prosrc), pg_catalog.lower(c.name)) > 0)`
