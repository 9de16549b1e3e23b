import { inReadTransaction } from '../read-transaction.ts'
import type { RunnerClient } from '../runner-client.ts'
import type { SyncShape } from '../sql/sync-shape.ts'

/** The sequence of an identity column. */
export interface IdentityState {
  readonly always: boolean
  /** Quoted, with its schema. */
  readonly sequence: string
  readonly start: string
  readonly increment: string
  /** undefined: that of the type. */
  readonly min: string | undefined
  readonly max: string | undefined
  readonly cache: string
  readonly cycle: boolean
}

/** What a column of one member is besides its type: all that `contract` takes from an old column, and `rollback` gives back. */
export interface ColumnState {
  readonly schema: string
  readonly table: string
  readonly column: string
  readonly notNull: boolean
  /** It is in a primary key, or in the index of the replica identity, which keep it NOT NULL. */
  readonly inKey: boolean
  /** The name of that constraint, which PostgreSQL has from 18 on. */
  readonly notNullName: string | undefined
  /** Its rows of before may be NULL. @defaultValue false */
  readonly notNullUnvalidated?: boolean | undefined
  /** It is that of this table alone. @defaultValue false */
  readonly notNullAlone?: boolean | undefined
  /** As SQL, with every name qualified. */
  readonly default: string | undefined
  /** The default of its domain, which counts where the column has none of its own. */
  readonly typeDefault: string | undefined
  readonly identity: IdentityState | undefined
  /** Sequences that go with the column: quoted, with their schemas. */
  readonly sequences: readonly string[]
  /** Their types, in the same order. */
  readonly sequenceTypes?: readonly string[] | undefined
}

/** A check by which NOT NULL needs no look at the rows while nobody can use the table. */
export interface NotNullCheck {
  readonly schema: string
  readonly table: string
  readonly name: string
  readonly validated: boolean
}

export interface ColumnStates {
  /** The table itself first, then what inherits from it. */
  readonly columns: readonly ColumnState[]
  readonly checks: readonly NotNullCheck[]
}

/** How the checks of this package are called; the rest is a hash. */
export const NOT_NULL_CHECK = '_ec_not_null_'

const OWNED = `FROM pg_catalog.pg_depend sd JOIN pg_catalog.pg_class sc ON sc.oid = sd.objid AND sc.relkind = 'S'
      JOIN pg_catalog.pg_namespace sn ON sn.oid = sc.relnamespace JOIN pg_catalog.pg_sequence sq ON sq.seqrelid = sc.oid
      JOIN pg_catalog.pg_type st ON st.oid = sq.seqtypid
      WHERE sd.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND sd.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        AND sd.refobjid = c.oid AND sd.refobjsubid = a.attnum AND sd.deptype = 'a'`

const QUERY = `WITH RECURSIVE tree(oid, level) AS (SELECT $1::pg_catalog.oid, 0
    UNION ALL SELECT i.inhrelid, tree.level + 1 FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid),
  members AS MATERIALIZED (SELECT tree.oid, pg_catalog.min(tree.level) AS level FROM tree GROUP BY tree.oid)
SELECT pg_catalog.json_build_object('columns', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('schema', n.nspname, 'table', c.relname, 'column', a.attname,
    'notNull', a.attnotnull,
    'inKey', EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p' AND a.attnum = ANY (k.conkey))
      OR EXISTS (SELECT FROM pg_catalog.pg_index x WHERE x.indrelid = c.oid AND x.indisreplident AND a.attnum = ANY (x.indkey::pg_catalog.int2[])),
    'notNullName', (SELECT k.conname FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'n'
      AND k.conkey = ARRAY[a.attnum]),
    'notNullUnvalidated', EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'n'
      AND k.conkey = ARRAY[a.attnum] AND NOT k.convalidated),
    'notNullAlone', EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'n'
      AND k.conkey = ARRAY[a.attnum] AND k.connoinherit),
    'default', CASE WHEN a.attgenerated = '' THEN (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d
      WHERE d.adrelid = c.oid AND d.adnum = a.attnum) END,
    'typeDefault', (SELECT pg_catalog.pg_get_expr(y.typdefaultbin, 0::pg_catalog.oid) FROM pg_catalog.pg_type y
      WHERE y.oid = a.atttypid AND y.typtype = 'd'),
    'identity', CASE WHEN a.attidentity <> '' AND members.level = 0 THEN (
      SELECT pg_catalog.json_build_object('always', a.attidentity = 'a', 'sequence', pg_catalog.format('%I.%I', sn.nspname, sc.relname),
        'start', q.seqstart::pg_catalog.text, 'increment', q.seqincrement::pg_catalog.text, 'cache', q.seqcache::pg_catalog.text, 'cycle', q.seqcycle,
        'min', CASE WHEN q.seqmin <> 1 THEN q.seqmin::pg_catalog.text END,
        'max', CASE WHEN q.seqmax NOT IN (32767, 2147483647, 9223372036854775807) THEN q.seqmax::pg_catalog.text END)
      FROM pg_catalog.pg_depend sd JOIN pg_catalog.pg_class sc ON sc.oid = sd.objid AND sc.relkind = 'S'
      JOIN pg_catalog.pg_namespace sn ON sn.oid = sc.relnamespace JOIN pg_catalog.pg_sequence q ON q.seqrelid = sc.oid
      WHERE sd.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND sd.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        AND sd.refobjid = c.oid AND sd.refobjsubid = a.attnum AND sd.deptype = 'i') END,
    'sequences', (SELECT pg_catalog.json_agg(pg_catalog.format('%I.%I', sn.nspname, sc.relname) ORDER BY sc.oid) ${OWNED}),
    'sequenceTypes', (SELECT pg_catalog.json_agg(st.typname ORDER BY sc.oid) ${OWNED})) ORDER BY members.level, c.oid, a.attnum)
  FROM members JOIN pg_catalog.pg_class c ON c.oid = members.oid AND c.relkind IN ('r', 'p')
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attname = ANY ($2::pg_catalog.text[]::pg_catalog.name[])),
  'checks', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('schema', n.nspname, 'table', c.relname, 'name', k.conname, 'validated', k.convalidated)
      ORDER BY members.level, c.oid, k.conname)
    FROM members JOIN pg_catalog.pg_constraint k ON k.conrelid = members.oid AND k.contype = 'c' AND k.conislocal
      AND pg_catalog.starts_with(k.conname::pg_catalog.text, '${NOT_NULL_CHECK}')
    JOIN pg_catalog.pg_class c ON c.oid = members.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace))::pg_catalog.text AS states`

/** Reads the states of the migrating columns, on the table and on all that inherits from it. */
export function readColumnStates(client: RunnerClient, { table, old, new: added }: SyncShape): Promise<ColumnStates> {
  return inReadTransaction(client, async () => {
    // Then every name in a default is qualified.
    await client.query("SELECT pg_catalog.set_config('search_path', 'pg_catalog', true)")
    const names = [...old, ...added].map(({ name }) => name)
    const { rows } = await client.query(QUERY, [table.oid, names])
    const { columns, checks } = JSON.parse(String(rows[0]?.states)) as Content
    return { columns: (columns ?? []).map(stateOf), checks: checks ?? [] }
  })
}

interface Content {
  readonly columns: readonly ColumnContent[] | null
  readonly checks: readonly NotNullCheck[] | null
}

type Nullable<T> = { readonly [Key in keyof T]: undefined extends T[Key] ? Exclude<T[Key], undefined> | null : T[Key] }

interface ColumnContent
  extends Omit<
    Nullable<ColumnState>,
    'identity' | 'sequences' | 'sequenceTypes' | 'notNullUnvalidated' | 'notNullAlone'
  > {
  readonly notNullUnvalidated: boolean
  readonly notNullAlone: boolean
  readonly identity: Nullable<IdentityState> | null
  readonly sequences: readonly string[] | null
  readonly sequenceTypes: readonly string[] | null
}

const stateOf = ({
  identity,
  sequences,
  sequenceTypes,
  notNullName,
  typeDefault,
  default: value,
  ...state
}: ColumnContent): ColumnState => ({
  ...state,
  notNullName: notNullName ?? undefined,
  default: value ?? undefined,
  typeDefault: typeDefault ?? undefined,
  identity:
    identity === null ? undefined : { ...identity, min: identity.min ?? undefined, max: identity.max ?? undefined },
  sequences: sequences ?? [],
  sequenceTypes: sequenceTypes ?? [],
})
