import { type Phase, phaseAfter, quoteIdentifier } from '@expand-contract/core'
import type { Action, RecordPhaseAction } from '../action.ts'
import type { Operation } from '../operation.ts'
import { compareParity } from '../parity/compare-parity.ts'
import type { ParityFacts } from '../parity/parity-facts.ts'
import { runnerError } from '../runner-error.ts'
import { addColumns } from '../sql/add-column.ts'
import { type SyncColumn, type SyncShape, syncShape } from '../sql/sync-shape.ts'
import { syncTriggerProblems } from '../sync-trigger-problems.ts'
import { enterPhase } from './enter-phase.ts'
import { triggerActions } from './install-trigger.ts'
import { type Confirmation, checkColumns, checkTable, tablesOf } from './refuse-expand.ts'

export interface ExpandOptions {
  /** What is known and meant, and would be refused otherwise. @defaultValue nothing */
  readonly confirmed?: readonly Confirmation[]
  /** The phase that is recorded. @defaultValue none, as before the first `expand` */
  readonly phase?: Phase | undefined
  /** New columns that have values of somebody else's, as `readValuesOfOthers` finds them. @defaultValue none */
  readonly valuesOfOthers?: readonly string[]
  /** What depends on the old columns, as `readParityFacts` has it: grants, comments and checks go with the columns. @defaultValue they are left out */
  readonly parity?: ParityFacts | undefined
}

/**
 * Adds the new columns, the trigger and the phase `expand`, in one transaction: in two, rows that are written in between stay out of
 * step. Where a part is there already, as after an attempt that was interrupted, only the rest is planned; where nothing is missing, nothing is.
 */
export const expand: Operation<ExpandOptions> = {
  name: 'expand',
  plan(migration, facts, { confirmed = [], phase = 'off', valuesOfOthers = [], parity }) {
    if (phaseAfter(phase, 'expand') === undefined) refusePhase(migration.id, phase)
    const table = checkTable(migration, facts)
    const shape = syncShape(migration, { ...facts, table })
    checkColumns(shape, facts, { confirmed })
    if (valuesOfOthers.length > 0) refuseValues(shape, valuesOfOthers)
    const added = shape.new.filter(({ name }) => !table.columns.some((column) => column.name === name))
    const whole =
      added.length === 0 && facts.trigger !== undefined && syncTriggerProblems(shape, facts.trigger).length === 0
    const alike = parity === undefined ? [] : compareParity(shape, parity).withColumns
    const rest = whole
      ? alike
      : [
          ...enterPhase(shape, 'expand', 'expand'),
          ...(added.length === 0 ? [] : [addAction(shape, added)]),
          ...alike,
          ...triggerActions(shape, 'expand'),
        ]
    return phase === 'expand' ? rest : [...rest, phaseAction(shape)]
  },
}

function refusePhase(migration: string, phase: Phase): never {
  throw runnerError('EC_CONTROL_TRANSITION', {
    message: `expand is not possible for the migration ${JSON.stringify(migration)}, which is in the phase ${phase}.`,
    hint: 'Its columns and its trigger are there. To see whether they are as they should be, run `expand-contract status`.',
    migration,
  })
}

function refuseValues({ migration, table, old }: SyncShape, columns: readonly string[]): never {
  const names = (list: readonly string[]): string => list.map((name) => JSON.stringify(name)).join(', ')
  throw runnerError('EC_COLUMN_IN_USE', {
    message: `The column ${names(columns)} of ${table.schema}.${table.name} has values that do not come from ${names(old.map(({ name }) => name))} by the mapping of ${migration.id}: it is in use for something else, and the sync trigger would write over them.`,
    hint: 'Name another new column in the declaration; or empty this one, if its values may go.',
    migration: migration.id,
  })
}

const addAction = (shape: SyncShape, added: readonly SyncColumn[]): Action => ({
  ...{ kind: 'sql', migration: shape.migration.id, transaction: 'expand', estimate: { kind: 'instant' } },
  ...{ lock: 'ACCESS EXCLUSIVE', tables: tablesOf(shape.table), sql: addColumns(shape, added) },
  why: `${added.map(({ name }) => quoteIdentifier(name)).join(', ')}: nullable and without a default, so that no row is written.`,
})

const phaseAction = (shape: SyncShape): RecordPhaseAction => ({
  ...{
    kind: 'record-phase',
    operation: 'expand',
    phase: 'expand',
    migration: shape.migration.id,
    transaction: 'expand',
  },
  ...{ lock: 'none', tables: [], estimate: { kind: 'instant' } },
  oldPositions: oldPositions(shape),
  why: 'In the transaction of the column, so that no process sees both columns without a phase.',
})

function oldPositions({ table, old }: SyncShape): NonNullable<RecordPhaseAction['oldPositions']> {
  const names = old.map(({ name }) => name)
  return Object.fromEntries(
    table.members.map(({ schema, name, positions }) => [
      `${schema}.${name}`,
      Object.fromEntries(Object.entries(positions).filter(([column]) => names.includes(column))),
    ]),
  )
}
