import { type Phase, phaseAfter, quoteIdentifier } from '@expand-contract/core'
import type { Action, LockLevel, RecordPhaseAction } from '../action.ts'
import type { TableFacts } from '../facts.ts'
import type { Operation } from '../operation.ts'
import { runnerError } from '../runner-error.ts'
import { addColumns } from '../sql/add-column.ts'
import { qualified } from '../sql/sync-names.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import { syncShape } from '../sql/sync-shape.ts'
import { type SyncStatement, syncObjects, syncTriggers, triggeredMembers } from '../sql/sync-trigger.ts'
import { syncTriggerProblems } from '../sync-trigger-problems.ts'
import { type Confirmation, checkColumns, checkTable } from './refuse-expand.ts'

export interface ExpandOptions {
  /** What is known and meant, and would be refused otherwise. @defaultValue nothing */
  readonly confirmed?: readonly Confirmation[]
  /** The phase that is recorded. @defaultValue none, as before the first `expand` */
  readonly phase?: Phase | undefined
}

/**
 * Adds the new columns, the trigger and the phase `expand`, in one transaction: in two, rows that are written in between stay out of
 * step. Where a part is there already, as after an attempt that was interrupted, only the rest is planned; where nothing is missing, nothing is.
 */
export const expand: Operation<ExpandOptions> = {
  name: 'expand',
  plan(migration, facts, { confirmed = [], phase = 'off' }) {
    if (phaseAfter(phase, 'expand') === undefined) refusePhase(migration.id, phase)
    const table = checkTable(migration, facts)
    const shape = syncShape(migration, { ...facts, table })
    checkColumns(shape, facts, { confirmed })
    const added = shape.new.filter(({ name }) => !table.columns.some((column) => column.name === name))
    const whole =
      added.length === 0 && facts.trigger !== undefined && syncTriggerProblems(shape, facts.trigger).length === 0
    const actions = actionsFor(shape)
    const rest = whole
      ? []
      : [
          ...syncObjects(shape, 'expand').map((each) => actions.of(each, 'none')),
          ...(added.length === 0
            ? []
            : [
                actions.of(
                  { sql: addColumns(shape, added), why: whyAdded(added.map(({ name }) => name)) },
                  'ACCESS EXCLUSIVE',
                ),
              ]),
          ...triggeredMembers(shape).flatMap((member) =>
            syncTriggers(shape, member).map((each) => actions.of(each, 'SHARE ROW EXCLUSIVE')),
          ),
        ]
    return phase === 'expand' ? rest : [...rest, actions.phase()]
  },
}

function refusePhase(migration: string, phase: Phase): never {
  throw runnerError('EC_CONTROL_TRANSITION', {
    message: `expand is not possible for the migration ${JSON.stringify(migration)}, which is in the phase ${phase}.`,
    hint: 'Its columns and its trigger are there. To see whether they are as they should be, run `expand-contract status`.',
    migration,
  })
}

const whyAdded = (names: readonly string[]): string =>
  `${names.map(quoteIdentifier).join(', ')}: nullable and without a default, so that no row is written.`

/** Actions of the one transaction. */
function actionsFor(shape: SyncShape): {
  of(statement: SyncStatement, lock: LockLevel): Action
  phase(): Action
} {
  const common = {
    migration: shape.migration.id,
    transaction: 'expand',
    estimate: { kind: 'instant' },
  } as const
  const tables = tablesOf(shape.table)
  return {
    of: ({ sql, why }, lock) => ({ ...common, kind: 'sql', sql, why, lock, tables: lock === 'none' ? [] : tables }),
    phase: () => ({
      ...common,
      ...{ kind: 'record-phase', operation: 'expand', phase: 'expand', lock: 'none', tables: [] },
      oldPositions: oldPositions(shape),
      why: 'In the transaction of the column, so that no process sees both columns without a phase.',
    }),
  }
}

function oldPositions({ table, old }: SyncShape): NonNullable<RecordPhaseAction['oldPositions']> {
  const names = old.map(({ name }) => name)
  return Object.fromEntries(
    table.members.map(({ schema, name, positions }) => [
      `${schema}.${name}`,
      Object.fromEntries(Object.entries(positions).filter(([column]) => names.includes(column))),
    ]),
  )
}

/** LOCK TABLE takes partitions and children along. */
export const tablesOf = ({ schema, name }: Pick<TableFacts, 'schema' | 'name'>): readonly string[] => [
  qualified(schema, name),
]
