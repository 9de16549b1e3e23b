import { type MigrationRecord, type Operator, openControl, readMigration } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import type { Action } from './action.ts'
import { controlHandlers } from './control-handlers.ts'
import type { ControlPlace } from './control-schema.ts'
import { type ExecuteActions, executeActions } from './execute/execute-actions.ts'
import { type ExpandOptions, expand } from './operations/expand.ts'
import { readParityFacts } from './parity/read-parity-facts.ts'
import { checkDeclarationInForce } from './phase/check-declaration.ts'
import { readFacts } from './read-facts.ts'
import { readValuesOfOthers } from './read-values-of-others.ts'
import type { RunnerClient } from './runner-client.ts'
import { runnerError } from './runner-error.ts'
import { syncShape } from './sql/sync-shape.ts'
import { syncTriggerProblems } from './sync-trigger-problems.ts'

const isOff = (record: MigrationRecord | undefined): boolean => record === undefined || record.phase === 'off'

export interface RunExpand
  extends Omit<ExpandOptions, 'phase' | 'valuesOfOthers' | 'parity'>,
    ControlPlace,
    Omit<ExecuteActions, 'operation' | 'handlers'> {
  readonly operator: Operator
  /** The token of the lease, which must still be held. @defaultValue no lease is asked for */
  readonly lease?: string
}

/**
 * Expands a migration, records it in the control schema, and reads back what was created. It can be run again at any time, and goes on from
 * what is there; the answer is what it has done. `loadParser` of `@expand-contract/sql` must have been awaited.
 * @throws what `expand` refuses; EC_CONTROL_MISSING; EC_CONTROL_MOVED; EC_CONTROL_TRANSITION behind `expand`; EC_LOCK_NOT_GRANTED; EC_NOT_INSTALLED; EC_DECLARATION_CHANGED
 */
export async function runExpand(
  client: RunnerClient,
  migration: Migration,
  options: RunExpand,
): Promise<readonly Action[]> {
  const { controlSchema: schema, operator, lease } = options
  const record = await readMigration(openControl(client, { schema }), migration.id)
  const found = await readFacts(client, migration, options)
  checkDeclarationInForce(migration, record, found)
  const actions = expand.plan(migration, found, {
    ...options,
    phase: record?.phase,
    ...(isOff(record) && { valuesOfOthers: await readValuesOfOthers(client, migration, found) }),
    parity: await readParityFacts(client, migration, options),
  })
  await executeActions(client, actions, {
    ...options,
    operation: expand.name,
    handlers: controlHandlers({
      migration,
      record,
      operator,
      lease,
      ...(schema !== undefined && { controlSchema: schema }),
    }),
  })
  const facts = await readFacts(client, migration, options)
  const { table, trigger } = facts
  const problems =
    table === undefined || trigger === undefined
      ? []
      : syncTriggerProblems(syncShape(migration, { ...facts, table }), trigger)
  if (problems.length > 0)
    throw runnerError('EC_NOT_INSTALLED', {
      message: `The sync trigger of ${migration.id} is not what it was to be: ${problems.map(({ message }) => message).join(' ')}`,
      hint: 'Run it again. If it stays so, something changes it in between, such as an event trigger.',
      migration: migration.id,
    })
  return actions
}
