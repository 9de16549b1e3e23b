import { type Migration, quoteTable } from '@expand-contract/core'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'

export const tableMissing = ({ id, table }: Migration, database: string): Error =>
  runnerError('EC_TABLE_MISSING', {
    message: `There is no table ${quoteTable(table)} for the migration ${id} on ${database}.`,
    hint: 'Name its schema in the declaration, or correct the search path of the connection, or the connection itself.',
    migration: id,
  })

/**
 * For a migration that has not begun: that its table is not there is the better reason.
 * @throws EC_TABLE_MISSING
 */
export async function checkTableThere(client: RunnerClient, migration: Migration): Promise<void> {
  const { rows } = await client.query(
    'SELECT pg_catalog.to_regclass($1) IS NOT NULL AS "there", pg_catalog.current_database() AS "database"',
    [quoteTable(migration.table)],
  )
  if (rows[0]?.there !== true) throw tableMissing(migration, String(rows[0]?.database))
}
