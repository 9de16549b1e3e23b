import { type Phase, quoteIdentifier } from '@expand-contract/core'
import type { Action } from '../action.ts'
import type { Operation } from '../operation.ts'
import { runnerError } from '../runner-error.ts'
import { qualified } from '../sql/sync-names.ts'
import { dropSync } from '../sql/sync-trigger.ts'
import { tablesOf } from './expand.ts'
import { checkTable } from './refuse-expand.ts'

export interface RollbackOptions {
  /** The phase that is recorded. @defaultValue 'expand' */
  readonly phase?: Phase
}

/**
 * The way back out of `expand` and `switch`: from the phase `off` on nobody reads or writes the new columns, the trigger keeps them in step
 * for those who have not heard of it yet, and when all have, trigger and columns go in one transaction. Old columns are left as they are, so
 * nothing is lost. Running it again goes on where it was interrupted.
 */
export const rollback: Operation<RollbackOptions> = {
  name: 'rollback',
  plan(migration, facts, { phase = 'expand' }) {
    const table = checkTable(migration, facts)
    if (phase === 'contract')
      throw runnerError('EC_ROLLBACK_PHASE', {
        message: `The migration ${migration.id} is in the phase contract, in which the new columns are what is written.`,
        hint: 'Go back to the phase switch first.',
        migration: migration.id,
      })
    const common = { migration: migration.id, estimate: { kind: 'instant' } } as const
    const unlocked = { lock: 'none', tables: [], transaction: undefined } as const
    const open = { ...common, ...unlocked, kind: 'wait', estimate: { kind: 'open' } } as const
    const added = table.columns.filter(({ name }) => migration.new.some((column) => column.name === name))
    const { trigger } = facts
    const installed =
      trigger !== undefined &&
      (trigger.functionHash !== undefined ||
        trigger.helperHash !== undefined ||
        trigger.bypassed !== undefined ||
        trigger.sampleTable)
    const drop = (sql: string, why: string): Action => ({
      ...common,
      ...{ kind: 'sql', sql, why, lock: 'ACCESS EXCLUSIVE', tables: tablesOf(table), transaction: 'rollback' },
    })
    const columns = added.map(({ name }) => `DROP COLUMN IF EXISTS ${quoteIdentifier(name)}`).join(', ')
    const dropped = dropSync({ migration, controlSchema: facts.control.schema, table })
    const recordOff: Action = {
      ...common,
      ...unlocked,
      ...{ kind: 'record-phase', phase: 'off', transaction: phase === 'off' ? undefined : 'off' },
      why: 'Whoever hears of it writes and reads the old columns alone.',
    }
    return [
      ...(phase === 'off' ? [] : [recordOff]),
      ...(added.length === 0
        ? []
        : ([
            { ...open, until: 'acknowledged', why: 'A process that still names the new columns would fail.' },
            { ...open, until: 'leases-ended', why: 'So would one without heartbeats, until its lease ends.' },
          ] satisfies Action[])),
      ...(installed ? dropped.map(({ sql, why }) => drop(sql, why)) : []),
      ...(added.length === 0
        ? []
        : [drop(`ALTER TABLE ${qualified(table.schema, table.name)} ${columns}`, 'The old columns have all values.')]),
    ]
  },
}
