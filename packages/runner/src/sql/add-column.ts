import { quoteIdentifier } from '@expand-contract/core'
import { qualified } from './sync-names.ts'
import type { SyncColumn, SyncShape } from './sync-shape.ts'

/**
 * Adds the new columns that are not there: nullable, so that a row need not have a value yet, and without a default. With a constant one
 * all rows have it at once (a fast default), and those that are not filled cannot be told; a volatile one writes the table anew.
 */
export function addColumns({ table }: SyncShape, columns: readonly SyncColumn[]): string {
  const added = columns.map(
    ({ name, type, collation }) =>
      `ADD COLUMN ${quoteIdentifier(name)} ${type}${collation === undefined ? '' : ` COLLATE ${collation}`}`,
  )
  return `ALTER TABLE ${qualified(table.schema, table.name)} ${added.join(', ')}`
}
