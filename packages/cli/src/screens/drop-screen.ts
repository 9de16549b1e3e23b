import type { BackupRecord } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import { heldColumnName } from '@expand-contract/sql'
import type { DatabaseFacts } from '../database.ts'
import { bytesText, countText, durationText, timeText } from '../output/duration.ts'
import { databaseText } from './head.ts'
import { keylessLimit } from './keyless-limit.ts'
import { hanging } from './layout.ts'
import type { ScreenOptions } from './screen.ts'

export interface DropView {
  readonly migration: Migration
  readonly database: DatabaseFacts
  /** `3 d 2 h` */
  readonly heldFor: string
  /** Who was seen to need the old name meanwhile, or that nobody was; undefined: nobody has looked. */
  readonly hidden?: string | undefined
  readonly backup: BackupRecord | undefined
  /** Every old value comes back from the new column as well. */
  readonly lossless: boolean
  /** How long it took to read the rows back. @defaultValue it was not measured */
  readonly restoredMs?: number | undefined
  /** Where its file is by now. @defaultValue where it was written */
  readonly at?: string | undefined
}

const LOSS = {
  none: 'lossless: rows that are changed meanwhile get their old value from the new column',
  some: 'what the mapping has no way back for comes from the backup alone, so rows that are changed meanwhile may lose it',
} as const

/** What is about to go, and what is left to go back by. */
export function dropScreen(
  { migration, database, heldFor, hidden, backup, lossless, restoredMs, at: moved }: DropView,
  { width }: ScreenOptions,
): string {
  const { table, old, id } = migration
  const uncertain = backup?.figures.uncertain
  const at = (name: string): string => `${table.name}.${name}`
  const held = old.map(({ name }) => at(heldColumnName(name))).join(', ')
  const measured = restoredMs === undefined ? '' : `: its rows were read back in ${durationText(restoredMs)}`
  const line = (name: string, text: string): string => hanging(`  ${name.padEnd(11)}`, text, width)
  return [
    hanging(
      '',
      `This drops ${held} (was ${old.map(({ name }) => at(name)).join(', ')}), the last way back without a restore, on ${databaseText(database)}, as ${database.role}`,
      width,
    ),
    '',
    line('goes', `column ${held}, trigger and functions of ${id}: one transaction`),
    line('lock', `ACCESS EXCLUSIVE on ${table.name}, tries of 200 ms`),
    line('held for', heldFor),
    ...(hidden === undefined ? [] : [line('hidden', `readers: ${hidden}`)]),
    ...(backup === undefined
      ? []
      : [
          line(
            'backup',
            `${moved ?? backup.path ?? backup.evidence}, ${countText(backup.rows)} rows, ${bytesText(backup.bytes)}`,
          ),
          line(
            '',
            `restored and compared ${backup.restoredAt === undefined ? '' : timeText(backup.restoredAt)}: equal`,
          ),
          ...(typeof uncertain === 'number' && !lossless ? [line('no key', keylessLimit(uncertain, backup.rows))] : []),
        ]),
    line('after it', `only \`restore\`${measured}; ${LOSS[lossless ? 'none' : 'some']}`),
    line(
      'room',
      `none is freed: rows keep the column until they are written again. VACUUM FULL ${table.name}; gives it back, and locks the table as long as it takes; pg_repack does not`,
    ),
  ].join('\n')
}
