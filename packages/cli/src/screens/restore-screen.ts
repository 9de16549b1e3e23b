import type { BackupRecord } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import type { BackupHeader, Restored, RestoreForecast } from '@expand-contract/runner'
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
  /** Of rows that no key tells. */
  readonly forecast?: RestoreForecast | undefined
  /** An earlier run was interrupted. */
  readonly resumed: boolean
}

/** What is about to come back, and from where. */
export const restoreScreen =
  ({ migration, database, path, line: command, backup, header, resumed, forecast }: RestoreView): Screen =>
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
      ...(forecast === undefined ? [] : forecastLines(forecast, line)),
      line('rows', header.whole === undefined ? KEYED : KEYLESS),
      line('phase', 'contract: the new column counts, and the old one is kept in step'),
    ].join('\n')
  }

const KEYED = 'not changed since: the exact old value. Changed since, or new: what the mapping makes of the new column'
const KEYLESS =
  'the table had no key. Told by all that they hold, and not changed since: the exact old value. Changed since, or new: what the mapping makes of the new column, unless all that said the same there, and are not there as they were, had one old value'

/** Before anything is changed; beside writers the record has other figures. */
const forecastLines = (
  { rows, exact, alike, ambiguous, mapped, gone }: RestoreForecast,
  line: (name: string, text: string) => string,
): readonly string[] => [
  line('exact', `${countText(exact)} of ${countText(rows)} rows, by all that they hold`),
  ...(alike === 0 ? [] : [line('alike', `${countText(alike)} rows, ${ALIKE}`)]),
  ...(ambiguous === 0 ? [] : [line('not sure', `${countText(ambiguous)} rows, ${AMBIGUOUS}`)]),
  line('mapped', `${countText(mapped)} rows that were changed or came since, by the mapping`),
  ...(gone === 0 ? [] : [line('missing', `${countText(gone)} rows of the backup are not there as they were`)]),
]

const ALIKE = 'changed or new: what all rows had that said the same in the new column, and are not there as they were'
const AMBIGUOUS =
  'of which nothing tells what they had: several old values come into question, and they have what the mapping makes of the new column'

export interface RestoredView {
  readonly migration: Migration
  readonly restored: Restored
  /** Indexes and constraints that went with the columns, as SQL. */
  readonly definitions: readonly string[]
}

export const restoredScreen =
  ({ migration, restored, definitions }: RestoredView): Screen =>
  ({ width }) => {
    const { rows, exact, alike, ambiguous, mapped, empty, gone, failed, ms } = restored
    const line = (name: string, text: string): string => hanging(`  ${name.padEnd(13)}`, text, width)
    return [
      hanging(
        '',
        `[ok] ${migration.id} has its old column back, in ${durationText(ms)}; 0 rows lost. It is in the phase contract.`,
        width,
      ),
      '',
      line('exact', `${countText(exact)} of ${countText(rows)} rows, as they were backed up`),
      ...(alike === undefined || alike === 0 ? [] : [line('alike', `${countText(alike)} rows, ${ALIKE}`)]),
      ...(ambiguous === undefined || ambiguous === 0
        ? []
        : [line('not sure', `${countText(ambiguous)} rows, ${AMBIGUOUS}`)]),
      line('mapped', `${countText(mapped)} rows that were changed or came since, by the mapping`),
      ...(empty === 0
        ? []
        : [line('no value', `${countText(empty)} rows: the mapping has no way back for what they are now`)]),
      ...(gone === 0
        ? []
        : [
            line(
              'left out',
              `${countText(gone)} rows of the backup that were deleted${ambiguous === undefined ? '' : ' or changed'} since`,
            ),
          ]),
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
