import { type Migration, type Phase, quoteIdentifier, shellWord } from '@expand-contract/core'
import type { Action, RecordPhaseAction } from '../action.ts'
import type { ColumnStates } from '../contract/column-states.ts'
import type { Contracted } from '../contract/contracted.ts'
import { type KeyMove, type KeyMoves, keyMoves, leftKeyIndexes } from '../contract/key-move.ts'
import { giveBack } from '../contract/take-over.ts'
import type { MigrationFacts, TableFacts } from '../facts.ts'
import type { Operation } from '../operation.ts'
import { ParityContext } from '../parity/parity-context.ts'
import type { ParityFacts } from '../parity/parity-facts.ts'
import { checkDependents, foreignKeysBack } from '../parity/rollback-parity.ts'
import { runnerError } from '../runner-error.ts'
import { stillOff } from '../sql/still-off.ts'
import { qualified } from '../sql/sync-names.ts'
import { syncShape } from '../sql/sync-shape.ts'
import { dropSync, type SyncStatement } from '../sql/sync-trigger.ts'
import { notNullActions, statements } from './contract.ts'
import { enterPhase } from './enter-phase.ts'
import { fence } from './fence.ts'
import { renamed } from './hold.ts'
import { checkTable, tablesOf } from './refuse-expand.ts'

export interface RollbackOptions {
  /** The phase that is recorded. */
  readonly phase: Phase
  /** The epoch that is recorded. What is dropped at the end must not be what somebody has begun since. @defaultValue none: the phase alone is asked for */
  readonly epoch?: number | undefined
  /** From `contract`: what it took from the old columns, and what the columns are now. */
  readonly contracted?: { readonly was: Contracted; readonly states: ColumnStates } | undefined
  /** What depends on the new columns, as `readParityFacts` has it. @defaultValue PostgreSQL says it, when they are dropped */
  readonly parity?: ParityFacts | undefined
}

/**
 * The way back, by one phase: from `hold` to `contract`, where the old columns get their names back; from `contract` to `switch`, where they get back what
 * `contract` took from them, and count again; from `switch` to `expand`, in which the flag no longer counts; from `expand` to `off`, and out of the table.
 * In `off` nobody reads or writes the new columns, and the trigger keeps them in step for those who have not heard of it yet; when all
 * have, trigger and columns go in one transaction. Old columns are left as they are, so nothing is lost. In `off` it goes on where it was interrupted.
 */
export const rollback: Operation<RollbackOptions> = {
  name: 'rollback',
  plan(migration, facts, { phase, epoch, contracted, parity }) {
    const record = recordPhase(migration.id)
    if (phase === 'dropped') refuseDropped(migration.id)
    const table = checkTable(migration, facts)
    if (phase === 'hold')
      return renamed(migration, { facts, table, phase: 'contract', operation: 'rollback' }, (name) => name)
    if (phase === 'contract') {
      const shape = syncShape(migration, { ...facts, table })
      if (contracted === undefined) throw notRecorded(migration.id)
      const given = giveBack(shape, contracted.was, contracted.states)
      return [
        ...notNullActions(migration.id, table, given.notNull),
        ...statements(migration.id, table, { transaction: 'rollback', lock: 'ACCESS EXCLUSIVE' }, given.within),
        ...enterPhase(given.shape, 'switch', 'rollback'),
        record('switch', 'rollback', 'The old columns count again, and the flag decides what is read.'),
      ]
    }
    if (phase === 'switch') {
      const shape = syncShape(migration, { ...facts, table })
      return [
        ...enterPhase(shape, 'expand', 'rollback'),
        record('expand', 'rollback', 'Reads come from the old columns again.'),
      ]
    }
    const off = record('off', undefined, 'Whoever hears of it writes and reads the old columns alone.')
    const back = keysBack(migration, { ...facts, table }, parity)
    if (parity !== undefined) checkDependents(migration, parity, back?.others)
    const rest =
      phase === 'off' && !isInstalled(facts)
        ? []
        : removal(migration, { ...facts, table }, { parity, within: back?.within ?? [] })
    const still = epoch === undefined || phase === 'off' ? epoch : epoch + 1
    const fenced = rest.some(({ lock }) => lock !== 'none')
    const guarded = rest.length === 0 ? [] : [checkOff(migration.id, { facts, table, epoch: still }), ...rest]
    const ahead = rest.length === 0 ? [] : (back?.ahead ?? [])
    return [
      ...ahead,
      ...(phase === 'off' ? [] : [off]),
      ...(fenced ? fence(migration.id, 'the new columns') : []),
      ...guarded,
    ]
  },
}

const recordPhase =
  (migration: string) =>
  (phase: Phase, transaction: string | undefined, why: string): RecordPhaseAction => ({
    ...{ kind: 'record-phase', operation: 'rollback', migration, phase, why, transaction },
    ...{ lock: 'none', tables: [], estimate: { kind: 'instant' } },
  })

const checkOff = (
  migration: string,
  {
    facts,
    table,
    epoch,
  }: { readonly facts: MigrationFacts; readonly table: TableFacts; readonly epoch: number | undefined },
): Action => ({
  ...{ kind: 'sql', migration, transaction: 'rollback', lock: 'none', tables: tablesOf(table) },
  ...{ estimate: { kind: 'instant' }, sql: stillOff(migration, facts.control.schema, epoch) },
  why: 'Nobody has begun it anew meanwhile.',
})

function refuseDropped(migration: string): never {
  throw runnerError('EC_DROPPED', {
    message: `The old column of ${migration} was dropped, so there is nothing to go back to.`,
    hint: `\`expand-contract restore ${shellWord(migration)}\` brings it back from its backup.`,
    migration,
  })
}

/**
 * Something of the sync trigger is there. Before `expand`, and behind a rollback, nothing is, and a column of the new one's name
 * is not known to be the migration's.
 */
const isInstalled = ({ trigger }: MigrationFacts): boolean =>
  trigger !== undefined &&
  ((trigger.functionHash ?? trigger.helperHash ?? trigger.bypassed) !== undefined || trigger.sampleTable)

const notRecorded = (migration: string) =>
  runnerError('EC_ROLLBACK_PHASE', {
    message: `Nothing says what the old columns of ${migration} had before the phase contract: default, NOT NULL, identity.`,
    hint: 'The phase was recorded by something else than `expand-contract contract`. Give them what they had by hand, and record the phase switch.',
    migration,
  })

/** `contract` has led primary keys to the new columns, which they would go with. */
function keysBack(
  migration: Migration,
  facts: MigrationFacts & { readonly table: TableFacts },
  parity: ParityFacts | undefined,
): (Pick<KeyMove, 'ahead' | 'within'> & Pick<KeyMoves, 'others'>) | undefined {
  const there = migration.new.every(({ name }) => facts.table.columns.some((column) => column.name === name))
  if (parity === undefined || !there) return undefined
  const context = new ParityContext(syncShape(migration, facts), parity)
  const { moves, others } = keyMoves(context, 'old')
  const within = moves.flatMap((move) => move.within)
  const left = leftKeyIndexes(context, within).map(({ schema, name }) => ({
    ...{ sql: `DROP INDEX ${qualified(schema, name)}`, why: 'The primary key of the old column stands for it.' },
  }))
  return { ahead: moves.flatMap(({ ahead }) => ahead), within: [...within, ...left], others }
}

function removal(
  migration: Migration,
  facts: MigrationFacts & { readonly table: TableFacts },
  { parity, within }: { readonly parity: ParityFacts | undefined; readonly within: readonly SyncStatement[] },
): readonly Action[] {
  const { control, table } = facts
  const added = table.columns.filter(({ name }) => migration.new.some((column) => column.name === name))
  const { drops, tables } = foreignKeysBack(migration, parity)
  const drop = (sql: string, why: string): Action => ({
    ...{ kind: 'sql', migration: migration.id, sql, why, transaction: 'rollback' },
    ...{ lock: 'ACCESS EXCLUSIVE', estimate: { kind: 'instant' } },
    tables: [...new Set([...tablesOf(table), ...tables])],
  })
  const columns = added.map(({ name }) => `DROP COLUMN IF EXISTS ${quoteIdentifier(name)}`).join(', ')
  const parts = isInstalled(facts) ? dropSync({ migration, controlSchema: control.schema, table }) : []
  return [
    ...(added.length === 0
      ? []
      : drops.map((sql) => drop(sql, 'It points at the new column; that to the old one stays.'))),
    ...[...within, ...parts].map(({ sql, why }) => drop(sql, why)),
    ...(added.length === 0
      ? []
      : [drop(`ALTER TABLE ${qualified(table.schema, table.name)} ${columns}`, 'The old columns have all values.')]),
  ]
}
