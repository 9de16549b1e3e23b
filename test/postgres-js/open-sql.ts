import {
  createRuntime,
  type FixedFlags,
  type FlagSource,
  fixedFlags,
  type Migration,
  type Runtime,
  type StatementEvent,
} from '@expand-contract/core'
import { instrumentedSql } from '@expand-contract/postgres-js'
import postgres from 'postgres'
import { createDatabase } from '../support/postgres.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'
import { queryServer } from '../support/query-server.ts'
import { readSwitch } from '../support/read-switch.ts'

export interface OpenSql extends AsyncDisposable {
  readonly sql: postgres.Sql
  readonly runtime: Runtime
  readonly flags: FixedFlags
  readonly statements: readonly StatementEvent[]
  /** A statement on a connection of its own, which knows of no migration. */
  bare(text: string): Promise<readonly unknown[]>
}

export interface OpenSqlOptions extends postgres.Options<Record<string, never>> {
  readonly script: string
  readonly migrations: readonly Migration[]
  readonly catalogRefreshMs?: number
  /** @defaultValue what `flags` of the fixture says */
  readonly source?: FlagSource
}

/** How long a test waits for another session: the machine may be busy. */
export const PATIENT = { timeout: 60_000 }

/** Backends that run a text. */
export const running = (text: string): string =>
  `select pid from pg_stat_activity where query like '%${text}%' and state = 'active' and pid <> pg_backend_pid() and datname = current_database()`

/** A database with an instrumented postgres() on it. */
export async function openSql(
  major: PostgresMajor,
  { script, migrations, source, catalogRefreshMs = 1_000, ...options }: OpenSqlOptions,
): Promise<OpenSql> {
  const database = await createDatabase(major, { sql: script })
  const flags = fixedFlags(Object.fromEntries(migrations.map(({ flag }) => [flag ?? '', false])))
  const statements: StatementEvent[] = []
  const observer = { onStatement: (event: StatementEvent) => void statements.push(event) }
  const runtime = await createRuntime({
    migrations,
    flags: source ?? flags,
    phases: readSwitch(migrations),
    observer,
  })
  const bare = postgres(database.url, { onnotice: () => undefined, ...options })
  const sql = instrumentedSql(runtime, bare, { catalogRefreshMs }) as postgres.Sql
  return {
    ...{ sql, runtime, flags, statements },
    bare: async (text) => (await queryServer(database.url, text)).rows,
    async [Symbol.asyncDispose]() {
      await sql.end()
      await runtime.close()
      await database.drop()
    },
  }
}
