import type pg from 'pg'

export interface BuiltIn {
  readonly name: string
  /** No function of the name is volatile, an aggregate, a window function or set-returning. */
  readonly stable: boolean
  /** People call it, and not only PostgreSQL itself. */
  readonly useful: boolean
}

/** The functions of pg_catalog by name: every function of a name has a part in what is said of it. */
export async function builtIns(client: pg.Client): Promise<readonly BuiltIn[]> {
  const { rows } = await client.query(`
    select p.proname as name,
      bool_and(p.provolatile in ('i', 's') and p.prokind = 'f' and not p.proretset) as stable,
      bool_or(${USEFUL}) as useful
    from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace
    group by 1 order by 1`)
  return rows
}

const INTERNAL_TYPES = `('internal', 'cstring', 'trigger', 'event_trigger', 'index_am_handler', 'table_am_handler',
  'language_handler', 'fdw_handler', 'tsm_handler', 'pg_ddl_command')`

/** Others are what operators, types, indexes and aggregates are made of, or tell what the server is doing. */
const USEFUL = `
  p.proname !~ '^(pg_|spg_|gin_|gist_|brin_|bt[a-z0-9]+cmp$|hash)'
  and coalesce(obj_description(p.oid, 'pg_proc'), '') !~ '^(implementation of|I/O|less-equal-greater|hash|larger of|smaller of|aggregate|window RANGE|statistics|\\(internal\\)|btree|sort support|statistical)'
  and p.proname !~ '(_transfn|_statefunc|_accum|_accum_inv|_combine|typmodin|_subdiff|_canonical|validator|send|_cmp|larger|smaller)$'
  and not exists (
    select from unnest(p.proargtypes || p.prorettype) as used(oid) join pg_type t on t.oid = used.oid
    where t.typname in ${INTERNAL_TYPES})`
