import { mentions } from '@expand-contract/core'
import type { SyncShape } from '../sql/sync-shape.ts'

/** Tells whether a text needs the old columns under their old names, as far as names tell. */
export interface OldNames {
  readonly columns: readonly string[]
  in(text: string): boolean
}

/**
 * A text of ours is not meant, nor one that names a new column: an application that follows the phases reads that, and calls what it reads by the old name.
 */
export function oldNames({ migration, table, controlSchema }: SyncShape): OldNames {
  const columns = migration.old.map(({ name }) => name)
  const tables = [...new Set(table.members.map(({ name }) => name))]
  return {
    columns,
    in: (text) =>
      mentions(text, columns) &&
      tables.some((name) => mentions(text, [name])) &&
      !mentions(text, [controlSchema, ...migration.new.map(({ name }) => name)]),
  }
}
