import type { Migration, Side } from '@expand-contract/core'
import type { BoundMigration, Relation } from '@expand-contract/sql'
import type { Subject } from './check-step.ts'

/** One migration on one table of the database. */
export interface CheckedTable {
  readonly migration: Migration
  readonly table: Relation
  readonly bound: BoundMigration
  readonly subject: Subject
}

export const hasSide = ({ migration, table }: CheckedTable, side: Side): boolean =>
  migration[side].every(({ name }) => table.columns.some((column) => column.name === name))

/** The type of a column as SQL text: that of the database, else as declared or derived. */
export function typeText({ migration, table, bound }: CheckedTable, name: string): string | undefined {
  const declared = [...migration.old, ...migration.new].find((column) => column.name === name)?.type
  return table.columns.find((column) => column.name === name)?.type.declared ?? bound.types[name]?.declared ?? declared
}

export const qualifiedName = ({ schema, name }: Relation): string => `${schema}.${name}`
