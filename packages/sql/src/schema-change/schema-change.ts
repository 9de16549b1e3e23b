import type { Range } from '../parse/source-text.ts'

/** A table as a statement names it. */
export interface NamedTable {
  /** undefined where the search path decides. */
  readonly schema: string | undefined
  readonly name: string
}

interface Change {
  readonly table: NamedTable
  /** Where the name that is changed stands in the text, in UTF-16 units; where that cannot be told, its statement. */
  readonly at: Range
  /** The statement. */
  readonly statement: Range
}

/** What one statement of DDL does to one column or table, as far as it concerns those who read and write the table meanwhile. */
export type SchemaChange = Change &
  (
    | { readonly kind: 'add-column' | 'drop-column' | 'retype-column'; readonly column: string }
    | { readonly kind: 'rename-column'; readonly column: string; readonly to: string }
    | { readonly kind: 'rename-table'; readonly to: string }
    | { readonly kind: 'create-table' | 'drop-table' }
    | { readonly kind: 'create-trigger'; readonly trigger: string }
  )

export interface SchemaChanges {
  readonly changes: readonly SchemaChange[]
  /** Statements that PostgreSQL's grammar does not take: commands of psql, data of COPY, another dialect. */
  readonly unread: readonly Range[]
}
