import type { Action, RecordPhaseAction } from '../action.ts'
import type { ColumnStates } from '../contract/column-states.ts'
import { type KeyMove, keyMoves } from '../contract/key-move.ts'
import { type TakeOver, takeOver } from '../contract/take-over.ts'
import type { TableFacts } from '../facts.ts'
import type { Operation } from '../operation.ts'
import { ParityContext } from '../parity/parity-context.ts'
import type { ParityFacts } from '../parity/parity-facts.ts'
import { type SyncShape, syncShape } from '../sql/sync-shape.ts'
import type { SyncStatement } from '../sql/sync-trigger.ts'
import { enterPhase } from './enter-phase.ts'
import { checkTable, tablesOf } from './refuse-expand.ts'

export interface ContractOptions {
  /** As `readColumnStates` answers. */
  readonly states: ColumnStates
  /** Some row has no value in the new column: then it cannot be NOT NULL. As `readNewNulls` answers. */
  readonly newHasNulls: boolean
  /** What depends on the columns, as `readParityFacts` has it. @defaultValue primary keys stay where they are */
  readonly parity?: ParityFacts | undefined
}

/**
 * From `switch` to `contract`, in which the new columns are what counts: defaults, NOT NULL, identity, sequences and primary keys move to them, the trigger
 * keeps the old ones in step, and the application names them no more. One transaction, behind checks that spare it a look at the rows.
 */
export const contract: Operation<ContractOptions> = {
  name: 'contract',
  plan(migration, facts, { states, newHasNulls, parity }) {
    const table = checkTable(migration, facts)
    const shape = syncShape(migration, { ...facts, table })
    const keys = newHasNulls ? [] : movableKeys(shape, parity)
    const taken = takeOver(shape, { states, newHasNulls, keys })
    return [
      ...keys.flatMap(({ ahead }) => ahead),
      ...notNullActions(migration.id, table, taken.notNull),
      ...statements(migration.id, table, { transaction: 'contract', lock: 'ACCESS EXCLUSIVE' }, taken.within),
      ...enterPhase(taken.shape, 'contract', 'contract'),
      recordContract(migration.id, taken),
    ]
  },
}

/** One that a foreign key leads to stays until that is led to the new column, too. */
const movableKeys = (shape: SyncShape, parity: ParityFacts | undefined): readonly KeyMove[] =>
  parity === undefined
    ? []
    : keyMoves(new ParityContext(shape, parity), 'new').moves.filter(({ heldBy }) => heldBy.length === 0)

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
