import type { MigrationRecord } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import type { TableFacts } from '../facts.ts'
import { runnerError } from '../runner-error.ts'
import type { BackupSummary } from './backup-file.ts'

export interface ExpectedBackup {
  readonly summary: BackupSummary
  readonly migration: Migration
  /** What is recorded of the migration. */
  readonly now: Pick<MigrationRecord, 'declarationHash'>
  readonly table: Pick<TableFacts, 'schema' | 'name'>
  readonly database: string
}

/**
 * Whether a whole file is of this migration, table and database.
 * @throws EC_BACKUP_OTHER
 */
export function checkBackupFile(path: string, { summary, migration, now, table, database }: ExpectedBackup): void {
  const { header } = summary
  const parts = [
    header.migration === migration.id ? undefined : `the migration ${header.migration}`,
    header.table.schema === table.schema && header.table.name === table.name
      ? undefined
      : `the table ${header.table.schema}.${header.table.name}`,
    header.database === database ? undefined : `the database ${header.database}`,
    header.declarationHash === now.declarationHash ? undefined : 'another declaration of the migration',
  ].filter((part) => part !== undefined)
  if (parts.length === 0) return
  throw runnerError('EC_BACKUP_OTHER', {
    message: `${path} is a backup of ${parts.join(', ')}; asked for was ${migration.id} of ${table.schema}.${table.name} in ${database}. Nothing was changed.`,
    hint: 'Name the file of this migration; the timeline (`expand-contract log`) has its name.',
    migration: migration.id,
  })
}
