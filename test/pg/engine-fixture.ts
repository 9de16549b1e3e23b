import {
  type CatalogEvent,
  createRuntime,
  type FixedFlags,
  type FixedPhases,
  fixedFlags,
  type Migration,
  type Runtime,
  type StatementEvent,
  type WarningEvent,
} from '@expand-contract/core'
import { type InstrumentOptions, instrumentedClient, instrumentedPool } from '@expand-contract/pg'
import pg from 'pg'
import { expect, vi } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'
import { readSwitch } from '../support/read-switch.ts'

export interface EngineFixtureOptions {
  readonly sql: string
  readonly migrations: readonly Migration[]
  readonly catalogRefreshMs?: number
  /** @defaultValue false: most tests look at what the first statement waits for */
  readonly readCatalogOnConnect?: boolean
  /** @defaultValue `switch` for every migration, so that the flags count while both columns exist */
  readonly phases?: FixedPhases
}

/** One database with a bare connection to it, and clients and pools of one runtime. Closes all that it has opened. */
export class EngineFixture {
  readonly database: TestDatabase
  readonly runtime: Runtime
  readonly flags: FixedFlags
  /** Not instrumented. */
  readonly bare: pg.Client
  readonly statements: StatementEvent[] = []
  readonly catalogs: CatalogEvent[] = []
  readonly warnings: WarningEvent[] = []
  readonly #options: InstrumentOptions
  readonly #opened: { end(): Promise<void> }[] = []

  private constructor(
    parts: Pick<EngineFixture, 'database' | 'runtime' | 'flags' | 'bare'>,
    options: InstrumentOptions,
  ) {
    this.database = parts.database
    this.runtime = parts.runtime
    this.flags = parts.flags
    this.bare = parts.bare
    this.#options = options
  }

  static async open(major: PostgresMajor, options: EngineFixtureOptions): Promise<EngineFixture> {
    const database = await createDatabase(major, { sql: options.sql })
    const flags = fixedFlags(
      Object.fromEntries(options.migrations.flatMap(({ flag }) => (flag ? [[flag, false]] : []))),
    )
    const seen: Pick<EngineFixture, 'statements' | 'catalogs' | 'warnings'>[] = []
    const runtime = await createRuntime({
      migrations: options.migrations,
      flags,
      phases: options.phases ?? readSwitch(options.migrations),
      observer: {
        onStatement: (event) => seen[0]?.statements.push(event),
        onCatalog: (event) => seen[0]?.catalogs.push(event),
        onWarning: (event) => seen[0]?.warnings.push(event),
      },
    })
    const bare = new pg.Client({ connectionString: database.url })
    await bare.connect()
    const { catalogRefreshMs, readCatalogOnConnect = false } = options
    const fixture = new EngineFixture(
      { database, runtime, flags, bare },
      { readCatalogOnConnect, ...(catalogRefreshMs !== undefined && { catalogRefreshMs }) },
    )
    seen.push(fixture)
    return fixture
  }

  /** An instrumented client that is connected. */
  async client(config: pg.ClientConfig = {}, options = this.#options): Promise<pg.Client> {
    const client = this.unconnected(config, options)
    await client.connect()
    return client
  }

  unconnected(config: pg.ClientConfig = {}, options = this.#options): pg.Client {
    const Client = instrumentedClient(this.runtime, options)
    const client = new Client({ connectionString: this.database.url, ...config })
    this.#opened.push(client)
    return client
  }

  pool(config: pg.PoolConfig = {}): pg.Pool {
    const pool = instrumentedPool(this.runtime, { connectionString: this.database.url, ...config }, this.#options)
    this.#opened.push(pool)
    return pool
  }

  /** A second connection that is not instrumented. */
  async another(config: pg.ClientConfig = {}): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.database.url, ...config })
    this.#opened.push(client)
    await client.connect()
    return client
  }

  /** Resolves when what the client has sent waits for a lock. */
  async waits(client: pg.Client): Promise<void> {
    const { processID } = client as unknown as { readonly processID: number }
    const waiting =
      "select from pg_stat_activity where datname = current_database() and pid = $1 and wait_event_type = 'Lock'"
    await vi.waitFor(async () => expect((await this.bare.query(waiting, [processID])).rowCount).toBe(1), {
      timeout: 60_000,
      interval: 10,
    })
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map((one) => one.end()))
    await this.bare.end()
    await this.runtime.close()
    await this.database.drop()
  }
}

/** The texts that a client sends, as they leave it; those by which it reads the catalog are marked, not shown. */
export function sentBy(client: pg.Client): string[] {
  const sent: string[] = []
  const connection = client.connection as unknown as {
    query(text: string): void
    parse(message: { text: string; name?: string }): void
  }
  const { query, parse } = connection
  const note = (text: string): void =>
    void sent.push(text.includes('pg_catalog.current_schemas') ? ownQuery(text) : text)
  connection.query = (text) => {
    note(text)
    query.call(connection, text)
  }
  connection.parse = (message) => {
    note(message.text)
    parse.call(connection, message)
  }
  return sent
}

const ownQuery = (text: string): string =>
  text.includes(' AS content') ? '<content>' : text.includes(' AS stamp') ? '<stamp>' : '<path>'

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
