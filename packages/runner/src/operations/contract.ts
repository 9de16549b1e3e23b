import type { Action, RecordPhaseAction } from '../action.ts'
import type { ColumnStates } from '../contract/column-states.ts'
import { type TakeOver, takeOver } from '../contract/take-over.ts'
import type { TableFacts } from '../facts.ts'
import type { Operation } from '../operation.ts'
import { syncShape } from '../sql/sync-shape.ts'
import type { SyncStatement } from '../sql/sync-trigger.ts'
import { enterPhase } from './enter-phase.ts'
import { checkTable, tablesOf } from './refuse-expand.ts'

export interface ContractOptions {
  /** As `readColumnStates` answers. */
  readonly states: ColumnStates
  /** Some row has no value in the new column: then it cannot be NOT NULL. As `readNewNulls` answers. */
  readonly newHasNulls: boolean
}

/**
 * From `switch` to `contract`, in which the new columns are what counts: defaults, NOT NULL, identity and sequences move to them, the trigger
 * keeps the old ones in step, and the application names them no more. One transaction, behind checks that spare it a look at the rows.
 */
export const contract: Operation<ContractOptions> = {
  name: 'contract',
  plan(migration, facts, { states, newHasNulls }) {
    const table = checkTable(migration, facts)
    const taken = takeOver(syncShape(migration, { ...facts, table }), states, newHasNulls)
    return [
      ...notNullActions(migration.id, table, taken.notNull),
      ...statements(migration.id, table, { transaction: 'contract', lock: 'ACCESS EXCLUSIVE' }, taken.within),
      ...enterPhase(taken.shape, 'contract', 'contract'),
      recordContract(migration.id, taken),
    ]
  },
}

export const statements = (
  migration: string,
  table: TableFacts,
  { transaction, lock }: Pick<Action, 'transaction' | 'lock'>,
  all: readonly SyncStatement[],
): readonly Action[] =>
  all.map(({ sql, why }) => ({
    ...{ kind: 'sql', migration, sql, why, transaction, lock, tables: tablesOf(table), estimate: { kind: 'instant' } },
  }))

/** Two transactions ahead: one that adds the checks, one that looks at all rows while everybody works on. */
export const notNullActions = (
  migration: string,
  table: TableFacts,
  { add, validate }: TakeOver['notNull'],
): readonly Action[] => [
  ...statements(migration, table, { transaction: 'not-null', lock: 'ACCESS EXCLUSIVE' }, add),
  ...validate.map(({ sql, why }) => ({
    ...{ kind: 'sql' as const, migration, sql, why, transaction: 'validate', lock: 'SHARE UPDATE EXCLUSIVE' as const },
    ...{ tables: tablesOf(table), estimate: { kind: 'scan' as const, rows: table.rows, bytes: table.bytes } },
  })),
]

const recordContract = (migration: string, { contracted }: TakeOver): RecordPhaseAction => ({
  ...{ kind: 'record-phase', operation: 'contract', phase: 'contract', migration, transaction: 'contract' },
  ...{ lock: 'none', tables: [], estimate: { kind: 'instant' }, contracted: { ...contracted } },
  why: 'From now on applications read and write the new column alone.',
})
