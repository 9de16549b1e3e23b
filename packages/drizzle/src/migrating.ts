import { changeColumnType } from '@expand-contract/core'
import type { ExtraConfigColumn, PgColumnBuilderBase, PgTableExtraConfigValue } from 'drizzle-orm/pg-core'
import {
  type BoundColumns,
  COLUMN,
  type ColumnOptions,
  type Declaration,
  type IndexColumns,
  only,
} from './declaration.ts'
import { checkBuilders, type MigratingBuilder, migratingBuilder } from './migrating-builder.ts'

export interface MigratingOptions<To extends PgColumnBuilderBase> extends ColumnOptions {
  /**
   * The new column, as it is to be in the end, with its name in the database. It is added as nullable, and without its
   * default or key; those come when `migrating` is replaced by it.
   */
  readonly to: To
  /** The new value as SQL over the old column. @defaultValue the old value, cast */
  readonly forward?: string
  /** The old value as SQL over the new column. @defaultValue the new value, cast */
  readonly backward?: string
  /**
   * Indexes and constraints of the new column besides its `unique()` and `references()`, for drizzle-kit; under `app: 'new'`
   * those of the old one. `table` has the other columns of the table.
   *
   * ```ts
   * extra: (column) => [index('users_full_name_idx').on(column)]
   * ```
   * @defaultValue none
   */
  readonly extra?: (column: ExtraConfigColumn, table: IndexColumns) => readonly PgTableExtraConfigValue[]
}

/** With this, the new column stands in the table: queries, and the types of rows, are those of `to`. */
export interface AppNew {
  readonly app: 'new'
}

export interface AppOld {
  /** The column that queries and the types of rows mean: the given one, or `to`. @defaultValue 'old' */
  readonly app?: 'old'
}

/**
 * Declares that a column of a table migrates to another one: another name, another type, or both.
 *
 * ```ts
 * export const users = pgTable('users', {
 *   id: serial().primaryKey(),
 *   name: migrating(varchar('name', { length: 100 }).notNull(), { to: text('full_name').notNull(), flag: 'users-full-name' }),
 *   cents: migrating(integer().notNull(), {
 *     to: numeric('balance', { precision: 12, scale: 2 }).notNull(),
 *     forward: 'cents::numeric / 100',
 *     backward: '(balance * 100)::int',
 *   }),
 * })
 * ```
 *
 * The column stays what it is, in queries and in types. Everything about it comes before: `migrating` is outermost.
 * @throws EC_DRIZZLE_BUILDER
 */
export function migrating<From extends PgColumnBuilderBase, To extends PgColumnBuilderBase>(
  column: From,
  options: MigratingOptions<To> & AppOld,
): MigratingBuilder<From>
export function migrating<From extends PgColumnBuilderBase, To extends PgColumnBuilderBase>(
  column: From,
  options: MigratingOptions<To> & AppNew,
): MigratingBuilder<To>
export function migrating(
  column: PgColumnBuilderBase,
  options: MigratingOptions<PgColumnBuilderBase> & { readonly app?: 'old' | 'new' },
): object {
  const { to, forward, backward, extra, app = 'old', ...rest } = options
  const declaration: Declaration = {
    old: checkBuilders({ [COLUMN]: column }, 'The column of migrating()'),
    new: checkBuilders({ [COLUMN]: to }, '`to` of migrating()'),
    app,
    define: ({ table, old, new: added }: BoundColumns) => {
      const { name: from, type: fromType } = only(old)
      const mappings = { ...(forward !== undefined && { forward }), ...(backward !== undefined && { backward }) }
      return changeColumnType({
        ...rest,
        ...mappings,
        table,
        app,
        from,
        fromType,
        to: only(added).name,
        type: only(added).type,
      })
    },
    extra: (shadow, table) => extra?.(only(shadow), table) ?? [],
  }
  return migratingBuilder(app === 'old' ? column : to, declaration, COLUMN)
}
