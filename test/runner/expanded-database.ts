import { controlSql, openControl, readMigration } from '@expand-contract/control'
import type { Migration, Phase } from '@expand-contract/core'
import {
  controlHandlers,
  executeActions,
  type MigrationFacts,
  type RunExpand,
  readFacts,
  readParityFacts,
  rollback,
  runExpand,
  type SyncPhase,
  type SyncShape,
  syncFunction,
  syncShape,
} from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import pg from 'pg'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'

/** A database with a control schema, and a connection that runs operations. Closes all that it has opened. */
export class ExpandedDatabase {
  readonly database: TestDatabase
  /** Not instrumented, as the owner of all. */
  readonly client: pg.Client
  /** What `rollback` has waited for. */
  readonly waits: string[] = []
  readonly #opened: pg.Client[] = []

  private constructor(database: TestDatabase, client: pg.Client) {
    this.database = database
    this.client = client
  }

  static async open(major: PostgresMajor, sql: string): Promise<ExpandedDatabase> {
    await loadParser()
    const database = await createDatabase(major, { sql: `${controlSql()};${sql}` })
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    return new ExpandedDatabase(database, client)
  }

  /** A further connection. */
  async connect(config: pg.ClientConfig = {}): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.database.url, ...config })
    this.#opened.push(client)
    await client.connect()
    return client
  }

  facts(migration: Migration): Promise<MigrationFacts> {
    return readFacts(this.client, migration)
  }

  async phase(migration: Migration): Promise<Phase | undefined> {
    return (await readMigration(openControl(this.client), migration.id))?.phase
  }

  /** Runs `expand`. */
  async expand(
    migration: Migration,
    { by = this.client, ...options }: Partial<RunExpand> & { readonly by?: pg.Client } = {},
  ): Promise<SyncShape> {
    await runExpand(by, migration, { operator: { who: 'test' }, ...options })
    return this.shape(migration)
  }

  /** Runs `rollback`, with nobody to wait for. */
  async rollback(migration: Migration): Promise<void> {
    const record = await readMigration(openControl(this.client), migration.id)
    const phase = record?.phase ?? 'off'
    const parity = await readParityFacts(this.client, migration)
    const actions = rollback.plan(migration, await this.facts(migration), { phase, parity })
    const { recordPhase } = controlHandlers({ migration, record, operator: { who: 'test' } })
    await executeActions(this.client, actions, {
      operation: 'rollback',
      handlers: { recordPhase, wait: async ({ until }) => void this.waits.push(until) },
    })
  }

  async shape(migration: Migration): Promise<SyncShape> {
    const facts = await this.facts(migration)
    const { table } = facts
    if (table === undefined) throw new Error(`no table for ${migration.id}`)
    return syncShape(migration, { ...facts, table })
  }

  /** Puts the trigger into a phase, as the operations do: by its function alone. */
  async enter(migration: Migration, phase: SyncPhase): Promise<void> {
    await this.client.query(syncFunction(await this.shape(migration), phase).create)
  }

  async rows(sql: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    return (await this.client.query(sql, [...values])).rows
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map((client) => client.end()))
    await this.client.end()
    await this.database.drop()
  }
}
