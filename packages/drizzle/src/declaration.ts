import type { DeclarationOptions, Migration, Side } from '@expand-contract/core'
import type { ExtraConfigColumn, PgColumnBuilderBase, PgTableExtraConfigValue } from 'drizzle-orm/pg-core'

/** What every kind of declaration shares. The table is the one that the column stands in. */
export interface ColumnOptions extends Omit<DeclarationOptions, 'table' | 'app'> {}

/** Column builders by key: the property that they have in the declaration. */
export type Builders = Readonly<Record<string, PgColumnBuilderBase>>

/** Columns as `index().on(...)` and `unique().on(...)` take them. */
export type IndexColumns<Key extends string = string> = Readonly<Record<Key, ExtraConfigColumn>>

export type NamedColumns = Readonly<Record<string, { readonly name: string; readonly type: string }>>

/** A declaration's columns, now that it is known which table they are in. */
export interface BoundColumns {
  /** As core takes it: `"crm"."users"`. */
  readonly table: string
  readonly old: NamedColumns
  readonly new: NamedColumns
}

/** One declared migration, before it is known which table it is in. */
export interface Declaration {
  readonly old: Builders
  readonly new: Builders
  /** The side that stands in the table; the other is the shadow. */
  readonly app: Side
  define(columns: BoundColumns): Migration
  /** Indexes and constraints of the shadow. */
  extra(shadow: IndexColumns, table: IndexColumns): readonly PgTableExtraConfigValue[]
}

/** The key of the one column of a side: empty, since Drizzle gives a column without a name its key as one. */
export const COLUMN = ''

/** The one column of a side that has one. */
export function only<T>(side: Readonly<Record<string, T>>): T {
  const [column] = Object.values(side)
  if (column === undefined) throw new TypeError('A side of a migration has no column')
  return column
}

/** A logical column's place in its declaration. */
export interface DeclaredColumn {
  readonly declaration: Declaration
  readonly key: string
}

// On the column itself and by a registered symbol, so that a second copy of this package, which a bundler or a mix of
// `import` and `require` brings about, reads what the first one wrote.
const DECLARED = Symbol.for('expand-contract.drizzle.declared')

export function declare(column: object, declared: DeclaredColumn): void {
  Object.defineProperty(column, DECLARED, { value: declared })
}

export const declaredOf = (column: object): DeclaredColumn | undefined =>
  (column as { readonly [DECLARED]?: DeclaredColumn })[DECLARED]
