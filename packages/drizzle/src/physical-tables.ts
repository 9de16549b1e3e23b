import { getTableColumns } from 'drizzle-orm'
import { getTableConfig, type PgTable, type PgTableExtraConfigValue } from 'drizzle-orm/pg-core'
import { asAdded, copyOf } from './column-copy.ts'
import type { IndexColumns } from './declaration.ts'
import {
  type Columns,
  type MigratingTable,
  shadowSide,
  shadowTable,
  type TableMigration,
  tablesOf,
} from './migrating-table.ts'

/**
 * The tables of a schema module as they are in the database: with both columns of every migration. For the file that
 * drizzle-kit reads, and for nothing else:
 *
 * ```ts
 * // drizzle-schema.ts, named by `schema` in drizzle.config.ts
 * import { physicalTables } from '@expand-contract/drizzle'
 * import * as schema from './schema.ts'
 *
 * export * from './schema.ts' // enums, relations, views, and tables in which nothing migrates
 * export const { users, orders } = physicalTables(schema) // win over those of the line above
 * ```
 *
 * The new column is nullable and has no default, key or identity, whatever `to` says: it is added to a table with rows in it.
 * Everything that is no migrating table is handed back as it is. A table that the file forgets is reported: drizzle-kit
 * stops with EC_DRIZZLE_KIT.
 * @throws EC_DRIZZLE_SCHEMA, EC_DRIZZLE_COLUMN
 */
export function physicalTables<Schema extends Readonly<Record<string, unknown>>>(schema: Schema): Schema {
  const physical = new Map<unknown, PgTable>()
  for (const migrating of tablesOf(schema))
    if (migrating.migrations.length > 0) physical.set(migrating.table, physicalTable(migrating))
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, physical.get(value) ?? value]),
  ) as unknown as Schema
}

type ExtraConfig = (self: IndexColumns) => readonly PgTableExtraConfigValue[] | Record<string, PgTableExtraConfigValue>

/** Where Drizzle keeps the parts of a table: registered symbols, and internal; physical-tables.test.ts looks for them. */
const COLUMNS = Symbol.for('drizzle:Columns')
const FOREIGN_KEYS = Symbol.for('drizzle:PgInlineForeignKeys')
const EXTRA_CONFIG = Symbol.for('drizzle:ExtraConfigBuilder')

function physicalTable({ table, migrations }: MigratingTable): PgTable {
  const replaced = new Map(migrations.flatMap((migration) => logicalCopies(migration)))
  const logical = Object.entries(getTableColumns(table) as Columns).map(([key, column]) => [
    key,
    replaced.get(column) ?? column,
  ])
  const foreignKeys = migrations.flatMap(
    ({ declaration }) => getTableConfig(shadowTable(table, declaration)).foreignKeys,
  )
  const own = (table as unknown as { readonly [EXTRA_CONFIG]?: ExtraConfig })[EXTRA_CONFIG]
  const extra = (self: IndexColumns): PgTableExtraConfigValue[] => [
    ...Object.values(own?.(self) ?? []).flat(1),
    ...migrations.flatMap((migration) => shadowExtras(table, migration, self)),
  ]
  return Object.create(Object.getPrototypeOf(table) as object, {
    ...Object.getOwnPropertyDescriptors(table),
    [COLUMNS]: { value: Object.fromEntries([...logical, ...migrations.flatMap(shadowCopies)]) },
    [FOREIGN_KEYS]: { value: [...ownForeignKeys(table), ...foreignKeys] },
    [EXTRA_CONFIG]: { value: extra },
  }) as PgTable
}

const ownForeignKeys = (table: PgTable): readonly unknown[] =>
  (table as unknown as { readonly [FOREIGN_KEYS]: readonly unknown[] })[FOREIGN_KEYS]

const logicalCopies = ({ declaration, logical }: TableMigration) =>
  Object.values(logical).map(
    (column) => [column, declaration.app === 'new' ? asAdded(column) : copyOf(column)] as const,
  )

/** The property is of no use to drizzle-kit, and must not be one that the table has. */
const shadowCopies = ({ declaration, shadow }: TableMigration) =>
  Object.values(shadow).map((column) => [
    `shadow:${column.name}`,
    shadowSide(declaration) === 'new' ? asAdded(column) : column,
  ])

function shadowExtras(table: PgTable, { declaration }: TableMigration, self: IndexColumns): PgTableExtraConfigValue[] {
  const values: PgTableExtraConfigValue[] = []
  getTableConfig(
    shadowTable(table, declaration, (shadow) => {
      values.push(...declaration.extra(shadow, self))
      return []
    }),
  )
  return values
}
