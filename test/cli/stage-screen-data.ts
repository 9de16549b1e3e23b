import type { OwnBackupTaken } from '@expand-contract/runner'
import type { Gate } from '../../packages/cli/src/command.ts'
import type { OperatorLinesView } from '../../packages/cli/src/screens/operator-backup-screen.ts'
import type { StatusView } from '../../packages/cli/src/screens/status-screen.ts'
import type { MigrationStatus } from '../../packages/cli/src/status/migration-status.ts'
import { withGates } from '../../packages/cli/src/status/with-gates.ts'
import { backupRecord, mismatches, NOW, status } from './screen-data.ts'

const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1_000)
const DAY = 86_400

/** As the timeline has them. */
export const recordedWriters = [
  ...mismatches.writers.map(({ lastSeen, ...writer }) => ({ ...writer, lastSeen: lastSeen.toISOString() })),
  {
    sessionUser: 'batch',
    application: '',
    operation: 'INSERT',
    wrote: 'old',
    samples: 1,
    lastSeen: ago(DAY).toISOString(),
  },
]

const heldGates: readonly Gate[] = [
  { id: 'hidden', ok: true, detail: 'none seen since 2026-11-24 12:00 UTC' },
  {
    ...{ id: 'backup', ok: false, detail: 'none was taken' },
    remedy: { command: 'expand-contract backup users.full_name' },
  },
  {
    ...{ id: 'held', ok: false, detail: '2 d 2 h of 3 d, over at 2026-11-27 12:00 UTC' },
    remedy: { command: 'expand-contract wait users.full_name --for droppable --timeout 4d' },
    opensAt: new Date('2026-11-27T12:00:00Z'),
  },
]

const { record } = status.facts
const inHold: MigrationStatus = {
  ...status.status,
  ...{ phase: 'hold', turn: 'may-act', state: 'the old column is set aside', next: 'drop' },
}

export const held: StatusView = {
  ...{ ...status, statements: undefined, bypassed: 14 },
  writers: mismatches.writers.map((writer) => ({ ...writer, lastSeen: ago(5 * DAY) })),
  facts: { ...status.facts, record: record && { ...record, phase: 'hold' } },
  status: withGates(inHold, { to: 'drop', gates: heldGates }, NOW),
  gates: { to: 'drop', gates: heldGates },
}

/** The processes have not read the phase yet, and one of them has written. */
export const justBegun: StatusView = {
  ...{ ...status, statements: undefined, bypassed: 12, gates: undefined },
  facts: { ...status.facts, record: record && { ...record, phase: 'expand', epoch: 1, changedAt: ago(60) } },
  status: { ...status.status, phase: 'expand', state: 'both are written, old rows are not filled', next: 'backfill' },
  writers: mismatches.writers.map((writer) => ({ ...writer, application: 'web', lastSeen: ago(59.5) })),
}

export const operatorLines: OperatorLinesView['lines'] = {
  command: 'pg_dump --snapshot "$EXPAND_CONTRACT_SNAPSHOT" --table users --format custom --file /backups/users.dump',
  restore: 'pg_restore --data-only --file - /backups/users.dump | tools/rows-of-copy "$EXPAND_CONTRACT_TABLE"',
  timeoutMs: 7_200_000,
}

export const ownBackup: OwnBackupTaken = {
  ...{ key: ['tenant_id', 'id'], rows: 41_203_118, bytes: 2.9e9, faults: 0 },
  ...{ makeMs: 723_000, restoreMs: 611_000, compareMs: 41_000 },
  comparison: { same: 41_203_000, other: 100, changed: 11, added: 7, gone: 0 },
  record: {
    ...{ ...backupRecord, path: undefined, sha256: '9f2c'.repeat(16) },
    evidence: 'by --restore-command pg_restore --data-only --file - /backups/users.dump',
  },
}

export const ownBackupThatDiffers: OwnBackupTaken = {
  ...{ ...ownBackup, faults: 3, comparison: { same: 41_203_115, other: 3, changed: 0, added: 0, gone: 0 } },
}
