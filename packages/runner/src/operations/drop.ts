import { quoteIdentifier } from '@expand-contract/core'
import type { Operation } from '../operation.ts'
import type { KeyMove } from '../parity/key-moves.ts'
import { qualified } from '../sql/sync-names.ts'
import { dropSync } from '../sql/sync-trigger.ts'
import { statements } from './contract.ts'
import { fence } from './fence.ts'
import { presentNames } from './hold.ts'
import { checkTable } from './refuse-expand.ts'

export interface DropOptions {
  /** Primary key, replica identity and CLUSTER mark, as `readKeyMoves` answers. @defaultValue they go with the old columns */
  readonly moves?: readonly KeyMove[]
}

/**
 * From `hold` to `dropped`: trigger, functions and the old columns go, in one transaction, in which keys move to the new ones. Without CASCADE: what depends on a column keeps it. It frees
 * no room: rows keep what they have until they are written again.
 */
export const drop: Operation<DropOptions> = {
  name: 'drop',
  plan(migration, facts, { moves = [] }) {
    const table = checkTable(migration, facts)
    const columns = presentNames(migration, table).map((name) => `DROP COLUMN ${quoteIdentifier(name)}`)
    return [
      ...fence(migration.id, 'the old column'),
      ...statements(migration.id, table, { transaction: 'drop', lock: 'ACCESS EXCLUSIVE' }, [
        ...dropSync({ migration, controlSchema: facts.control.schema, table }),
        ...moves.flatMap(({ statements: each }) => each),
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
