import type { MigrationRecord } from '@expand-contract/control'
import type { Migration, Phase } from '@expand-contract/core'
import type { MigrationStatus } from './migration-status.ts'

/** Whether something of a migration is in the database that only its declaration tells how to go on with, or to take away. */
const UNDER_WAY: Readonly<Record<Phase, boolean>> = {
  off: false,
  expand: true,
  switch: true,
  contract: true,
  hold: true,
  dropped: false,
}

/** Migrations that are under way here, and that nothing declares any more: no command can go on with them, and no application knows of them. */
export const undeclared = (
  records: readonly MigrationRecord[],
  migrations: readonly Migration[],
): readonly MigrationStatus[] =>
  records
    .filter(({ id, phase }) => UNDER_WAY[phase] && !migrations.some((migration) => migration.id === id))
    .map(({ id, phase, changedAt }) => ({
      ...{ id, phase, since: changedAt, turn: 'act', state: 'declared no more', next: 'declare it' },
      ...{ command: undefined, acknowledged: { processes: 0, missing: [] }, blocksDone: 0, blocks: 0, verified: false },
    }))
