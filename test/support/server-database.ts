import { createDatabase } from './postgres.ts'
import type { PostgresMajor } from './postgres-server.ts'
import { queryServer } from './query-server.ts'

/** A database of a test, to which statements can be sent that know of no migration. */
export interface ScriptDatabase {
  /** Runs one statement past what is tested. */
  rows(statement: string): Promise<readonly unknown[]>
  drop(): Promise<void>
}

export interface ServerDatabase extends ScriptDatabase {
  readonly url: string
}

/** A database that starts with a script, on the server of a major. */
export async function createServerDatabase(major: PostgresMajor, sql: string): Promise<ServerDatabase> {
  const { url, drop } = await createDatabase(major, { sql })
  return { url, drop, rows: async (statement) => (await queryServer(url, statement)).rows }
}
