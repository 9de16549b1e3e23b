import { heldColumnName } from '@expand-contract/sql'
import type pg from 'pg'
import type { TableChange } from './change-kinds.ts'
import type { LifeModel, ModelTable } from './life-model.ts'
import { columnSql, expressionSql, type Place } from './place.ts'

const forwardOf = ({ old, forward }: TableChange, name: string): string =>
  forward?.[name] ?? `{${Object.keys(old)[0] ?? ''}}`

/** The rows of a table on both databases; `columns` are those that ours has. */
export function rowsSql(
  place: Place,
  { sql, change }: ModelTable,
  columns: readonly string[],
): { readonly ours: string; readonly twin: string } {
  const others = ['nr', 'note', 'region']
  const text = (values: readonly string[]): string =>
    `select x::text from (select ${[...others, ...values].join(', ')} from ${sql}) x order by 1`
  const has = (name: string): boolean => columns.includes(name)
  const olds = Object.keys(change.old)
  if (olds.every((name) => has(place.column(name)))) {
    const all = text(olds.map((name) => columnSql(place, name)))
    return { ours: all, twin: all }
  }
  const held = olds.filter((name) => has(heldColumnName(place.column(name))))
  const added = Object.entries(change.new)
  const quoted = (name: string): string => `"${heldColumnName(place.column(name)).replaceAll('"', '""')}"`
  return {
    ours: text([...held.map(quoted), ...added.map(([name]) => columnSql(place, name))]),
    twin: text([
      ...held.map((name) => columnSql(place, name)),
      ...added.map(([name, type]) => `(${expressionSql(place, forwardOf(change, name))})::${type}`),
    ]),
  }
}

/** What the gate `dependents` asks of an operator before the drop: the old key of the other table. The primary key moves by itself. */
export function letGoSql({ kind, tables }: LifeModel): readonly string[] {
  if (kind.key === undefined) return []
  const [things, parts] = tables
  if (things === undefined || parts === undefined) return []
  const held = things.migration.old.map(({ name }) => heldColumnName(name))[0] ?? ''
  const other = parts.migration.new[0]?.name ?? ''
  // Every foreign key to the column that goes.
  return [
    `do $$ declare k record; kept name; begin
      for k in select conname, conrelid::regclass as at, exists (select from pg_attribute a where a.attrelid = conrelid and a.attnum = any (conkey) and a.attname = ${literal(other)}) as is_new
        from pg_constraint c where contype = 'f' and conparentid = 0 and confrelid = ${literal(things.sql)}::regclass
        and confkey = array[(select attnum from pg_attribute where attrelid = confrelid and attname = ${literal(held)})] loop
        execute format('alter table %s drop constraint %I', k.at, k.conname);
        -- That of the old column over there; the new one gets its name.
        if not k.is_new then kept := k.conname; end if;
      end loop;
      -- Each partition has the name of its own, by which it reports.
      for k in select conname, conrelid::regclass as at from pg_constraint where contype = 'f' and confrelid = ${literal(things.sql)}::regclass and kept is not null loop
        execute format('alter table %s rename constraint %I to %I', k.at, k.conname, kept);
      end loop; end $$`,
  ]
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** The change as somebody makes it who may stop everybody: new columns beside the old ones, filled, and the old ones dropped. */
export function byHandSql({ place, tables }: LifeModel): readonly string[] {
  return tables.map(({ sql, change }) => {
    const olds = Object.keys(change.old).map((name) => columnSql(place, name))
    if (change.by === 'renameColumn')
      return `alter table ${sql} rename column ${olds[0]} to ${columnSql(place, Object.keys(change.new)[0] ?? '')}`
    if (change.by === 'changeColumnType') {
      const [[name, type] = ['', '']] = Object.entries(change.new)
      const using = expressionSql(place, forwardOf(change, name))
      const byDefault = change.constraints.includes('default')
      return [
        ...(byDefault ? [`alter table ${sql} alter column ${olds[0]} drop default`] : []),
        `alter table ${sql} alter column ${olds[0]} type ${type} using (${using})::${type}`,
        `alter table ${sql} rename column ${olds[0]} to ${columnSql(place, name)}`,
      ].join(';')
    }
    const added = Object.entries(change.new)
    return [
      `alter table ${sql} ${added.map(([name, type]) => `add column ${columnSql(place, name)} ${type}`).join(', ')}`,
      `update ${sql} set ${added.map(([name]) => `${columnSql(place, name)} = ${expressionSql(place, forwardOf(change, name))}`).join(', ')}`,
      `alter table ${sql} ${olds.map((name) => `drop column ${name}`).join(', ')}`,
    ].join(';')
  })
}

/** What is left, without the order of columns, the names of what stands behind them, and what the kinds do with NOT NULL and defaults in ways of their own. */
export async function endText(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ line: string }>(`
    with tables as (select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'expand_contract') and n.nspname !~ '^pg_t')
    select format('%s %I %s', t.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod)) as line
      from tables t join pg_attribute a on a.attrelid = t.oid where a.attnum > 0 and not a.attisdropped
    union all select format('%s %s', k.conrelid::regclass, pg_get_constraintdef(k.oid)) from tables t join pg_constraint k on k.conrelid = t.oid where k.contype in ('f', 'c')
    union all select format('%s %s', t.oid::regclass, regexp_replace(pg_get_indexdef(i.indexrelid), 'INDEX .* ON ', 'INDEX ON ')) from tables t join pg_index i on i.indrelid = t.oid
    union all select format('%s %s', t.oid::regclass, pg_get_triggerdef(g.oid)) from tables t join pg_trigger g on g.tgrelid = t.oid where not g.tgisinternal
    union all select pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname not in ('pg_catalog', 'information_schema') and p.prokind = 'f' and n.nspname !~ '^pg_t' and n.nspname <> 'expand_contract'
    order by 1`)
  return rows
    .map(({ line }) => line)
    .toSorted()
    .join('\n')
}
