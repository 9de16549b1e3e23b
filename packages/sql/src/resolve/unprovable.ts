import type { DecidedMigration } from './decided-migration.ts'
import type { ReasonCode } from './reasons.ts'

/** What cannot be proven: the read of one migration, or its write. */
export type Concern = 'read' | 'write'

/** Ends the planning of one statement: a migration's read or write cannot be proven. Never leaves this package. */
export class Unprovable extends Error {
  readonly concern: Concern
  readonly decided: DecidedMigration
  readonly code: ReasonCode
  /** UTF-16 offset in the application's text. */
  readonly position: number | undefined

  constructor(concern: Concern, decided: DecidedMigration, code: ReasonCode, position?: number) {
    super(code)
    this.concern = concern
    this.decided = decided
    this.code = code
    this.position = position
  }
}

/** Columns that are told by their places alone must stand where they stood. */
export function checkPlaces({ unplaced }: { readonly unplaced?: DecidedMigration | undefined }): void {
  if (unplaced) throw new Unprovable('read', unplaced, 'column-positions')
}
