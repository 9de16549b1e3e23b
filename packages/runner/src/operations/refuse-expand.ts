import type { ControlErrorCode } from '@expand-contract/control'
import { ExpandContractError, type Migration } from '@expand-contract/core'
import type { RunnerErrorCode } from '../error-catalogue.ts'
import type { ColumnFacts, MigrationFacts, TableFacts } from '../facts.ts'
import { runnerError } from '../runner-error.ts'
import { takesAll } from '../sql/mapping-sql.ts'
import { qualified, syncNames } from '../sql/sync-names.ts'
import { columnOf, type SyncShape, syncShape } from '../sql/sync-shape.ts'

/** What somebody has to have thought of: `expand` refuses it otherwise. */
export type Confirmation = 'publication' | 'rewrite'

export interface ExpandChecks {
  readonly confirmed: readonly Confirmation[]
}

interface Refusal {
  readonly code: RunnerErrorCode | ControlErrorCode
  readonly message: string
  readonly hint: string
  readonly cause?: unknown
}

/** PostgreSQL's MaxHeapAttributeNumber. */
const MAX_COLUMNS = 1600

/** LOCK TABLE takes partitions and children along. */
export const tablesOf = ({ schema, name }: Pick<TableFacts, 'schema' | 'name'>): readonly string[] => [
  qualified(schema, name),
]

const quote = (name: string): string => JSON.stringify(name)
const list = (names: readonly string[]): string => names.map(quote).join(', ')
const tableName = ({ schema, name }: Pick<TableFacts, 'schema' | 'name'>): string => `${schema}.${name}`

/**
 * The table, after all that can be told of it without the types of the columns that are missing.
 * @throws the first reason why the migration cannot be expanded
 */
export function checkTable(migration: Migration, facts: MigrationFacts): TableFacts {
  const { table } = facts
  const refusal = serverRefusal(facts) ?? (table && tableRefusal(migration, facts, table))
  if (refusal) raise(migration, refusal)
  if (table !== undefined) return table
  const { schema, name } = migration.table
  return raise(migration, {
    code: 'EC_TABLE_MISSING',
    message: `There is no table ${quote(schema === undefined ? name : `${schema}.${name}`)} for the migration ${migration.id} on ${facts.server.database}.`,
    hint: 'Name its schema in the declaration, or correct the search path of the connection, or the connection itself.',
  })
}

const errorOf = (migration: Migration, { code, ...facts }: Refusal): ExpandContractError =>
  runnerError(code, { ...facts, migration: migration.id })

const raise = (migration: Migration, refusal: Refusal): never => {
  throw errorOf(migration, refusal)
}

function serverRefusal({ server, control }: MigrationFacts): Refusal | undefined {
  if (server.standby)
    return {
      code: 'EC_STANDBY',
      message: `The connection to ${server.database} leads to a standby, which cannot be changed.`,
      hint: 'Connect to the primary.',
    }
  if (!control.exists)
    return {
      code: 'EC_CONTROL_MISSING',
      message: `The schema ${quote(control.schema)} does not exist in ${server.database}.`,
      hint: 'Run `expand-contract init`, or installControl(client), in this database.',
    }
  if (!control.writable)
    return {
      code: 'EC_PRIVILEGE',
      message: `The role ${quote(server.role)} may not create anything in the schema ${quote(control.schema)}.`,
      hint: `GRANT USAGE, CREATE ON SCHEMA ${quote(control.schema)} TO ${quote(server.role)}`,
    }
  return undefined
}

function tableRefusal(migration: Migration, { server }: MigrationFacts, table: TableFacts): Refusal | undefined {
  const foreign = table.members.filter(({ owned }) => !owned)
  if (foreign.length > 0)
    return {
      code: 'EC_PRIVILEGE',
      message: `The role ${quote(server.role)} does not own ${list(foreign.map(tableName))}, so it may neither add a column nor create a trigger.`,
      hint: 'Run it as the owner, or as a member of the role that owns the table.',
    }
  const column = (name: string): ColumnFacts | undefined => table.columns.find((each) => each.name === name)
  const missing = migration.old.filter(({ name }) => columnOf(table, name) === undefined)
  if (missing.length > 0)
    return {
      code: 'EC_COLUMN_MISSING',
      message: `The table ${tableName(table)} has no column ${list(missing.map(({ name }) => name))}, from which the migration ${migration.id} starts.`,
      hint: 'Correct the declaration; or the migration has been completed here, and nothing is left to expand.',
    }
  const generated = table.columns.filter((each) => each.generated)
  if (generated.length > 0)
    return {
      code: 'EC_GENERATED_COLUMN',
      message: `The column ${list(generated.map(({ name }) => name))} of ${tableName(table)} is computed by PostgreSQL (GENERATED ALWAYS AS): a trigger cannot set it, and does not see it.`,
      hint: 'Migrate the columns that it is computed from.',
    }
  const inKey = migration.old.filter(({ name }) => table.keyColumns.includes(name))
  if (inKey.length > 0)
    return {
      code: 'EC_PARTITION_KEY',
      message: `The column ${list(inKey.map(({ name }) => name))} is in the partition key of ${tableName(table)}, so it can never be dropped, and a row that names the new column alone finds no partition.`,
      hint: 'Build a new partitioned table on the new column instead.',
    }
  const inherited = migration.old.filter(({ name }) => column(name)?.inherited)
  if (table.members[0]?.partition || inherited.length > 0)
    return {
      code: 'EC_NOT_ROOT',
      message: `The table ${tableName(table)} of the migration ${migration.id} has ${list((inherited.length > 0 ? inherited : migration.old).map(({ name }) => name))} from a parent.`,
      hint: 'Declare the migration for the parent; partitions and children follow.',
    }
  return undefined
}

/**
 * What can be told once types are known.
 * @throws the first reason why the migration cannot be expanded
 */
export function checkColumns(shape: SyncShape, facts: MigrationFacts, checks: ExpandChecks): void {
  const [first] = columnRefusals(shape, facts, checks)
  if (first) raise(shape.migration, first)
}

/** Every reason at once, as the errors that `expand` would raise one after the other. */
export function expandRefusals(
  migration: Migration,
  facts: MigrationFacts,
  checks: ExpandChecks,
): readonly ExpandContractError[] {
  try {
    const table = checkTable(migration, facts)
    return columnRefusals(syncShape(migration, { ...facts, table }), facts, checks).map((refusal) =>
      errorOf(migration, refusal),
    )
  } catch (error) {
    if (ExpandContractError.isInstance(error)) return [error]
    throw error
  }
}

function columnRefusals(shape: SyncShape, facts: MigrationFacts, { confirmed }: ExpandChecks): readonly Refusal[] {
  const added = shape.new.filter(({ name }) => !shape.table.columns.some((column) => column.name === name))
  const checked = added.filter((column) => column.checked).map(({ name }) => name)
  return [
    typeRefusal(shape, facts),
    mappingRefusal(shape, facts),
    defaultRefusal(shape),
    orderRefusal(shape),
    widthRefusal(shape, added.length),
    ...(added.length === 0 ? [] : [rewriteRefusal(shape, checked, confirmed), publicationRefusal(shape, confirmed)]),
  ].filter((refusal) => refusal !== undefined)
}

/** @throws EC_TRIGGER_ORDER */
export function checkTriggerOrder(shape: SyncShape): void {
  const refusal = orderRefusal(shape)
  if (refusal) raise(shape.migration, refusal)
}

function mappingRefusal(
  { migration, searchPath }: SyncShape,
  { mappingError: error }: MigrationFacts,
): Refusal | undefined {
  return error === undefined
    ? undefined
    : {
        code: 'EC_MAPPING_FAILS',
        message: `PostgreSQL does not accept the mappings of ${migration.id} where the sync trigger evaluates them: ${
          error instanceof Error ? error.message : String(error)
        }. There the search path is ${searchPath.join(', ')}.`,
        hint: 'Write functions, operators and types of other schemas with their schema.',
        cause: error,
      }
}

function typeRefusal({ migration, table }: SyncShape, { declared }: MigrationFacts): Refusal | undefined {
  for (const column of table.columns) {
    const wanted = declared[column.name]?.type ?? copiedColumn(migration, table, column.name)?.type
    const collation = copiedCollation(migration, table, column)
    if (wanted !== undefined && wanted !== column.type)
      return {
        code: 'EC_COLUMN_TYPE',
        message: `The column ${quote(column.name)} of ${tableName(table)} is ${column.type}, and the migration ${migration.id} declares it as ${wanted}.`,
        hint: 'Correct the declaration, or drop the column if nothing uses it yet.',
      }
    if (collation !== undefined)
      return {
        code: 'EC_COLUMN_TYPE',
        message: `The column ${quote(column.name)} of ${tableName(table)} has another collation than ${quote(collation)}, which it copies: both would sort and compare differently.`,
        hint: 'Add it with the collation of the old column.',
      }
  }
  return undefined
}

/** The old column that a new one copies. */
function copiedColumn({ forward }: Migration, table: TableFacts, column: string): ColumnFacts | undefined {
  const mapping = Object.hasOwn(forward, column) ? forward[column] : undefined
  return table.columns.find(({ name }) => mapping?.kind === 'column' && name === mapping.column)
}

/** The old column that a new one copies, where both have the same type and another collation. */
function copiedCollation(migration: Migration, table: TableFacts, column: ColumnFacts): string | undefined {
  const copied = copiedColumn(migration, table, column.name)
  return copied !== undefined && copied.bare === column.bare && copied.collation !== column.collation
    ? copied.name
    : undefined
}

function defaultRefusal(shape: SyncShape): Refusal | undefined {
  const { migration, table } = shape
  const early = table.columns.find(
    ({ name, defaults, identity, notNull }) =>
      migration.new.some((column) => column.name === name) &&
      (defaults.length > 0 || identity || (notNull && !mayBeNotNull(shape, name))),
  )
  return early === undefined
    ? undefined
    : {
        code: 'EC_NEW_DEFAULT',
        message: `The new column ${quote(early.name)} of ${tableName(table)} has ${early.notNull ? 'NOT NULL' : 'a default'} already: ${
          early.notNull
            ? 'a row that is not filled yet, or has no counterpart, would be refused'
            : 'rows that are not filled cannot be told from others, nor a value that was given from one that was not'
        }.`,
        hint: `ALTER TABLE ${tableName(table)} ALTER COLUMN ${quote(early.name)} DROP ${early.notNull ? 'NOT NULL' : 'DEFAULT'}; a later step adds it.`,
      }
}

/** A column that copies one with NOT NULL, and has a value for each of its values, gets NOT NULL when it is filled. */
function mayBeNotNull(shape: SyncShape, name: string): boolean {
  const mapping = shape.migration.forward[name]
  const copied = shape.table.columns.find((each) => mapping?.kind === 'column' && each.name === mapping.column)
  return copied?.notNull === true && shape.new.some((column) => column.name === name && takesAll(shape, column))
}

/** Names are compared byte by byte, as PostgreSQL does. */
function orderRefusal({ migration, table }: SyncShape): Refusal | undefined {
  const { trigger, firstTrigger } = syncNames(migration)
  const migrating = [...migration.old, ...migration.new].map(({ name }) => name)
  const outside = table.triggers.find(
    ({ name, mentions }) =>
      mentions.some((column) => migrating.includes(column)) &&
      (Buffer.compare(Buffer.from(name), Buffer.from(trigger)) > 0 ||
        Buffer.compare(Buffer.from(name), Buffer.from(firstTrigger)) < 0),
  )
  return outside === undefined
    ? undefined
    : {
        code: 'EC_TRIGGER_ORDER',
        message: `The trigger ${quote(outside.name)} of ${tableName(table)} works on ${list(outside.mentions)}, and PostgreSQL, which runs triggers in the order of their names, runs it outside of ${quote(firstTrigger)} and ${quote(trigger)}: the columns could part without an error.`,
        hint: 'Rename it, so that it begins with a letter of ASCII: ALTER TRIGGER ... RENAME TO ...',
      }
}

function widthRefusal({ table }: SyncShape, added: number): Refusal | undefined {
  const wide = table.members.find(({ width }) => width + added > MAX_COLUMNS)
  return added === 0 || wide === undefined
    ? undefined
    : {
        code: 'EC_TOO_MANY_COLUMNS',
        message: `The table ${tableName(wide)} has had ${wide.width} columns, dropped ones included; PostgreSQL allows ${MAX_COLUMNS}.`,
        hint: 'Build the table anew (CREATE TABLE ... AS and a rename), which takes dropped columns away.',
      }
}

function rewriteRefusal(
  { table }: SyncShape,
  checked: readonly string[],
  confirmed: readonly Confirmation[],
): Refusal | undefined {
  return checked.length === 0 || table.rows === 0 || confirmed.includes('rewrite')
    ? undefined
    : {
        code: 'EC_REWRITE',
        message: `The type of ${list(checked)} is a domain that checks its values: to add a column of it, PostgreSQL writes ${tableName(table)} anew (${table.bytes} bytes), and nobody can read or write it meanwhile.`,
        hint: 'Declare the type under the domain and add a CHECK constraint, or confirm the rewrite for a table that is small.',
      }
}

function publicationRefusal({ migration, table }: SyncShape, confirmed: readonly Confirmation[]): Refusal | undefined {
  return table.publications.length === 0 || confirmed.includes('publication')
    ? undefined
    : {
        code: 'EC_PUBLICATION',
        message: `The table ${tableName(table)} is published by ${list(table.publications)} without a list of columns: a subscriber that lacks ${list(migration.new.map(({ name }) => name))} stops at the first write.`,
        hint: 'Add the columns on the subscriber first, and confirm it; or publish the table with a list of columns.',
      }
}
