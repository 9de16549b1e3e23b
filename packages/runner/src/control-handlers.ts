import { beginMigration, type MigrationRecord, type Operator, openControl, recordPhase } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import type { ControlPlace } from './control-schema.ts'
import type { ActionHandlers } from './execute/execute-actions.ts'

export interface ControlHandlers extends ControlPlace {
  readonly migration: Migration
  /** The record that the plan was made from; undefined: there is none. */
  readonly record: MigrationRecord | undefined
  readonly operator: Operator
  /** The token of the lease, which must still be held. @defaultValue no lease is asked for */
  readonly lease?: string | undefined
  /** What the event says besides: counts and durations. @defaultValue nothing */
  readonly figures?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Records phases in the control schema, in the transaction that is open. A try that failed took its record back, so each begins from the
 * record that the plan was made from, and none overwrites what another operator has done since.
 * @throws EC_CONTROL_MOVED
 */
export function controlHandlers(options: ControlHandlers): Pick<ActionHandlers, 'recordPhase'> {
  const { migration, record, operator, lease, figures, controlSchema: schema } = options
  let now = record
  return {
    async recordPhase(client, { operation, phase, oldPositions = {}, contracted, transaction }) {
      const control = openControl(client, { schema })
      const from = now
      const recorded =
        from === undefined || (from.phase === 'off' && phase === 'expand')
          ? await beginMigration(control, { ...operator, migration, oldPositions })
          : await recordPhase(control, {
              ...operator,
              ...{
                migration: migration.id,
                operation,
                from: from.phase,
                epoch: from.epoch,
                lease,
                contracted,
                figures,
              },
            })
      // Within a transaction it is not so before that is committed.
      if (transaction === undefined) now = recorded
    },
  }
}
