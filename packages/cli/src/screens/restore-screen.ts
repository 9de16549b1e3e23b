import type { BackupRecord } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import type { BackupHeader, Restored } from '@expand-contract/runner'
import type { DatabaseFacts } from '../database.ts'
import { bytesText, countText, durationText, timeText } from '../output/duration.ts'
import { databaseText } from './head.ts'
import { hanging } from './layout.ts'
import type { Screen } from './screen.ts'

export interface RestoreView {
  readonly migration: Migration
  readonly database: DatabaseFacts
  /** As the command was given it; undefined: a command gives the rows back. */
  readonly path: string | undefined
  /** That command. */
  readonly line?: string | undefined
  readonly backup: BackupRecord
  readonly header: BackupHeader
  /** An earlier run was interrupted. */
  readonly resumed: boolean
}

/** What is about to come back, and from where. */
export const restoreScreen =
  ({ migration, database, path, line: command, backup, header, resumed }: RestoreView): Screen =>
  ({ width }) => {
    const { table, old } = migration
    const line = (name: string, text: string): string => hanging(`  ${name.padEnd(11)}`, text, width)
    const columns = old.map(({ name }) => `${table.name}.${name}`).join(', ')
    return [
      hanging('', `This brings back ${columns}, on ${databaseText(database)}, as ${database.role}`, width),
      '',
      ...(command === undefined
        ? [
            line(
              'file',
              `${path}, ${countText(backup.rows)} rows, ${bytesText(backup.bytes)}, whole and as it was recorded`,
            ),
          ]
        : [
            line('runs', command),
            line(
              '',
              `it is to give back the ${countText(backup.rows)} rows that were compared when it was taken, and no others`,
            ),
          ]),
      line('', `taken ${timeText(new Date(header.takenAt))}, in the phase ${header.phase}`),
      ...(resumed
        ? [line('goes on', 'an earlier run has brought the column back; the rest of the rows is filled')]
        : [line('lock', `ACCESS EXCLUSIVE on ${table.name} for the columns, tries of 200 ms; then batches`)]),
      line(
        'rows',
        'not changed since: the exact old value. Changed since, or new: what the mapping makes of the new column',
      ),
      line('phase', 'contract: the new column counts, and the old one is kept in step'),
    ].join('\n')
  }

export interface RestoredView {
  readonly migration: Migration
  readonly restored: Restored
  /** Indexes and constraints that went with the columns, as SQL. */
  readonly definitions: readonly string[]
}

export const restoredScreen =
  ({ migration, restored, definitions }: RestoredView): Screen =>
  ({ width }) => {
    const { rows, exact, mapped, empty, gone, failed, ms } = restored
    const line = (name: string, text: string): string => hanging(`  ${name.padEnd(13)}`, text, width)
    return [
      hanging(
        '',
        `[ok] ${migration.id} has its old column back, in ${durationText(ms)}; 0 rows lost. It is in the phase contract.`,
        width,
      ),
      '',
      line('exact', `${countText(exact)} of ${countText(rows)} rows, as they were backed up`),
      line('mapped', `${countText(mapped)} rows that were changed or came since, by the mapping`),
      ...(empty === 0
        ? []
        : [line('no value', `${countText(empty)} rows: the mapping has no way back for what they are now`)]),
      ...(gone === 0 ? [] : [line('left out', `${countText(gone)} rows of the backup that were deleted since`)]),
      ...(failed === 0
        ? []
        : [
            line(
              '[! ] failed',
              `${countText(failed)} rows could not be written: a check or a trigger of the table refuses them`,
            ),
          ]),
      ...(definitions.length === 0
        ? []
        : ['', 'These went with the column; to have them again, run:', ...definitions.map((sql) => `  ${sql};`)]),
    ].join('\n')
  }
