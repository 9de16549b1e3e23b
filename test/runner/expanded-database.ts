import type { Migration, Phase } from '@expand-contract/core'
import {
  type ExecuteActions,
  type ExpandOptions,
  executeActions,
  expand,
  type MigrationFacts,
  readFacts,
  type SyncPhase,
  type SyncShape,
  syncFunction,
  syncShape,
} from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import pg from 'pg'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'

const CONTROL = 'create schema expand_contract;'

/** A database with a control schema, and a connection that runs operations. Closes all that it has opened. */
export class ExpandedDatabase {
  readonly database: TestDatabase
  /** Not instrumented, as the owner of all. */
  readonly client: pg.Client
  /** What `record-phase` has recorded, in order. */
  readonly phases: { readonly migration: string; readonly phase: Phase }[] = []
  readonly #opened: pg.Client[] = []

  private constructor(database: TestDatabase, client: pg.Client) {
    this.database = database
    this.client = client
  }

  static async open(major: PostgresMajor, sql: string): Promise<ExpandedDatabase> {
    await loadParser()
    const database = await createDatabase(major, { sql: `${CONTROL}${sql}` })
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

  readonly handlers: ExecuteActions['handlers'] = {
    recordPhase: async (_, { migration, phase }) => {
      this.phases.push({ migration, phase })
    },
  }

  facts(migration: Migration): Promise<MigrationFacts> {
    return readFacts(this.client, migration)
  }

  /** Plans and executes `expand`. */
  async expand(
    migration: Migration,
    options: ExpandOptions & Partial<ExecuteActions> & { readonly by?: pg.Client } = {},
  ): Promise<SyncShape> {
    const by = options.by ?? this.client
    const actions = expand.plan(migration, await readFacts(by, migration), options)
    await executeActions(by, actions, { operation: 'expand', handlers: this.handlers, ...options })
    return this.shape(migration)
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
