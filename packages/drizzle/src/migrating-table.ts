import type { Side } from '@expand-contract/core'
import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { type PgColumn, PgTable, type PgTableExtraConfigValue, pgTable } from 'drizzle-orm/pg-core'
import { type Declaration, declaredOf, type IndexColumns } from './declaration.ts'
import { refuse } from './drizzle-error.ts'

/** Drizzle's own mark of `alias(users, 'u')`. */
const IS_ALIAS = Symbol.for('drizzle:IsAlias')

/** Built columns by the property that the declaration has them under. */
export type Columns = Readonly<Record<string, PgColumn>>

/** One migration of a table: both sides as columns. */
export interface TableMigration {
  readonly declaration: Declaration
  readonly logical: Columns
  readonly shadow: Columns
}

export interface MigratingTable {
  readonly table: PgTable
  readonly migrations: readonly TableMigration[]
}

/** Every table of a schema module, once, with what migrates in it; aliases and everything else are left out. */
export function tablesOf(schema: Readonly<Record<string, unknown>>): readonly MigratingTable[] {
  const tables = new Set(
    Object.values(schema)
      .filter((value) => is(value, PgTable))
      .filter((table) => !isAlias(table)),
  )
  if (tables.size === 0)
    refuse(
      'EC_DRIZZLE_SCHEMA',
      'The schema module that was given has no tables of drizzle-orm/pg-core.',
      "Give the module that declares them: import * as schema from './schema.ts'.",
    )
  return [...tables].map((table) => ({ table, migrations: migrationsIn(table) }))
}

const isAlias = (table: object): boolean => (table as { readonly [IS_ALIAS]?: boolean })[IS_ALIAS] === true

function migrationsIn(table: PgTable): readonly TableMigration[] {
  const found = new Map<Declaration, Record<string, PgColumn>>()
  for (const column of Object.values(getTableColumns(table) as Columns)) {
    const declared = declaredOf(column)
    if (declared === undefined) continue
    const logical = found.get(declared.declaration) ?? {}
    logical[declared.key] = column
    found.set(declared.declaration, logical)
  }
  return [...found].map(([declaration, logical]) => complete(table, declaration, logical))
}

function complete(table: PgTable, declaration: Declaration, logical: Columns): TableMigration {
  const expected = Object.keys(declaration[declaration.app])
  const missing = expected.filter((key) => logical[key] === undefined)
  if (missing.length > 0)
    refuse(
      'EC_DRIZZLE_COLUMN',
      `The table ${JSON.stringify(getTableName(table))} has not all columns of one migration: ${missing.join(', ')} is missing.`,
      'Spread all of them into the columns of the table: ...merging({ … }, { … }).',
    )
  const shadow = getTableColumns(shadowTable(table, declaration)) as Columns
  for (const column of [...Object.values(logical), ...Object.values(shadow)]) check(table, column)
  return { declaration, logical, shadow }
}

function check(table: PgTable, column: PgColumn): void {
  const where = `The migrating column ${JSON.stringify(column.name)} of the table ${JSON.stringify(getTableName(table))}`
  if (column.name === '')
    refuse('EC_DRIZZLE_COLUMN', `${where} has no name.`, "Give it its name in the database: text('full_name').")
  if (column.generated !== undefined)
    refuse(
      'EC_DRIZZLE_COLUMN',
      `${where} is computed by PostgreSQL (generatedAlwaysAs), so nothing can be written to it.`,
      'Migrate the columns that it is computed from.',
    )
}

/** A table of the same name that has the other side of a declaration: Drizzle itself builds its columns and constraints. */
export function shadowTable(
  table: PgTable,
  declaration: Declaration,
  extra: (shadow: IndexColumns) => PgTableExtraConfigValue[] = () => [],
): PgTable {
  return pgTable(getTableName(table), { ...declaration[shadowSide(declaration)] }, extra)
}

export const shadowSide = ({ app }: Declaration): Side => (app === 'old' ? 'new' : 'old')
