import type { SchemaChange } from '@expand-contract/sql'
import type { Place } from './finding.ts'

type WithoutPlace<T> = T extends SchemaChange ? Omit<T, 'at' | 'statement'> : never

/** What is done to a column or a table. */
export type FileStep = WithoutPlace<SchemaChange>

/** What a migration file of the change does, at its place in the file. */
export type FileChange = FileStep & { readonly place: Place }

export interface ReadFile {
  readonly changes: readonly FileChange[]
  /** Statements of DDL that could not be read. */
  readonly unread: readonly Place[]
}
