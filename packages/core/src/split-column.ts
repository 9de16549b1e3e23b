import { type ColumnTypes, defineMigration, type SqlMappings } from './define-migration.ts'
import { checkIdentifier } from './identifier.ts'
import type { DeclarationOptions, Migration } from './migration.ts'

export interface SplitColumn extends DeclarationOptions {
  /** The column to take apart. */
  readonly from: string
  /** Its type. @defaultValue what the catalog says, or what `backward` yields */
  readonly fromType?: string
  /** The new columns with their types. */
  readonly to: ColumnTypes
  /** Every new column as SQL over the old one. */
  readonly forward: SqlMappings
  /** The old value as SQL over the new columns. */
  readonly backward: string
}

/**
 * Declares that one column becomes several.
 *
 * ```ts
 * splitColumn({ table: 'users', from: 'name', to: { first_name: 'text', last_name: 'text' },
 *               forward: { first_name: "split_part(name, ' ', 1)", last_name: "substring(name from ' (.*)')" },
 *               backward: "first_name || coalesce(' ' || last_name, '')" })
 * ```
 * @throws as defineMigration
 */
export function splitColumn({ from, fromType, to, backward, ...options }: SplitColumn): Migration {
  checkIdentifier(from, 'The column `from` of splitColumn')
  return defineMigration({ ...options, old: { [from]: fromType }, new: to, backward: { [from]: backward } })
}
