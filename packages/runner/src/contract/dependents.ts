import { mentions, quoteIdentifier } from '@expand-contract/core'
import { loadParser } from '@expand-contract/sql'
import { readIndexMarks } from '../parity/index-marks.ts'
import { ParityContext } from '../parity/parity-context.ts'
import type { ParityConstraint } from '../parity/parity-facts.ts'
import { readParityFacts } from '../parity/read-parity-facts.ts'
import { inReadTransaction } from '../read-transaction.ts'
import type { RunnerClient } from '../runner-client.ts'
import { qualified } from '../sql/sync-names.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import { DEPENDENTS_QUERY, FUNCTIONS_QUERY } from './dependents-query.ts'
import { keyMoves } from './key-move.ts'

/** Something within the database that needs an old column, or is lost with it. */
export interface Dependent {
  /** `view`, `function`, `policy`, `foreign key`, ... */
  readonly kind: string
  /** As it is pasted, with the table that it belongs to. */
  readonly name: string
  /** Where to start from: its definition, to be pasted with the new column in place of the old one. */
  readonly sql: string
  /** The step that leads it to the new column by itself. @defaultValue none */
  readonly moves?: 'contract' | 'drop'
}

interface TextFunction {
  readonly name: string
  readonly source: string
  /** A trigger of the table calls it. */
  readonly own: boolean
}

/**
 * All that needs the old columns, by what PostgreSQL knows and by the texts of functions, of which it knows nothing: one that names the table and
 * an old column counts, and may mean another one. It changes nothing.
 */
export function readDependents(client: RunnerClient, shape: SyncShape): Promise<readonly Dependent[]> {
  const { table, old, new: added } = shape
  return inReadTransaction(client, async () => {
    await client.query("SELECT pg_catalog.set_config('search_path', 'pg_catalog', true)")
    const { rows } = await client.query(DEPENDENTS_QUERY, [
      ...[table.oid, old.map(({ name }) => name), added.map(({ name }) => name)],
    ])
    const known = JSON.parse(String(rows[0]?.found ?? 'null')) as readonly Dependent[] | null
    return [...(known ?? []), ...(await textFunctions(client, shape))]
  }).then(async (found) => [...found, ...(await primaryKeys(client, shape))])
}

/** Those that still stand on an old column. */
async function primaryKeys(client: RunnerClient, shape: SyncShape): Promise<readonly Dependent[]> {
  await loadParser()
  const parity = await readParityFacts(client, shape.migration, { controlSchema: shape.controlSchema })
  if (parity === undefined) return []
  const context = new ParityContext(shape, parity)
  const { moves, others } = keyMoves(context, 'new')
  const nameOf = (name: string, table: { readonly schema: string; readonly name: string }): string =>
    `${name} ON ${table.schema}.${table.name}`
  return [
    ...moves.map(({ name, member, ahead, within, heldBy }) => ({
      ...{ kind: 'primary key', name: nameOf(name, member) },
      moves: heldBy.length === 0 ? ('contract' as const) : ('drop' as const),
      sql: [
        ...ahead.flatMap((action) => (action.kind === 'sql' ? action.sql : [])),
        ...within.map(({ sql }) => sql),
      ].join('; '),
    })),
    ...others.map((key) => ({
      ...{ kind: 'primary key', name: nameOf(key.name, key.table) },
      sql: temporalKey(context, key) ?? withoutCounterpart(nameOf(key.name, key.table), key),
    })),
  ]
}

const withoutCounterpart = (name: string, { definition }: ParityConstraint): string =>
  `-- ${name}, ${definition}: its columns have no counterpart of their own. Make a unique index of what is to be the key, and DROP CONSTRAINT, ADD PRIMARY KEY USING INDEX.`

/** It is built under the lock; the old columns keep a key of their own, which goes with them. */
function temporalKey(context: ParityContext, { temporal, columns, table, name }: ParityConstraint): string | undefined {
  if (!temporal || context.pairsOf(columns) === undefined) return undefined
  const list = (all: readonly string[]): string =>
    `(${all.map((each) => quoteIdentifier(each)).join(', ')} WITHOUT OVERLAPS)`
  const to = columns.map((column) => context.column(column))
  const quoted = quoteIdentifier(name)
  return `ALTER TABLE ${qualified(table.schema, table.name)} DROP CONSTRAINT ${quoted}, ADD CONSTRAINT ${quoted} PRIMARY KEY ${list(to)}, ADD UNIQUE ${list(columns)}`
}

/** Those that somebody has to do something about: `contract` and `drop` move keys to the new columns by themselves. */
export async function readOpenDependents(
  client: RunnerClient,
  shape: SyncShape,
  controlSchema: string,
): Promise<readonly Dependent[]> {
  const found = await readDependents(client, shape)
  const moved = new Set((await readIndexMarks(client, shape, { controlSchema })).map(({ what }) => what))
  return found.filter(
    ({ kind, name, moves }) => moves === undefined && !moved.has(`${kind} ${name}`.replaceAll('"', '')),
  )
}

/** Functions whose texts name an old column: they fail while it is held, whenever they run. */
export const readTextFunctions = (client: RunnerClient, shape: SyncShape): Promise<readonly Dependent[]> =>
  inReadTransaction(client, async () => {
    await client.query("SELECT pg_catalog.set_config('search_path', 'pg_catalog', true)")
    return textFunctions(client, shape)
  })

async function textFunctions(
  client: RunnerClient,
  { table, controlSchema, migration }: SyncShape,
): Promise<readonly Dependent[]> {
  // A text has the name that the column had when it was written, whatever it is called since.
  const names = migration.old.map(({ name }) => name)
  const { rows } = await client.query(FUNCTIONS_QUERY, [table.oid, names, controlSchema])
  const functions = JSON.parse(String(rows[0]?.found ?? 'null')) as readonly TextFunction[] | null
  return (functions ?? []).filter((each) => needs(each, table.name, names)).map(asDependent)
}

const needs = ({ source, own }: TextFunction, table: string, columns: readonly string[]): boolean =>
  columns.some((column) => mentions(source, [column])) && (own || mentions(source, [table]))

const asDependent = ({ name }: TextFunction): Dependent => ({
  ...{ kind: 'function', name },
  sql: `SELECT pg_get_functiondef('${name.replaceAll("'", "''")}'::regprocedure)`,
})
