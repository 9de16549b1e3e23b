import { type ColumnTypes, defineMigration, type SqlMappings } from './define-migration.ts'
import { checkIdentifier } from './identifier.ts'
import type { DeclarationOptions, Migration } from './migration.ts'

export interface MergeColumns extends DeclarationOptions {
  /** The columns to put together, with their types. */
  readonly from: ColumnTypes
  /** The new column. */
  readonly to: string
  /** Its type. */
  readonly type: string
  /** The new value as SQL over the old columns. */
  readonly forward: string
  /** Every old column as SQL over the new one. */
  readonly backward: SqlMappings
}

/**
 * Declares that several columns become one.
 *
 * ```ts
 * mergeColumns({ table: 'places', from: { latitude: 'float8', longitude: 'float8' }, to: 'coordinates', type: 'float8[]',
 *                forward: 'array[latitude, longitude]', backward: { latitude: 'coordinates[1]', longitude: 'coordinates[2]' } })
 * ```
 * @throws as defineMigration
 */
export function mergeColumns({ from, to, type, forward, ...options }: MergeColumns): Migration {
  checkIdentifier(to, 'The column `to` of mergeColumns')
  return defineMigration({ ...options, old: from, new: { [to]: type }, forward: { [to]: forward } })
}
