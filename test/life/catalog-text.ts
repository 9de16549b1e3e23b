import type pg from 'pg'

const OUTSIDE = `('pg_catalog', 'information_schema', 'pg_toast', 'expand_contract')`
const NAMES = `n.nspname not in ${OUTSIDE} and n.nspname !~ '^pg_temp'`

/**
 * What pg_dump would print of the schemas of the application, and what it would not: statistics targets, storage, enabled triggers. Columns come in the order
 * in which they stand, without the numbers that dropped ones leave free. One line for each thing.
 */
const LINES: Readonly<Record<string, string>> = {
  schema: `select format('%I owner=%s acl=%s', n.nspname, n.nspowner::regrole, n.nspacl) from pg_namespace n where ${NAMES}`,
  relation: `select format('%s kind=%s persistence=%s options=%s identity=%s security=%s/%s acl=%s owner=%s bound=%s key=%s comment=%s parents=%s',
      c.oid::regclass, c.relkind, c.relpersistence, c.reloptions, c.relreplident, c.relrowsecurity, c.relforcerowsecurity, c.relacl, c.relowner::regrole,
      pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(c.oid), obj_description(c.oid, 'pg_class'),
      (select array_agg(i.inhparent::regclass order by i.inhseqno) from pg_inherits i where i.inhrelid = c.oid))
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${NAMES}`,
  column: `select format('%s %s: %I %s notnull=%s default=%s identity=%s generated=%s collation=%s acl=%s target=%s storage=%s options=%s local=%s comment=%s',
      c.oid::regclass, lpad((row_number() over (partition by c.oid order by a.attnum))::text, 4), a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
      pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, a.attcollation, a.attacl, nullif(a.attstattarget, -1), a.attstorage, a.attoptions,
      a.attislocal, col_description(c.oid, a.attnum))
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum where ${NAMES} and a.attnum > 0 and not a.attisdropped`,
  constraint: `select format('%s %I %s valid=%s comment=%s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid), k.convalidated, obj_description(k.oid, 'pg_constraint'))
    from pg_constraint k join pg_namespace n on n.oid = k.connamespace where ${NAMES}`,
  index: `select format('%s valid=%s ready=%s clustered=%s replica=%s', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready, i.indisclustered, i.indisreplident)
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace where ${NAMES}`,
  trigger: `select format('%s enabled=%s', pg_get_triggerdef(t.oid), t.tgenabled) from pg_trigger t join pg_class c on c.oid = t.tgrelid
    join pg_namespace n on n.oid = c.relnamespace where ${NAMES} and not t.tgisinternal`,
  function: `select pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${NAMES} and p.prokind in ('f', 'p')`,
  policy: `select format('%s %I %s %s %s %s', p.polrelid::regclass, p.polname, p.polcmd, p.polroles, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace where ${NAMES}`,
  rule: `select pg_get_ruledef(r.oid) from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace where ${NAMES}`,
  statistics: `select pg_get_statisticsobjdef(s.oid) from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace where ${NAMES}`,
  publication: `select format('%s %s', p.pubname, r.prrelid::regclass) from pg_publication p left join pg_publication_rel r on r.prpubid = p.oid`,
  type: `select format('%s %s', t.oid::regtype, t.typtype) from pg_type t join pg_namespace n on n.oid = t.typnamespace where ${NAMES}`,
  extension: 'select e.extname from pg_extension e',
  'event trigger': 'select e.evtname from pg_event_trigger e',
}

/** The catalog of a database, apart from the control schema: two that are alike give the same text. `notNullNames`: whether a NOT NULL
 * must have its name; one that a partition inherits cannot get its own again (18). */
export async function catalogText(client: pg.Client, { notNullNames = true } = {}): Promise<string> {
  const lines: string[] = []
  for (const [kind, sql] of Object.entries(LINES)) {
    const { rows } = await client.query<{ line: string }>(
      `select x.line from (${sql}) x(line) order by x.line collate "C"`,
    )
    const named = rows.map(({ line }) =>
      line.replace(/ (?:"(?:[^"]|"")*"|[^" ]+) NOT NULL /u, notNullNames ? '$&' : ' NOT NULL '),
    )
    lines.push(...named.toSorted().map((line) => `${kind} ${line}`))
  }
  return lines.join('\n')
}
