import { type Migration, quoteIdentifier } from '@expand-contract/core'
import { heldColumnName } from '@expand-contract/sql'
import type { Action, RecordPhaseAction } from '../action.ts'
import type { MigrationFacts, TableFacts } from '../facts.ts'
import type { Operation } from '../operation.ts'
import { runnerError } from '../runner-error.ts'
import { qualified } from '../sql/sync-names.ts'
import { columnOf, type SyncShape, syncShape } from '../sql/sync-shape.ts'
import { statements } from './contract.ts'
import { enterPhase } from './enter-phase.ts'
import { fence } from './fence.ts'
import type { Confirmation } from './refuse-expand.ts'
import { checkTable } from './refuse-expand.ts'

export interface HoldOptions {
  /** What is known and meant, and would be refused otherwise. @defaultValue nothing */
  readonly confirmed?: readonly Confirmation[]
}

/**
 * From `contract` to `hold`: the old columns get other names, still kept in step, so that whoever needs them and has not been seen fails now, while
 * the way back is one step. The trigger's function is replaced in the transaction of the names, else every write would fail.
 */
export const hold: Operation<HoldOptions> = {
  name: 'hold',
  plan(migration, facts, { confirmed = [] }) {
    const table = checkTable(migration, facts)
    if (table.publications.length > 0 && !confirmed.includes('publication')) refusePublication(migration, table)
    return [
      ...fence(migration.id, 'the old column'),
      ...renamed(migration, { facts, table, phase: 'hold', operation: 'hold' }, heldColumnName),
    ]
  },
}

/** From `hold` to `contract`: the old columns get their names back. Nothing was lost meanwhile. */
export const unhold: Operation<Readonly<Record<never, never>>> = {
  name: 'unhold',
  plan(migration, facts) {
    const table = checkTable(migration, facts)
    return renamed(migration, { facts, table, phase: 'contract', operation: 'unhold' }, (name) => name)
  },
}

export interface Renaming {
  readonly facts: MigrationFacts
  readonly table: TableFacts
  readonly phase: 'hold' | 'contract'
  readonly operation: RecordPhaseAction['operation']
}

/** One transaction: names, function, phase. */
export function renamed(
  migration: Migration,
  { facts, table, phase, operation }: Renaming,
  nameOf: (declared: string) => string,
): readonly Action[] {
  const shape = syncShape(migration, { ...facts, table })
  const changes = shape.old
    .filter(({ name, declared }) => name !== nameOf(declared))
    .map(({ name, declared }) => ({
      sql: `ALTER TABLE ${qualified(table.schema, table.name)} RENAME COLUMN ${quoteIdentifier(name)} TO ${quoteIdentifier(nameOf(declared))}`,
      why: phase === 'hold' ? 'Set aside, and kept in step.' : 'Its own name again.',
    }))
  const after: SyncShape = { ...shape, old: shape.old.map((column) => ({ ...column, name: nameOf(column.declared) })) }
  return [
    ...statements(migration.id, table, { transaction: operation, lock: 'ACCESS EXCLUSIVE' }, changes),
    ...enterPhase(after, phase, operation),
    {
      ...{ kind: 'record-phase', operation, phase, migration: migration.id, transaction: operation },
      ...{ lock: 'none', tables: [], estimate: { kind: 'instant' } },
      why:
        phase === 'hold' ? 'Whoever still needs the old column fails from now on.' : 'The old column is there again.',
    },
  ]
}

/** The names that the old columns have now, for texts. */
export const presentNames = ({ old }: Migration, table: TableFacts): readonly string[] =>
  old.flatMap(({ name }) => columnOf(table, name)?.name ?? [])

function refusePublication(migration: Migration, table: TableFacts): never {
  throw runnerError('EC_PUBLICATION', {
    message: `The table ${table.schema}.${table.name} is published by ${table.publications.map((each) => JSON.stringify(each)).join(', ')} without a list of columns: a subscriber that has the old column of ${migration.id} under its old name stops at the first write.`,
    hint: 'Publish the table with a list of columns without the old one, or rename it on the subscriber at the same time, and confirm it.',
    migration: migration.id,
  })
}
