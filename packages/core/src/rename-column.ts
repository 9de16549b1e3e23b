import { buildMigration } from './define-migration.ts'
import { checkIdentifier } from './identifier.ts'
import type { DeclarationOptions, Migration } from './migration.ts'

export interface RenameColumn extends DeclarationOptions {
  /** The column as it is named now. */
  readonly from: string
  /** The name it is to have. */
  readonly to: string
  /** The type of both. @defaultValue what the catalog says */
  readonly type?: string
}

/**
 * Declares that a column gets another name, and nothing else.
 *
 * ```ts
 * renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'users-read-full-name' })
 * ```
 * @throws as defineMigration
 */
export function renameColumn({ from, to, type, ...options }: RenameColumn): Migration {
  checkIdentifier(from, 'The column `from` of renameColumn')
  checkIdentifier(to, 'The column `to` of renameColumn')
  return buildMigration({
    ...options,
    old: { [from]: type },
    new: { [to]: type },
    forward: { [to]: { kind: 'column', column: from } },
    backward: { [from]: { kind: 'column', column: to } },
  })
}
