import { createHash } from 'node:crypto'
import { DEFAULT_CONTROL_SCHEMA } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import type { ControlPlace } from './control-schema.ts'
import type { SyncTriggerState } from './facts.ts'
import { NAMES_QUERY, TRIGGER_STATE_QUERY } from './facts-query.ts'
import { inReadTransaction } from './read-transaction.ts'
import type { RunnerClient } from './runner-client.ts'
import { syncNames } from './sql/sync-names.ts'

/**
 * What the database has of the sync trigger of a migration, on the table and on all that inherits from it; undefined where there is no
 * such table. It looks at the catalog alone. `syncTriggerProblems` says what is wrong with it.
 */
export function readSyncTrigger(
  client: RunnerClient,
  migration: Migration,
  { controlSchema = DEFAULT_CONTROL_SCHEMA }: ControlPlace = {},
): Promise<SyncTriggerState | undefined> {
  return inReadTransaction(client, async () => {
    const { schema, name } = migration.table
    const { rows } = await client.query(NAMES_QUERY, [schema ?? null, name, []])
    const { table: oid } = JSON.parse(String(rows[0]?.names)) as { readonly table: number | null }
    return oid === null ? undefined : readTriggerState(client, migration, { oid, controlSchema })
  })
}

interface TriggerPlace {
  readonly oid: number
  readonly controlSchema: string
}

/** The same within a transaction, for a table that is known. */
export async function readTriggerState(
  client: RunnerClient,
  migration: Migration,
  { oid, controlSchema }: TriggerPlace,
): Promise<SyncTriggerState> {
  const names = syncNames(migration)
  const { rows } = await client.query(TRIGGER_STATE_QUERY, [
    ...[oid, controlSchema, names.function, names.helper, names.counter, names.samples],
    [names.trigger, names.firstTrigger],
  ])
  const state = JSON.parse(String(rows[0]?.state)) as StateContent
  return {
    functionHash: state.function === null ? undefined : textHash(state.function),
    phase: state.function === null ? undefined : /^-- phase: (\w+)$/mu.exec(state.function)?.[1],
    helperHash: state.helper === null ? undefined : textHash(state.helper),
    members: state.members.map(({ schema, table, triggers, definition }) => ({
      ...{ schema, table, triggers: triggers ?? {} },
      definitionHash: definition === null ? undefined : textHash(definition),
    })),
    bypassed: state.bypassed === null ? undefined : BigInt(state.bypassed),
    sampleTable: state.samples,
  }
}

interface StateContent {
  readonly function: string | null
  readonly helper: string | null
  readonly bypassed: string | null
  readonly samples: boolean
  readonly members: readonly {
    readonly schema: string
    readonly table: string
    readonly triggers: Readonly<Record<string, string>> | null
    readonly definition: string | null
  }[]
}

/** What a function's text is compared by. */
export const textHash = (text: string): string => createHash('sha256').update(text).digest('hex')
