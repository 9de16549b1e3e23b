import type { ColumnTypes, SqlMappings } from '@expand-contract/core'
import type { NamedColumns } from './declaration.ts'

/** The columns of a side as core takes them: name to type. */
export const typesOf = (columns: NamedColumns): ColumnTypes =>
  Object.fromEntries(Object.values(columns).map(({ name, type }) => [name, type]))

/** Mappings by key, as mappings by column name. A key that no column has stays, so that core reports it. */
export const byName = (mappings: Readonly<Record<string, string>>, columns: NamedColumns): SqlMappings =>
  Object.fromEntries(Object.entries(mappings).map(([key, sql]) => [columns[key]?.name ?? key, sql]))
