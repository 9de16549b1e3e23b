import { type Phase, quoteIdentifier } from '@expand-contract/core'
import type { Action, RecordPhaseAction, WaitAction } from '../action.ts'
import type { MigrationFacts, TableFacts } from '../facts.ts'
import type { Operation } from '../operation.ts'
import { runnerError } from '../runner-error.ts'
import { qualified } from '../sql/sync-names.ts'
import { syncShape } from '../sql/sync-shape.ts'
import { dropSync } from '../sql/sync-trigger.ts'
import { enterPhase } from './enter-phase.ts'
import { checkTable, tablesOf } from './refuse-expand.ts'

export interface RollbackOptions {
  /** The phase that is recorded. */
  readonly phase: Phase
}

/**
 * The way back, by one phase: from `switch` to `expand`, in which the flag no longer counts; from `expand` to `off`, and out of the table.
 * In `off` nobody reads or writes the new columns, and the trigger keeps them in step for those who have not heard of it yet; when all
 * have, trigger and columns go in one transaction. Old columns are left as they are, so nothing is lost. In `off` it goes on where it was interrupted.
 */
export const rollback: Operation<RollbackOptions> = {
  name: 'rollback',
  plan(migration, facts, { phase }) {
    const table = checkTable(migration, facts)
    const record = recordPhase(migration.id)
    if (phase === 'contract')
      throw runnerError('EC_ROLLBACK_PHASE', {
        message: `The migration ${migration.id} is in the phase contract, in which the new columns are what is written.`,
        hint: 'Go back to the phase switch first.',
        migration: migration.id,
      })
    if (phase === 'switch') {
      const shape = syncShape(migration, { ...facts, table })
      return [
        ...enterPhase(shape, 'expand', 'rollback'),
        record('expand', 'rollback', 'Reads come from the old columns again.'),
      ]
    }
    const off = record('off', undefined, 'Whoever hears of it writes and reads the old columns alone.')
    const rest = phase === 'off' && !isInstalled(facts) ? [] : removal(migration, facts, table)
    const fenced = rest.some(({ lock }) => lock !== 'none')
    return [...(phase === 'off' ? [] : [off]), ...(fenced ? fence(migration.id) : []), ...rest]
  },
}

const recordPhase =
  (migration: string) =>
  (phase: Phase, transaction: string | undefined, why: string): RecordPhaseAction => ({
    ...{ kind: 'record-phase', operation: 'rollback', migration, phase, why, transaction },
    ...{ lock: 'none', tables: [], estimate: { kind: 'instant' } },
  })

/** Who still names the new columns would fail. */
function fence(migration: string): readonly WaitAction[] {
  const common = {
    kind: 'wait',
    migration,
    lock: 'none',
    tables: [],
    transaction: undefined,
    estimate: { kind: 'open' },
  } as const
  return [
    { ...common, until: 'acknowledged', why: 'Every process with a heartbeat has left the new columns alone.' },
    {
      ...common,
      until: 'replayed',
      why: 'Whoever reads from a replica hears of the phase there, and not at once with the columns being gone.',
    },
    { ...common, until: 'leases-ended', why: 'One without heartbeats has, when its lease has ended.' },
  ]
}

/**
 * Something of the sync trigger is there. Before `expand`, and behind a rollback, nothing is, and a column of the new one's name
 * is not known to be the migration's.
 */
const isInstalled = ({ trigger }: MigrationFacts): boolean =>
  trigger !== undefined &&
  ((trigger.functionHash ?? trigger.helperHash ?? trigger.bypassed) !== undefined || trigger.sampleTable)

function removal(
  migration: Parameters<typeof syncShape>[0],
  facts: MigrationFacts,
  table: TableFacts,
): readonly Action[] {
  const { control } = facts
  const added = table.columns.filter(({ name }) => migration.new.some((column) => column.name === name))
  const drop = (sql: string, why: string): Action => ({
    ...{ kind: 'sql', migration: migration.id, sql, why, transaction: 'rollback' },
    ...{ lock: 'ACCESS EXCLUSIVE', tables: tablesOf(table), estimate: { kind: 'instant' } },
  })
  const columns = added.map(({ name }) => `DROP COLUMN IF EXISTS ${quoteIdentifier(name)}`).join(', ')
  const parts = isInstalled(facts) ? dropSync({ migration, controlSchema: control.schema, table }) : []
  return [
    ...parts.map(({ sql, why }) => drop(sql, why)),
    ...(added.length === 0
      ? []
      : [drop(`ALTER TABLE ${qualified(table.schema, table.name)} ${columns}`, 'The old columns have all values.')]),
  ]
}
