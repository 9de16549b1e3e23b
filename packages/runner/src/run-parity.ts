import { type Migration, quoteTable } from '@expand-contract/core'
import { loadParser } from '@expand-contract/sql'
import type { Action } from './action.ts'
import type { ControlPlace } from './control-schema.ts'
import { type ExecuteActions, executeActions } from './execute/execute-actions.ts'
import type { MigrationFacts } from './facts.ts'
import { checkTable } from './operations/refuse-expand.ts'
import { compareParity, type ParityOptions } from './parity/compare-parity.ts'
import type { Parity } from './parity/parity.ts'
import { readParityFacts } from './parity/read-parity-facts.ts'
import { readFacts } from './read-facts.ts'
import type { RunnerClient } from './runner-client.ts'
import { runnerError } from './runner-error.ts'
import { syncShape } from './sql/sync-shape.ts'

/**
 * What the new columns have of what the old ones have; reads alone, and asks for no more privileges than that.
 * @throws EC_TABLE_MISSING
 */
export async function readParity(
  client: RunnerClient,
  migration: Migration,
  options: ParityOptions & ControlPlace = {},
): Promise<Parity & { readonly backfilled: boolean }> {
  await loadParser()
  const facts = await readFacts(client, migration, options)
  const read = await readParityFacts(client, migration, options)
  const { table } = facts
  if (table === undefined || read === undefined) throw tableMissing(migration, facts)
  return { ...compareParity(syncShape(migration, { ...facts, table }), read, options), backfilled: read.backfilled }
}

const tableMissing = (migration: Migration, { server }: MigrationFacts): Error =>
  runnerError('EC_TABLE_MISSING', {
    message: `There is no table ${quoteTable(migration.table)} for the migration ${migration.id} on ${server.database}.`,
    hint: 'Name its schema in the declaration, or correct the search path of the connection, or the connection itself.',
    migration: migration.id,
  })

export interface RunParity extends ParityOptions, ControlPlace, Omit<ExecuteActions, 'operation' | 'handlers'> {
  /** Names it in `application_name`. @defaultValue 'parity' */
  readonly operation?: string
}

/**
 * Makes what the new columns lack, and reads back what was built. It can be run again at any time, and goes on where it was interrupted.
 * Before the rows are filled, it makes what belongs to that time.
 * @throws EC_TABLE_MISSING, EC_PRIVILEGE, EC_LOCK_NOT_GRANTED, EC_PARITY_NOT_REACHED, what PostgreSQL says
 */
export async function runParity(
  client: RunnerClient,
  migration: Migration,
  { operation = 'parity', ...options }: RunParity = {},
): Promise<{ readonly actions: readonly Action[]; readonly parity: Parity }> {
  checkTable(migration, await readFacts(client, migration, options))
  const pending = async () => {
    const read = await readParity(client, migration, options)
    return { parity: read, actions: [...read.withColumns, ...(read.backfilled ? read.afterBackfill : [])] }
  }
  const { actions, parity } = await pending()
  if (actions.length === 0) return { actions, parity }
  const refuse = () => Promise.reject(new RangeError('parity records no phase'))
  await executeActions(client, actions, { ...options, operation, handlers: { recordPhase: refuse } })
  const after = await pending()
  if (after.actions.length > 0)
    throw runnerError('EC_PARITY_NOT_REACHED', {
      message: `What was built for ${migration.id} is not what the old column has: ${after.parity.missing.join('; ')}.`,
      hint: 'Run it again. If it stays so, something changes it in between, such as an event trigger; compare the definitions of both.',
      migration: migration.id,
    })
  return { actions, parity: after.parity }
}
