import type pg from 'pg'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'
import { Gate } from './overtaken-upserts.ts'
import { overtaking, type Upsert } from './upsert-forms.ts'

/** What a session sends before an upsert, and behind it. */
export type Around = readonly [before: readonly string[], behind: readonly string[]]

/** A database with two sessions of an application: one that can be held, and one that overtakes it. */
export class RacingApplication {
  readonly held: pg.Client
  readonly quick: pg.Client
  readonly database: TestDatabase
  readonly gate: Gate

  private constructor(parts: { held: pg.Client; quick: pg.Client; database: TestDatabase; gate: Gate }) {
    this.held = parts.held
    this.quick = parts.quick
    this.database = parts.database
    this.gate = parts.gate
  }

  static async start(
    major: PostgresMajor,
    sql: string,
    Client: typeof pg.Client,
    config: pg.ClientConfig = {},
  ): Promise<RacingApplication> {
    const database = await createDatabase(major, { sql })
    const held = new Client({ connectionString: database.url, options: '-c app.held=yes', ...config })
    const quick = new Client({ connectionString: database.url })
    const [gate] = await Promise.all([Gate.on(database.url), held.connect(), quick.connect()])
    return new RacingApplication({ held, quick, database, gate })
  }

  /** What an upsert of a new key answers that is overtaken, and what is there afterwards. */
  async overtaken(key: string, { send, table }: Upsert, [before, behind]: Around): Promise<unknown> {
    for (const text of before) await this.held.query(text)
    const answered = await this.gate.overtake(
      () => send(this.held, key),
      () => this.quick.query(...overtaking(key, table)),
    )
    const after: unknown[] = []
    for (const text of behind) after.push((await this.held.query(text)).command)
    const [name, column] = table ?? ['accounts', 'login']
    const rows = await this.gate.rows(`select ${column}, hits from ${name} where ${column} like '%${key}' order by 1`)
    return { answered, after, rows }
  }

  async stop(): Promise<void> {
    await Promise.all([this.held.end(), this.quick.end(), this.gate.close()])
    await this.database.drop()
  }
}
