import { type Migration, quoteTable, shellWord } from '@expand-contract/core'
import { loadParser } from '@expand-contract/sql'
import type { MigrationFacts, SyncTriggerState } from '../facts.ts'
import { readFacts } from '../read-facts.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'
import { columnOf, type SyncShape, syncShape } from '../sql/sync-shape.ts'
import { tableMissing } from './table-missing.ts'

/**
 * Table and columns of a migration that has been expanded, for what reads or fills rows: of the privileges that `expand` needs it asks for none.
 * @throws EC_TABLE_MISSING, EC_COLUMN_MISSING
 */
export async function readShape(
  client: RunnerClient,
  migration: Migration,
  controlSchema: string,
): Promise<{
  readonly shape: SyncShape
  readonly server: MigrationFacts['server']
  /** As it was then; undefined where the facts have none. */
  readonly trigger: SyncTriggerState | undefined
}> {
  await loadParser()
  const facts = await readFacts(client, migration, { controlSchema })
  const { table, server, trigger } = facts
  const { id } = migration
  if (table === undefined) throw tableMissing(migration, server.database)
  const absent = [...migration.old, ...migration.new].filter(({ name }) => columnOf(table, name) === undefined)
  if (absent.length > 0)
    throw runnerError('EC_COLUMN_MISSING', {
      message: `${quoteTable(table)} has no column ${absent.map(({ name }) => JSON.stringify(name)).join(', ')} for the migration ${id}.`,
      hint: `Run \`expand-contract expand ${shellWord(id)}\`, which adds the new columns; old ones must be there.`,
      migration: id,
    })
  return { shape: syncShape(migration, { ...facts, table }), server, trigger }
}
