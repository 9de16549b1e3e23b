import type { Operation } from '../operation.ts'
import { syncShape } from '../sql/sync-shape.ts'
import { enterPhase } from './enter-phase.ts'
import { checkTable } from './refuse-expand.ts'

/**
 * From `expand` to `switch`, in which the flag decides what is read. The old side still has the say, so it is the text of the trigger's
 * function alone that changes, in the transaction of the phase; no lock is taken on the table.
 */
export const switchReads: Operation<Readonly<Record<never, never>>> = {
  name: 'switch',
  plan(migration, facts) {
    const shape = syncShape(migration, { ...facts, table: checkTable(migration, facts) })
    return [
      {
        ...{ kind: 'wait', migration: migration.id, until: 'replayed', transaction: undefined },
        ...{ lock: 'none', tables: [], estimate: { kind: 'open' } },
        why: 'What the gates have looked at is so on every replica as well, and none is two phases behind.',
      },
      ...enterPhase(shape, 'switch', 'switch'),
      {
        ...{
          kind: 'record-phase',
          operation: 'switch',
          phase: 'switch',
          migration: migration.id,
          transaction: 'switch',
        },
        ...{ lock: 'none', tables: [], estimate: { kind: 'instant' } },
        why: 'From now on the flag decides which column is read.',
      },
    ]
  },
}
