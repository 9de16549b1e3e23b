import { mergeColumns } from '@expand-contract/core'
import type { ExtraConfigColumn, PgColumnBuilderBase, PgTableExtraConfigValue } from 'drizzle-orm/pg-core'
import {
  type BoundColumns,
  type Builders,
  COLUMN,
  type ColumnOptions,
  type Declaration,
  type IndexColumns,
  only,
} from './declaration.ts'
import { byName, typesOf } from './keyed-columns.ts'
import { checkBuilders, type MigratingBuilder, migratingBuilder } from './migrating-builder.ts'

export interface MergingOptions<From extends Builders> extends ColumnOptions {
  /** The new column, as it is to be in the end, with its name in the database. */
  readonly to: PgColumnBuilderBase
  /** The new value as SQL over the old columns. */
  readonly forward: string
  /** Every old value as SQL over the new column. */
  readonly backward: Readonly<Record<keyof From & string, string>>
  /** Indexes and constraints of the new column, as for `migrating`. @defaultValue none */
  readonly extra?: (column: ExtraConfigColumn, table: IndexColumns) => readonly PgTableExtraConfigValue[]
}

/**
 * Declares that several columns of a table become one; spread into its columns.
 *
 * ```ts
 * export const places = pgTable('places', {
 *   id: serial().primaryKey(),
 *   ...merging({ latitude: doublePrecision().notNull(), longitude: doublePrecision().notNull() }, {
 *     to: doublePrecision('coordinates').array().notNull(),
 *     forward: 'array[latitude, longitude]',
 *     backward: { latitude: 'coordinates[1]', longitude: 'coordinates[2]' },
 *   }),
 * })
 * ```
 * @throws EC_DRIZZLE_BUILDER
 */
export function merging<From extends Builders>(
  columns: From,
  options: MergingOptions<From>,
): { [Key in keyof From]: MigratingBuilder<From[Key]> }
export function merging(
  columns: Builders,
  { to, forward, backward, extra, ...rest }: MergingOptions<Builders>,
): Readonly<Record<string, object>> {
  const declaration: Declaration = {
    old: checkBuilders(columns, 'One of the columns of merging()'),
    new: checkBuilders({ [COLUMN]: to }, '`to` of merging()'),
    app: 'old',
    define: ({ table, old, new: added }: BoundColumns) =>
      mergeColumns({
        ...rest,
        table,
        from: typesOf(old),
        to: only(added).name,
        type: only(added).type,
        forward,
        backward: byName(backward, old),
      }),
    extra: (shadow, table) => extra?.(only(shadow), table) ?? [],
  }
  return Object.fromEntries(
    Object.entries(columns).map(([key, column]) => [key, migratingBuilder(column, declaration, key)]),
  )
}
