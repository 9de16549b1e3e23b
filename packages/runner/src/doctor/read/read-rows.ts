import { type Migration, quoteIdentifier, quoteTable } from '@expand-contract/core'
import { inReadTransaction } from '../../read-transaction.ts'
import { computedColumns } from '../../rows/computed.ts'
import type { RunnerClient } from '../../runner-client.ts'
import { sqlState } from '../../runner-error.ts'
import { mappingSql } from '../../sql/mapping-sql.ts'
import type { SyncShape } from '../../sql/sync-shape.ts'
import type { ConstraintFacts, RowFacts } from '../table-facts.ts'

export interface ReadRows {
  readonly shape: SyncShape
  readonly constraints: readonly ConstraintFacts[]
  /** Both sides are there. */
  readonly expanded: boolean
  /** So many rows of each table, whichever PostgreSQL finds first. */
  readonly limit: number
}

/** Looks at rows, and takes no value of them along. */
export async function readRows(client: RunnerClient, options: ReadRows): Promise<RowFacts> {
  const { shape, expanded, limit } = options
  const { migration } = shape
  const violating: RowFacts['violating'][number][] = []
  for (const constraint of options.constraints)
    if (constraint.kind === 'c' && !constraint.validated && constraint.expression !== null) {
      const rows = await violations(client, constraint, limit)
      if (rows > 0) violating.push({ constraint: constraint.name, relation: constraint.relation, rows })
    }
  const rowsOf = (side: 'old' | 'new'): string =>
    `(SELECT ${migration[side].map(({ name }) => quoteIdentifier(name)).join(', ')} FROM ${quoteTable(shape.table)} LIMIT ${limit})`
  const forward = computes(migration, 'forward')
    ? await dependsOn(client, shape, { side: 'new', rows: rowsOf('old') })
    : []
  const backward =
    expanded && computes(migration, 'backward')
      ? await dependsOn(client, shape, { side: 'old', rows: rowsOf('new') })
      : []
  const defaults = defaultRow(shape, 'old')
  return {
    violating,
    mappingDependsOn: [...new Set([...forward, ...backward])],
    defaultDependsOn: defaults === undefined ? [] : await dependsOn(client, shape, { side: 'new', rows: defaults }),
    defaultsPart: await defaultsPart(client, shape),
  }
}

/** A column that is copied has one value, whatever the session. */
const computes = (migration: Migration, direction: 'forward' | 'backward'): boolean => {
  const types = new Set([...migration.old, ...migration.new].map(({ type }) => type))
  return types.size > 1 || Object.values(migration[direction]).some(({ kind }) => kind !== 'column')
}

async function violations(
  client: RunnerClient,
  { relation, expression, columns }: ConstraintFacts,
  limit: number,
): Promise<number> {
  const names = columns.map(quoteIdentifier).join(', ')
  return quietly(0, () =>
    reading(client, ['pg_catalog'], async () => {
      const { rows } = await client.query(
        `SELECT count(*)::pg_catalog.int4 AS rows FROM (SELECT ${names} FROM ONLY ${relation} LIMIT ${limit}) AS "~rows" WHERE NOT (${expression})`,
      )
      return Number(rows[0]?.rows)
    }),
  )
}

/** What sessions may set, and another value of it. */
const SESSION_VALUES: Readonly<Record<string, readonly [string, string]>> = {
  TimeZone: ['UTC', 'Asia/Kolkata'],
  DateStyle: ['ISO, MDY', 'German, DMY'],
  IntervalStyle: ['postgres', 'iso_8601'],
  extra_float_digits: ['1', '-6'],
  bytea_output: ['hex', 'escape'],
}

/** Settings under which the values of one side over some rows are other bytes. */
async function dependsOn(
  client: RunnerClient,
  shape: SyncShape,
  { side, rows }: { readonly side: 'old' | 'new'; readonly rows: string },
): Promise<readonly string[]> {
  const values = mappingSql(shape, side, quoteIdentifier).map(({ column, sql }) => `(${sql})::${column.type}`)
  const query = `SELECT pg_catalog.md5(coalesce(pg_catalog.string_agg(pg_catalog.encode(pg_catalog.record_send("~value"), 'hex'), ','), '')) AS print
    FROM (SELECT ROW(${values.join(', ')}) AS "~value" FROM ${rows} AS "~rows" OFFSET 0) AS "~values"`
  const usual = Object.fromEntries(Object.entries(SESSION_VALUES).map(([name, [first]]) => [name, first]))
  // A value may be none at all under other settings.
  const print = async (settings: Readonly<Record<string, string>>): Promise<unknown> => {
    await client.query('SAVEPOINT settings')
    try {
      for (const [name, value] of Object.entries({ ...usual, ...settings }))
        await client.query('SELECT pg_catalog.set_config($1, $2, true)', [name, value])
      return (await client.query(query)).rows[0]?.print
    } catch (error) {
      if (sqlState(error) === undefined) throw error
      return undefined
    } finally {
      await client.query('ROLLBACK TO SAVEPOINT settings').catch(() => undefined)
    }
  }
  // In one snapshot, since rows that are written meanwhile would differ as well.
  return quietly([], () =>
    reading(client, shape.searchPath, async () => {
      const first = await print({})
      if (first === undefined) return []
      const found: string[] = []
      for (const [name, [, other]] of Object.entries(SESSION_VALUES))
        if ((await print({ [name]: other })) !== first) found.push(name)
      return found
    }),
  )
}

/** One row of the defaults of a side; undefined where a column has none that is the same throughout a statement. */
function defaultRow(shape: SyncShape, side: 'old' | 'new'): string | undefined {
  const defaults = shape[side].map(({ name, defaults: [first], bare, drawn }) =>
    first === undefined || drawn ? undefined : `(${first})::${bare} AS ${quoteIdentifier(name)}`,
  )
  return defaults.includes(undefined) ? undefined : `(SELECT ${defaults.join(', ')} OFFSET 0)`
}

function defaultsPart(client: RunnerClient, shape: SyncShape): Promise<boolean> {
  const [old, added] = [defaultRow(shape, 'old'), defaultRow(shape, 'new')]
  if (old === undefined || added === undefined) return Promise.resolve(false)
  const differ = computedColumns(shape, 'new').map(({ differs }) => differs)
  return quietly(false, () =>
    reading(client, shape.searchPath, async () => {
      const { rows } = await client.query(
        `SELECT ${differ.join(' OR ')} AS part FROM ${old} AS "~old", ${added} AS "~new"`,
      )
      return rows[0]?.part === true
    }),
  )
}

/** Rows that row security hides raise, rows come in one order each time, and nothing runs for long. */
function reading<T>(client: RunnerClient, searchPath: readonly string[], work: () => Promise<T>): Promise<T> {
  return inReadTransaction(client, async () => {
    await client.query(
      `SELECT pg_catalog.set_config('row_security', 'off', true), pg_catalog.set_config('synchronize_seqscans', 'off', true),
        pg_catalog.set_config('max_parallel_workers_per_gather', '0', true), pg_catalog.set_config('search_path', $1, true)`,
      [searchPath.map(quoteIdentifier).join(', ')],
    )
    return work()
  })
}

/** A mapping that fails for a row is a finding of its own, as are rows that this role may not read. */
async function quietly<T>(otherwise: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch {
    return otherwise
  }
}
