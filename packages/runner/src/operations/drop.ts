import { quoteIdentifier } from '@expand-contract/core'
import type { Operation } from '../operation.ts'
import { qualified } from '../sql/sync-names.ts'
import { dropSync } from '../sql/sync-trigger.ts'
import { statements } from './contract.ts'
import { fence } from './fence.ts'
import { presentNames } from './hold.ts'
import { checkTable } from './refuse-expand.ts'

/**
 * From `hold` to `dropped`: trigger, functions and the old columns go, in one transaction. Without CASCADE: what depends on a column keeps it. It frees
 * no room: rows keep what they have until they are written again.
 */
export const drop: Operation<Readonly<Record<never, never>>> = {
  name: 'drop',
  plan(migration, facts) {
    const table = checkTable(migration, facts)
    const columns = presentNames(migration, table).map((name) => `DROP COLUMN ${quoteIdentifier(name)}`)
    return [
      ...fence(migration.id, 'the old column'),
      ...statements(migration.id, table, { transaction: 'drop', lock: 'ACCESS EXCLUSIVE' }, [
        ...dropSync({ migration, controlSchema: facts.control.schema, table }),
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
