import { splitColumn } from '@expand-contract/core'
import type { PgColumnBuilderBase, PgTableExtraConfigValue } from 'drizzle-orm/pg-core'
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

export interface SplittingOptions<To extends Builders> extends ColumnOptions {
  /** The new columns, as they are to be in the end. One without a name has its key for one, as in pgTable. */
  readonly to: To
  /** Every new value as SQL over the old column. */
  readonly forward: Readonly<Record<keyof To & string, string>>
  /** The old value as SQL over the new columns. */
  readonly backward: string
  /** Indexes and constraints of the new columns, as for `migrating`. @defaultValue none */
  readonly extra?: (columns: IndexColumns<keyof To & string>, table: IndexColumns) => readonly PgTableExtraConfigValue[]
}

/**
 * Declares that one column of a table becomes several.
 *
 * ```ts
 * export const users = pgTable('users', {
 *   id: serial().primaryKey(),
 *   name: splitting(text().notNull(), {
 *     to: { first_name: text().notNull(), last_name: text() },
 *     forward: { first_name: "split_part(name, ' ', 1)", last_name: "substring(name from ' (.*)')" },
 *     backward: "first_name || coalesce(' ' || last_name, '')",
 *   }),
 * })
 * ```
 * @throws EC_DRIZZLE_BUILDER
 */
export function splitting<From extends PgColumnBuilderBase, To extends Builders>(
  column: From,
  options: SplittingOptions<To>,
): MigratingBuilder<From>
export function splitting(
  column: PgColumnBuilderBase,
  { to, forward, backward, extra, ...rest }: SplittingOptions<Builders>,
): object {
  const declaration: Declaration = {
    old: checkBuilders({ [COLUMN]: column }, 'The column of splitting()'),
    new: checkBuilders(to, 'One of `to` of splitting()'),
    app: 'old',
    define: ({ table, old, new: added }: BoundColumns) =>
      splitColumn({
        ...rest,
        table,
        from: only(old).name,
        fromType: only(old).type,
        to: typesOf(added),
        forward: byName(forward, added),
        backward,
      }),
    extra: (shadow, table) => extra?.(shadow, table) ?? [],
  }
  return migratingBuilder(column, declaration, COLUMN)
}
