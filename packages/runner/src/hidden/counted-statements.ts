import type { RunnerClient } from '../runner-client.ts'
import { EXTENSION_QUERY, statementsQuery } from './hidden-query.ts'
import type { OldNames } from './old-names.ts'

/** A text that pg_stat_statements has counted. */
export interface CountedStatement {
  readonly id: string
  readonly role: string | null
  readonly calls: number
  readonly text: string
}

/**
 * Those that name the table and an old column. undefined: the extension is not installed, or not loaded. PostgreSQL counts what it has run: a
 * statement that fails since it names a column that is not there is never counted.
 */
export async function readCountedStatements(
  client: RunnerClient,
  names: OldNames,
): Promise<readonly CountedStatement[] | undefined> {
  const { rows } = await client.query(EXTENSION_QUERY)
  const [extension] = rows
  if (extension === undefined) return undefined
  try {
    const counted = await client.query(statementsQuery(String(extension.schema)), [names.columns])
    const found = JSON.parse(String(counted.rows[0]?.found ?? 'null')) as readonly CountedStatement[] | null
    return (found ?? []).filter(({ text }) => names.in(text))
  } catch {
    // It must be in shared_preload_libraries as well, and the role must be let into its schema.
    return undefined
  }
}
