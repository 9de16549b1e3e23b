import { type MigrationRecord, openControl, readMigration } from '@expand-contract/control'
import { type Migration, type Phase, quoteIdentifier, shellWord } from '@expand-contract/core'
import type { Action } from './action.ts'
import { checkNotRestoring } from './backup/restoring.ts'
import { readColumnStates } from './contract/column-states.ts'
import { contractedOf } from './contract/contracted.ts'
import { readNewNulls } from './contract/new-nulls.ts'
import type { ControlPlace } from './control-schema.ts'
import { type ExecuteActions, executeActions } from './execute/execute-actions.ts'
import type { MigrationFacts } from './facts.ts'
import { contract, statements } from './operations/contract.ts'
import { drop } from './operations/drop.ts'
import { enterPhase } from './operations/enter-phase.ts'
import { hold, unhold } from './operations/hold.ts'
import { type Confirmation, checkTable } from './operations/refuse-expand.ts'
import { rollback } from './operations/rollback.ts'
import { readParityFacts } from './parity/read-parity-facts.ts'
import { checkDeclarationInForce } from './phase/check-declaration.ts'
import { readFacts } from './read-facts.ts'
import type { RunnerClient } from './runner-client.ts'
import { runnerError, sqlState } from './runner-error.ts'
import type { SyncPhase } from './sql/sync-function.ts'
import { qualified } from './sql/sync-names.ts'
import { syncShape } from './sql/sync-shape.ts'
import { syncTriggerProblems } from './sync-trigger-problems.ts'

/** The steps from `switch` to the end, and the ways back. */
export type StageName = 'contract' | 'hold' | 'unhold' | 'drop' | 'rollback'

export interface PlanStage extends ControlPlace {
  readonly migration: Migration
  readonly stage: StageName
  /** As it was read; undefined: nothing is recorded, which is the phase `off`. */
  readonly record: MigrationRecord | undefined
  /** What is known and meant, and would be refused otherwise. @defaultValue nothing */
  readonly confirmed?: readonly Confirmation[]
}

/**
 * Reads what a step has to know, and plans it. Its gates are looked at by whoever calls it. `loadParser` of `@expand-contract/sql` must have been awaited.
 * @throws what the operation refuses; EC_RESTORE_UNFINISHED
 */
export async function planStage(client: RunnerClient, options: PlanStage): Promise<readonly Action[]> {
  const facts = await readFacts(client, options.migration, options)
  checkDeclarationInForce(options.migration, options.record, facts)
  await checkNotRestoring(client, options)
  return PLANS[options.stage](client, facts, options)
}

type Plan = (client: RunnerClient, facts: MigrationFacts, options: PlanStage) => Promise<readonly Action[]>

const PLANS: Readonly<Record<StageName, Plan>> = {
  async contract(client, facts, { migration, ...place }) {
    const shape = syncShape(migration, { ...facts, table: checkTable(migration, facts) })
    const states = await readColumnStates(client, shape)
    return contract.plan(migration, facts, {
      ...{ states, newHasNulls: await readNewNulls(client, shape, states) },
      parity: await readParityFacts(client, migration, place),
    })
  },
  hold: async (_, facts, { migration, confirmed = [] }) => hold.plan(migration, facts, { confirmed }),
  unhold: async (_, facts, { migration }) => unhold.plan(migration, facts, {}),
  async drop(client, facts, { migration, ...place }) {
    return drop.plan(migration, facts, { parity: await readParityFacts(client, migration, place) })
  },
  async rollback(client, facts, { migration, record, ...place }) {
    const phase = record?.phase ?? 'off'
    const was = record && phase === 'contract' ? contractedOf(record) : undefined
    if (was === undefined)
      return rollback.plan(migration, facts, {
        ...{ phase, epoch: record?.epoch },
        parity: await readParityFacts(client, migration, place),
      })
    const shape = syncShape(migration, { ...facts, table: checkTable(migration, facts) })
    return rollback.plan(migration, facts, {
      phase,
      contracted: { was, states: await readColumnStates(client, shape) },
    })
  },
}

/** In `off` and `dropped` there is no function that would have to be right. */
const FUNCTION_OF: Readonly<Record<Phase, SyncPhase | undefined>> = {
  ...{ off: undefined, expand: 'expand', switch: 'switch', contract: 'contract', hold: 'hold', dropped: undefined },
}

/**
 * Executes the plan of a step, and reads back the trigger. A default that has moved is spelled by PostgreSQL in its own way: the function gets that text
 * behind it, which waits for nobody and changes no rule.
 * @throws EC_LOCK_NOT_GRANTED, EC_NOT_ACKNOWLEDGED, EC_NOT_REPLAYED, EC_CONTROL_MOVED, EC_NOT_INSTALLED
 */
export async function runStage(
  client: RunnerClient,
  migration: Migration,
  { actions, ...options }: ExecuteActions & ControlPlace & { readonly actions: readonly Action[] },
): Promise<void> {
  await withoutLeftChecks(client, migration, { actions, ...options })
  const control = openControl(client, { schema: options.controlSchema })
  const phase = FUNCTION_OF[(await readMigration(control, migration.id))?.phase ?? 'off']
  if (phase === undefined) return
  let problems = await problemsOf(client, migration, phase, options)
  if (problems.differing.length > 0) {
    await executeActions(client, problems.differing, options)
    problems = await problemsOf(client, migration, phase, options)
  }
  if (problems.messages.length > 0)
    throw runnerError('EC_NOT_INSTALLED', {
      message: `${migration.id} is in the phase ${phase}, and its sync trigger is not as it should be: ${problems.messages.join(' ')}`,
      hint: `Run \`expand-contract verify ${shellWord(migration.id)}\`. Something else may change the table or the function at the same time.`,
      migration: migration.id,
    })
}

/** A check that rows violate must not stay: it would refuse what writers are about to store. */
async function withoutLeftChecks(
  client: RunnerClient,
  migration: Migration,
  { actions, ...options }: ExecuteActions & ControlPlace & { readonly actions: readonly Action[] },
): Promise<void> {
  try {
    await executeActions(client, actions, options)
  } catch (cause) {
    if (sqlState(cause) !== '23514') throw cause
    const facts = await readFacts(client, migration, options)
    const table = checkTable(migration, facts)
    const { checks } = await readColumnStates(client, syncShape(migration, { ...facts, table }))
    const undone = checks.map((check) => ({
      sql: `ALTER TABLE ${qualified(check.schema, check.table)} DROP CONSTRAINT ${quoteIdentifier(check.name)}`,
      why: 'Rows have no value.',
    }))
    await executeActions(
      client,
      statements(migration.id, table, { transaction: 'undo', lock: 'ACCESS EXCLUSIVE' }, undone),
      options,
    )
    throw runnerError('EC_NOT_NULL_LOST', {
      message: `Rows of ${table.schema}.${table.name} have no value in a column of ${migration.id} that is to be NOT NULL, since the mapping has none for them. The phase is as it was.`,
      hint: 'Give these rows a value that has a counterpart, and run the command again.',
      migration: migration.id,
      cause,
    })
  }
}

async function problemsOf(
  client: RunnerClient,
  migration: Migration,
  phase: SyncPhase,
  place: ControlPlace,
): Promise<{ readonly messages: readonly string[]; readonly differing: readonly Action[] }> {
  const facts = await readFacts(client, migration, place)
  const { table, trigger } = facts
  if (table === undefined || trigger === undefined) return { messages: [], differing: [] }
  const shape = syncShape(migration, { ...facts, table })
  const problems = syncTriggerProblems(shape, trigger, phase)
  const differs = problems.some(({ code }) => code === 'function-differs')
  return {
    messages: problems.map(({ message }) => message),
    differing: differs ? enterPhase(shape, phase, 'trigger') : [],
  }
}
