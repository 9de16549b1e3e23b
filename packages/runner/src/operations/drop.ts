import { quoteIdentifier } from '@expand-contract/core'
import { keyMoves } from '../contract/key-move.ts'
import type { Operation } from '../operation.ts'
import { indexMarks } from '../parity/index-marks.ts'
import { ParityContext } from '../parity/parity-context.ts'
import type { ParityFacts } from '../parity/parity-facts.ts'
import { qualified } from '../sql/sync-names.ts'
import { syncShape } from '../sql/sync-shape.ts'
import { dropSync } from '../sql/sync-trigger.ts'
import { statements } from './contract.ts'
import { fence } from './fence.ts'
import { presentNames } from './hold.ts'
import { checkTable } from './refuse-expand.ts'

export interface DropOptions {
  /** What depends on the columns, as `readParityFacts` has it. @defaultValue keys and marks of indexes go with the old columns */
  readonly parity?: ParityFacts | undefined
}

/**
 * From `hold` to `dropped`: trigger, functions and the old columns go, in one transaction, in which keys move to the new ones. Without CASCADE: what depends on a column keeps it. It frees
 * no room: rows keep what they have until they are written again.
 */
export const drop: Operation<DropOptions> = {
  name: 'drop',
  plan(migration, facts, { parity }) {
    const table = checkTable(migration, facts)
    const context = parity && new ParityContext(syncShape(migration, { ...facts, table }), parity)
    // What has held a key in `contract`, as a foreign key, is gone by now, or PostgreSQL refuses all of it.
    const keys = context === undefined ? [] : keyMoves(context, 'new', { keep: false }).moves
    const marks = context === undefined ? [] : indexMarks(context)
    const columns = presentNames(migration, table).map((name) => `DROP COLUMN ${quoteIdentifier(name)}`)
    return [
      ...keys.flatMap(({ ahead }) => ahead),
      ...fence(migration.id, 'the old column'),
      ...statements(migration.id, table, { transaction: 'drop', lock: 'ACCESS EXCLUSIVE' }, [
        ...dropSync({ migration, controlSchema: facts.control.schema, table }),
        ...keys.flatMap(({ within }) => within),
        ...marks.map(({ statement }) => statement),
        {
          sql: `ALTER TABLE ${qualified(table.schema, table.name)} ${columns.join(', ')}`,
          why: 'The last way back without a restore goes. No room is freed by it.',
        },
      ]),
      {
        ...{ kind: 'record-phase', operation: 'drop', phase: 'dropped', migration: migration.id, transaction: 'drop' },
        ...{ lock: 'none', tables: [], estimate: { kind: 'instant' } },
        why: 'Nothing of the migration is left in the database.',
      },
    ]
  },
}
