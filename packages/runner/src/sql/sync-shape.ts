import type { Migration } from '@expand-contract/core'
import { hasOneValue, heldColumnName } from '@expand-contract/sql'
import type { ColumnFacts, MigrationFacts, TableFacts, TypeFacts } from '../facts.ts'
import { runnerError } from '../runner-error.ts'

/** A migrating column as the trigger needs it, whether it is there or still to be added. */
export interface SyncColumn extends TypeFacts {
  /** As the table has it: an old column that is held has another name than the declaration says. */
  readonly name: string
  /** As the declaration has it. */
  readonly declared: string
  readonly collation: string | undefined
  /** Defaults that have one value throughout a statement. */
  readonly defaults: readonly string[]
  /** An INSERT without the column gives it a value that cannot be told from one that was given: a sequence, an identity. */
  readonly drawn: boolean
}

/** What the texts of a sync trigger are made from. */
export interface SyncShape {
  readonly migration: Migration
  readonly controlSchema: string
  readonly table: TableFacts
  readonly old: readonly SyncColumn[]
  readonly new: readonly SyncColumn[]
  /** What the function and its helper run under: PostgreSQL's own, the table's schema, those of the columns' types, pg_temp last. */
  readonly searchPath: readonly string[]
  /** The sides of which BEFORE triggers of the user's name a column. */
  readonly between: readonly ('old' | 'new')[]
}

/**
 * The shape for a table that is there and has its old columns.
 * @throws EC_NO_TYPE where nothing tells the type of a new column
 */
export function syncShape(migration: Migration, facts: MigrationFacts & { readonly table: TableFacts }): SyncShape {
  const { table } = facts
  const sideOf = (side: 'old' | 'new'): readonly SyncColumn[] =>
    migration[side].map(({ name }) => columnFrom(columnOf(table, name), name) ?? absentColumn(migration, facts, name))
  const [old, added] = [sideOf('old'), sideOf('new')]
  const mentions = table.triggers.flatMap((trigger) => trigger.mentions)
  const named = (side: 'old' | 'new'): boolean => migration[side].some(({ name }) => mentions.includes(name))
  return {
    migration,
    controlSchema: facts.control.schema,
    table,
    old,
    new: added,
    searchPath: [
      ...new Set(['pg_catalog', table.schema, ...[...old, ...added].map(({ schema }) => schema)]),
      'pg_temp',
    ],
    between: (['old', 'new'] as const).filter(named),
  }
}

/** A column by its declared name, or the one that it has while it is held. */
export const columnOf = (table: Pick<TableFacts, 'columns'>, name: string): ColumnFacts | undefined =>
  table.columns.find((column) => column.name === name) ??
  table.columns.find((column) => column.name === heldColumnName(name))

function columnFrom(column: ColumnFacts | undefined, declared: string): SyncColumn | undefined {
  if (column === undefined) return undefined
  const { defaults, identity } = column
  return {
    ...column,
    declared,
    defaults: defaults.filter(hasOneValue),
    drawn: identity || !defaults.every(hasOneValue),
  }
}

const TEXTS: ReadonlySet<string> = new Set(['pg_catalog.text', 'pg_catalog.varchar', 'pg_catalog.bpchar'])

/** A column that is to be added: of its declared type, else as the column that it copies. */
function absentColumn(
  migration: Migration,
  { declared, table }: MigrationFacts & { readonly table: TableFacts },
  name: string,
): SyncColumn {
  const mapping = migration.forward[name]
  const copied = table.columns.find((column) => mapping?.kind === 'column' && column.name === mapping.column)
  const type = declared[name] ?? copied
  if (type === undefined)
    throw runnerError('EC_NO_TYPE', {
      message: `Nothing says of which type the new column ${JSON.stringify(name)} of the migration ${migration.id} is to be.`,
      hint: 'Declare its type.',
      migration: migration.id,
    })
  // A text keeps the order that its column has told, of whichever type it becomes.
  const alike =
    copied !== undefined &&
    (copied.bare === type.bare || (TEXTS.has(copied.base) && TEXTS.has(type.base) && !type.domain))
  return {
    ...{
      name,
      declared: name,
      type: type.type,
      bare: type.bare,
      schema: type.schema,
      base: type.base,
      under: type.under,
    },
    ...{ domain: type.domain, checked: type.checked },
    collation: alike ? copied.collation : undefined,
    exact: alike ? copied.exact : type.exact,
    defaults: [],
    drawn: false,
  }
}
