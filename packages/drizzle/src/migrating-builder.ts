import type { PgColumn, PgColumnBuilderBase, PgTable } from 'drizzle-orm/pg-core'
import { type Builders, type Declaration, declare } from './declaration.ts'
import { refuse } from './drizzle-error.ts'
import { guardFromKit } from './kit-guard.ts'

/** The part of Drizzle's column builders that `pgTable` calls; internal there, and the same in every version so far. */
interface TableColumnBuilder {
  build(table: PgTable): PgColumn
}

const isBuilder = (value: unknown): value is TableColumnBuilder =>
  typeof value === 'object' && value !== null && typeof (value as Partial<TableColumnBuilder>).build === 'function'

/** Returns the builders, when they are column builders. */
export function checkBuilders(builders: Builders, what: string): Builders {
  const all = Object.values(builders ?? {})
  if (all.length === 0 || !all.every(isBuilder))
    refuse(
      'EC_DRIZZLE_BUILDER',
      `${what} is not a column of drizzle-orm/pg-core.`,
      "Give it as in pgTable: text('full_name').",
    )
  return builders
}

/** A column builder of which only the type of the column is left: whatever changes the column comes before. */
export type MigratingBuilder<Builder extends PgColumnBuilderBase> = Pick<Builder, '_'>

/** A builder that builds the same column, with its declaration on it. The given one is left as it is. */
export function migratingBuilder(builder: PgColumnBuilderBase, declaration: Declaration, key: string): object {
  const build = (table: PgTable): PgColumn => {
    const column = (builder as unknown as TableColumnBuilder).build(table)
    declare(column, { declaration, key })
    guardFromKit(column)
    return column
  }
  // Drizzle's `array()` would wrap this builder, and the declaration would be that of an element.
  const array = (): never =>
    refuse(
      'EC_DRIZZLE_BUILDER',
      'array() was called on a migrating column, and what migrates is the whole column.',
      'Put migrating() around it: migrating(text().array(), { … }).',
    )
  return Object.create(builder, { build: { value: build }, array: { value: array } }) as object
}
