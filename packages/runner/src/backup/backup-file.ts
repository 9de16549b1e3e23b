import type { Phase } from '@expand-contract/core'
import type { ColumnFacts } from '../facts.ts'
import type { BackupKeyColumn, RowColumn } from './backup-key.ts'

/** The first line of the plain text; another layout gets another number. */
export const MAGIC = 'expand-contract backup 1\n'

/** Of rows that no key tells apart: who knows keys alone must not read them. */
export const KEYLESS_MAGIC = 'expand-contract backup 2\n'

/** The end of the rows, as psql has it: no row can look like it, since COPY writes a backslash as two. */
export const END_OF_ROWS = '\\.\n'

/** The second line: all that has to be known to bring the columns back. */
export interface BackupHeader {
  readonly migration: string
  readonly declarationHash: string
  readonly table: { readonly schema: string; readonly name: string }
  /** Empty where the table has none. */
  readonly key: readonly BackupKeyColumn[]
  /** All columns but the old ones, of which each row has a digest in place of a key; undefined: there is a key. */
  readonly whole?: readonly RowColumn[] | undefined
  /** As they were, by the names of the declaration. */
  readonly old: readonly ColumnFacts[]
  readonly new: readonly { readonly name: string; readonly type: string }[]
  readonly database: string
  /** `server_version_num`. */
  readonly serverVersion: number
  readonly epoch: number
  readonly phase: Phase
  /** By the clock of the server. */
  readonly takenAt: string
  /** Indexes and constraints that go with the old columns, as SQL to be run when these are back. */
  readonly definitions: readonly string[]
}

/** The last line. */
export interface BackupTrailer {
  readonly rows: number
  /** Of the rows, as text. */
  readonly bytes: number
  /** Of the header and the rows. */
  readonly sha256: string
}

/** A whole file that was read to its end, and is what its trailer says. */
export interface BackupSummary {
  readonly header: BackupHeader
  readonly trailer: BackupTrailer
  /** Of the file itself. */
  readonly fileSha256: string
  readonly fileBytes: number
}
