import { type Control, type MigrationRecord, readBackfills, readMigration } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import { cliError } from '../cli-error.ts'

const notBegun = (id: string, operation: 'expand' | 'backfill'): Error =>
  cliError('EC_NOT_BEGUN', {
    message: operation === 'expand' ? `The migration ${id} has not begun.` : `The backfill of ${id} has not begun.`,
    hint: `Run: expand-contract ${operation} ${shellWord(id)}`,
    migration: id,
  })

/** @throws EC_NOT_BEGUN */
export async function checkBackfillBegun(control: Control, id: string): Promise<void> {
  const found = await readBackfills(control, id)
  if (found.length === 0) throw notBegun(id, 'backfill')
}

/** @throws EC_NOT_BEGUN */
export async function recordOf(control: Control, id: string): Promise<MigrationRecord> {
  const record = await readMigration(control, id)
  if (record === undefined || record.phase === 'off') throw notBegun(id, 'expand')
  return record
}
