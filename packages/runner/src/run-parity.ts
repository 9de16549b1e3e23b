import { type Migration, quoteTable } from '@expand-contract/core'
import { loadParser } from '@expand-contract/sql'
import type { Action } from './action.ts'
import type { ControlPlace } from './control-schema.ts'
import { type ExecuteActions, executeActions } from './execute/execute-actions.ts'
import type { MigrationFacts } from './facts.ts'
import { checkTable } from './operations/refuse-expand.ts'
import { compareParity } from './parity/compare-parity.ts'
import type { Parity } from './parity/parity.ts'
import { readParityFacts } from './parity/read-parity-facts.ts'
import { readFacts } from './read-facts.ts'
import type { RunnerClient } from './runner-client.ts'
import { runnerError, sqlState } from './runner-error.ts'
import { syncShape } from './sql/sync-shape.ts'

/**
 * What the new columns have of what the old ones have; reads alone, and asks for no more privileges than that.
 * @throws EC_TABLE_MISSING
 */
export async function readParity(
  client: RunnerClient,
  migration: Migration,
  options: ControlPlace = {},
): Promise<Parity & { readonly backfilled: boolean }> {
  await loadParser()
  const facts = await readFacts(client, migration, options)
  const read = await readParityFacts(client, migration, options)
  const { table } = facts
  if (table === undefined || read === undefined) throw tableMissing(migration, facts)
  return { ...compareParity(syncShape(migration, { ...facts, table }), read), backfilled: read.backfilled }
}

const tableMissing = (migration: Migration, { server }: MigrationFacts): Error =>
  runnerError('EC_TABLE_MISSING', {
    message: `There is no table ${quoteTable(migration.table)} for the migration ${migration.id} on ${server.database}.`,
    hint: 'Name its schema in the declaration, or correct the search path of the connection, or the connection itself.',
    migration: migration.id,
  })

export interface RunParity extends ControlPlace, Omit<ExecuteActions, 'operation' | 'handlers'> {
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
    return {
      parity: read,
      backfilled: read.backfilled,
      actions: [...read.withColumns, ...(read.backfilled ? read.afterBackfill : [])],
    }
  }
  const refuse = () => Promise.reject(new RangeError('parity records no phase'))
  const planned = await pending()
  if (planned.actions.length > 0 && planned.backfilled) await refuseLacking(client, migration, planned.parity)
  for (let now = planned, tries = 1; now.actions.length > 0; tries++) {
    const error = await executeActions(client, now.actions, {
      ...{ ...options, operation, handlers: { recordPhase: refuse } },
    }).then(() => undefined, outdated)
    const after = await pending()
    if (after.actions.length === 0) return { actions: planned.actions, parity: after.parity }
    if (error === undefined || tries === MAX_PLANS) throw error?.cause ?? notReached(migration, after.parity)
    now = after
  }
  return planned
}

/** Something is there already, or not any more: somebody has built, or dropped it since the plan was made, such as a run that was thought dead. */
const OUTDATED: ReadonlySet<string | undefined> = new Set(['42P07', '42710', '42704', '42P01'])
const MAX_PLANS = 3

function outdated(cause: unknown): { readonly cause: unknown } {
  if (!OUTDATED.has(sqlState(cause))) throw cause
  return { cause }
}

/** Said before anything is sent: half of it would be there, and the rest an error of PostgreSQL. */
async function refuseLacking(client: RunnerClient, { id: migration }: Migration, { lacking }: Parity): Promise<void> {
  if (lacking.length === 0) return
  const { rows } = await client.query('SELECT pg_catalog.quote_ident(current_user::pg_catalog.text) AS role')
  const role = String(rows[0]?.role)
  throw runnerError('EC_PRIVILEGE', {
    message: `The role ${role} lacks what the counterparts of ${migration} need: ${lacking.join(', ')}. Nothing was changed.`,
    hint: lacking.map((each) => `GRANT ${each} TO ${role}`).join('; '),
    migration,
  })
}

const notReached = ({ id: migration }: Migration, { missing }: Parity): Error =>
  runnerError('EC_PARITY_NOT_REACHED', {
    message: `What was built for ${migration} is not what the old column has: ${missing.join('; ')}.`,
    hint: 'Run it again. If it stays so, something changes it in between, such as an event trigger; compare the definitions of both.',
    migration,
  })
