import type { Action } from '../action.ts'
import type { Operation } from '../operation.ts'
import { runnerError } from '../runner-error.ts'
import type { SyncPhase } from '../sql/sync-function.ts'
import { type SyncShape, syncShape } from '../sql/sync-shape.ts'
import { syncTriggers, triggeredMembers } from '../sql/sync-trigger.ts'
import { syncTriggerProblems } from '../sync-trigger-problems.ts'
import { enterPhase } from './enter-phase.ts'
import { checkTable, checkTriggerOrder, tablesOf } from './refuse-expand.ts'

export interface InstallTriggerOptions {
  /** The phase that is recorded. */
  readonly phase: SyncPhase
}

/**
 * Makes the sync trigger of a phase right where something has changed it since: a loader has left it disabled, a child by inheritance was
 * created, a trigger of the table names a migrating column now. Nothing is planned where nothing is wrong. Rows that were written meanwhile
 * may be out of step: `repair` finds them.
 */
export const installTrigger: Operation<InstallTriggerOptions> = {
  name: 'install-trigger',
  plan(migration, facts, { phase }) {
    const table = checkTable(migration, facts)
    const missing = migration.new.filter(({ name }) => !table.columns.some((column) => column.name === name))
    if (missing.length > 0)
      throw runnerError('EC_COLUMN_MISSING', {
        message: `The table ${table.schema}.${table.name} has no column ${missing.map(({ name }) => JSON.stringify(name)).join(', ')}, to which the migration ${migration.id} leads.`,
        hint: 'Run `expand-contract expand` first.',
        migration: migration.id,
      })
    const shape = syncShape(migration, { ...facts, table })
    checkTriggerOrder(shape)
    const { trigger } = facts
    if (trigger !== undefined && syncTriggerProblems(shape, trigger, phase).length === 0) return []
    return [...enterPhase(shape, phase, 'install-trigger'), ...triggerActions(shape, 'install-trigger')]
  },
}

/** The triggers of the table, and of each child by inheritance. */
export const triggerActions = (shape: SyncShape, transaction: string): readonly Action[] =>
  triggeredMembers(shape).flatMap((member) =>
    syncTriggers(shape, member).map(({ sql, why }) => ({
      kind: 'sql',
      migration: shape.migration.id,
      ...{
        sql,
        why,
        transaction,
        lock: 'SHARE ROW EXCLUSIVE',
        tables: tablesOf(shape.table),
        estimate: { kind: 'instant' },
      },
    })),
  )
