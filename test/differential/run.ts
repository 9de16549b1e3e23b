import type { StatementEvent } from '@expand-contract/core'
import pg from 'pg'
import { type Contents, contents } from './contents.ts'
import type { Step } from './example.ts'
import { SEQUENCE_START } from './migration-kinds/stage-script.ts'
import type { Observation } from './observation.ts'
import { observe, typeNames } from './observe.ts'

/** A database and a client of it, as an application has them. */
export interface ConnectedDatabase {
  readonly client: pg.ClientBase
  readonly types: ReadonlyMap<number, string>
  /** A bare connection to the same database, for what is not part of the application. */
  readonly admin: pg.Client
  /** What the observer was told since it was last taken. */
  takeEvents(): readonly StatementEvent[]
  /** Texts as they went over the wire, since they were last taken. */
  takeSent(): readonly string[]
  close(): Promise<void>
}

/** A bare client: the twin. */
export async function openTwin(url: string): Promise<ConnectedDatabase> {
  const client = new pg.Client({ connectionString: url })
  const admin = new pg.Client({ connectionString: url })
  await Promise.all([client.connect(), admin.connect()])
  return {
    client,
    admin,
    types: await typeNames(admin),
    takeEvents: () => [],
    takeSent: () => [],
    close: async () => void (await Promise.all([client.end(), admin.end()])),
  }
}

export interface RunOptions {
  readonly steps: readonly Step[]
  /** In a transaction that is rolled back, with the tables read before that. */
  readonly writes: boolean
  readonly bare: boolean
  /** What to read after a write: SQL text, a table per statement in it. */
  readonly reading: string
}

export interface RunResult {
  readonly observations: readonly Observation[]
  /** A table per statement of `reading`; empty when the transaction had failed by then. */
  readonly contents: readonly Contents[]
  readonly events: readonly StatementEvent[]
  readonly sent: readonly string[]
}

/** Runs the steps of an example, and leaves the database as it was. */
export async function run(
  database: ConnectedDatabase,
  { steps, writes, bare, reading }: RunOptions,
): Promise<RunResult> {
  const { client, types } = database
  database.takeEvents()
  if (steps.some(({ sql }) => DRAWS_NUMBERS.test(sql))) await resetSequences(database.admin)
  const inTransaction = writes && !bare
  if (inTransaction) await client.query('begin')
  const observations: Observation[] = []
  database.takeSent()
  for (const step of steps) observations.push(await observe(client, step, types))
  const events = database.takeEvents()
  const sent = database.takeSent()
  const failed = observations.some((observation) => observation.kind === 'error')
  const read = writes && !failed ? await contents(client, pg.Client, reading) : []
  // Also after a bare example: pg learns a moment after an error that the transaction has failed.
  if (inTransaction || bare) await client.query('rollback')
  for (const { sql } of steps) {
    // What PREPARE makes outlives a rollback.
    const prepared = /^prepare (\w+)/u.exec(sql)?.[1]
    if (prepared !== undefined) await client.query(`deallocate ${prepared}`).catch(() => {})
  }
  return { observations, contents: read, events, sent }
}

const DRAWS_NUMBERS = /insert|merge|default|val\(/iu

const resetSequences = (admin: pg.Client): Promise<unknown> =>
  admin.query(
    `select setval(c.oid::regclass, ${SEQUENCE_START}) from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'S' and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'`,
  )
