import type { Readable } from 'node:stream'
import { quoteIdentifier, quoteTable } from '@expand-contract/core'
import type { BackupHeader } from './backup-file.ts'
import type { BackedUp } from './backup-sql.ts'

/** What a command of the operator is told. */
export interface OwnBackupRequest {
  readonly migration: string
  readonly database: string
  readonly table: BackupHeader['table']
  /** Key, old and new columns, in the order in which they are to come back, as they are called in the table. */
  readonly columns: readonly string[]
  /** A SELECT that gives them, for `COPY (...) TO STDOUT`. */
  readonly query: string
  /** The snapshot that the rows are compared in, for `pg_dump --snapshot`; undefined: it is over. */
  readonly snapshot?: string | undefined
}

/** The spelling of `COPY ... TO STDOUT` in which rows come back. */
export type RowFormat = 'text' | 'csv'

/** Gives the rows of a backup that the operator has made by means of his own. */
export interface OwnRows {
  /** What COPY writes; raises where the command fails, also behind the last row. */
  rows(request: OwnBackupRequest): Readable
}

/** A backup that the operator makes by means of his own. */
export interface OwnBackup extends OwnRows {
  /** Makes it; raises where that fails. */
  make(request: OwnBackupRequest): Promise<void>
  readonly format: RowFormat
  /** How its rows come back, for people, without secrets: it is recorded. */
  readonly evidence: string
}

/** What has to be known of it once the column is gone; it is recorded with the backup. */
export interface OwnBackupHeader {
  readonly header: BackupHeader
  readonly columns: readonly string[]
  readonly query: string
  readonly format: RowFormat
}

export function ownHeader(backedUp: BackedUp, header: BackupHeader, format: RowFormat): OwnBackupHeader {
  const columns = [...backedUp.key, ...backedUp.old, ...backedUp.new].map(({ name }) => name)
  const query = `SELECT ${columns.map(quoteIdentifier).join(', ')} FROM ${quoteTable(header.table)}`
  return { header, columns, query, format }
}

export const ownRequest = ({ header, columns, query }: OwnBackupHeader, snapshot?: string): OwnBackupRequest => ({
  ...{ migration: header.migration, database: header.database, table: header.table, columns, query, snapshot },
})
