import { type Migration, quoteTable } from '@expand-contract/core'
import { getTableColumns } from 'drizzle-orm'
import { CasingCache } from 'drizzle-orm/casing'
import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import { castableType } from './castable-type.ts'
import type { NamedColumns } from './declaration.ts'
import { refuse } from './drizzle-error.ts'
import { type Columns, type MigratingTable, type TableMigration, tablesOf } from './migrating-table.ts'

export interface MigrationsOfOptions {
  /** The `casing` of `drizzle()`, by which columns without a name of their own get one. @defaultValue none: the property's name */
  readonly casing?: 'snake_case' | 'camelCase'
}

/**
 * The migrations that the tables of a schema module declare, for `createRuntime`.
 *
 * ```ts
 * import * as schema from './schema.ts'
 *
 * const runtime = await createRuntime({ migrations: migrationsOf(schema), flags })
 * const db = drizzle({ client: instrumentedPool(runtime, { connectionString }), schema })
 * ```
 *
 * A table without a schema is every table of the name that has the columns, as with core: the search path decides.
 * @throws EC_DRIZZLE_SCHEMA, EC_DRIZZLE_COLUMN, and what core's declaring functions throw
 */
export function migrationsOf(
  schema: Readonly<Record<string, unknown>>,
  { casing }: MigrationsOfOptions = {},
): readonly Migration[] {
  // A cache per column: Drizzle's takes two tables of one name for one table.
  const nameOf = (column: PgColumn): string => new CasingCache(casing).getColumnCasing(column)
  return tablesOf(schema).flatMap((migrating) => {
    checkNames(migrating, nameOf)
    return migrating.migrations.map((migration) => migrationOf(migrating.table, migration, nameOf))
  })
}

function migrationOf(
  table: PgTable,
  { declaration, logical, shadow }: TableMigration,
  nameOf: (column: PgColumn) => string,
): Migration {
  const { schema, name } = getTableConfig(table)
  const named = (columns: Columns): NamedColumns =>
    Object.fromEntries(
      Object.entries(columns).map(([key, column]) => [key, { name: nameOf(column), type: castableType(column) }]),
    )
  const [old, added] = declaration.app === 'old' ? [logical, shadow] : [shadow, logical]
  return declaration.define({ table: quoteTable({ schema, name }), old: named(old), new: named(added) })
}

/** A table that has the shadow as a column of its own would write it twice, and read it before it is filled. */
function checkNames({ table, migrations }: MigratingTable, nameOf: (column: PgColumn) => string): void {
  const own = new Set(Object.values(getTableColumns(table) as Columns).map(nameOf))
  const twice = migrations.flatMap(({ shadow }) => Object.values(shadow).map(nameOf)).find((name) => own.has(name))
  if (twice !== undefined)
    refuse(
      'EC_DRIZZLE_COLUMN',
      `The table ${JSON.stringify(getTableConfig(table).name)} has ${JSON.stringify(twice)} as a column of its own and as the other column of a migration.`,
      'Remove the column from the table: the application uses one of the two, and the other is written for it.',
    )
}
