import { type Migration, quoteIdentifier, quoteTable } from '@expand-contract/core'
import type { MigrationFacts } from './facts.ts'
import { inReadTransaction } from './read-transaction.ts'
import { computedColumns } from './rows/computed.ts'
import type { RunnerClient } from './runner-client.ts'
import { sqlState } from './runner-error.ts'
import { syncShape } from './sql/sync-shape.ts'

/**
 * New columns that are there before the sync trigger, with values that are not those of the migration: the column is somebody else's, and the trigger
 * would write over it. A column that was added by hand for it is empty, or is what the mapping says. It reads the table to the first such
 * row; where the role may not, or a mapping fails for a row, it does not tell. For a migration that is recorded nowhere: the columns of one that has begun are its own.
 */
export async function readValuesOfOthers(
  client: RunnerClient,
  migration: Migration,
  facts: MigrationFacts,
): Promise<readonly string[]> {
  const { table, trigger } = facts
  const there = table?.columns.map(({ name }) => name) ?? []
  const all = [...migration.old, ...migration.new].every(({ name }) => there.includes(name))
  if (table === undefined || trigger?.functionHash !== undefined || !all) return []
  const shape = syncShape(migration, { ...facts, table })
  const found: string[] = []
  try {
    await inReadTransaction(client, async () => {
      await client.query(
        "SELECT pg_catalog.set_config('row_security', 'off', true), pg_catalog.set_config('search_path', $1, true)",
        [shape.searchPath.map(quoteIdentifier).join(', ')],
      )
      for (const [index, { name, differs }] of computedColumns(shape, 'new').entries()) {
        const { rows } = await client.query(
          `SELECT EXISTS (SELECT FROM ${quoteTable(table)} WHERE ${name} IS NOT NULL AND (${differs})) AS "found"`,
        )
        if (rows[0]?.found === true) found.push(shape.new[index]?.name ?? name)
      }
    })
  } catch (error) {
    if (sqlState(error) === undefined) throw error
  }
  return found
}
