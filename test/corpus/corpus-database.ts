import {
  createRuntime,
  type FixedFlags,
  type FixedPhases,
  fixedFlags,
  fixedPhases,
  type Phase,
  type Side,
  type StatementEvent,
} from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import pg from 'pg'
import { failureIn } from '../../packages/sql/fixtures/rewriter-failure.ts'
import { recordSent } from '../differential/record-sent.ts'
import { createDatabase, type newestMajor } from '../support/postgres.ts'
import { type CorpusCase, corpusMigrations, corpusScript } from './corpus-case.ts'

/** One state of a migration; the golden file is `<file>.sql`. */
export interface CorpusPhase {
  readonly file: string
  readonly phase: Phase
  readonly flag: boolean
  /** How far the scripts of the schema have run. */
  readonly step: 1 | 2 | 3 | 4
}

export const PHASES: readonly CorpusPhase[] = [
  { file: 'off', phase: 'off', flag: true, step: 1 },
  { file: 'expand', phase: 'expand', flag: true, step: 2 },
  { file: 'switch-old', phase: 'switch', flag: false, step: 2 },
  { file: 'switch-new', phase: 'switch', flag: true, step: 2 },
  { file: 'contract', phase: 'contract', flag: false, step: 3 },
  { file: 'dropped', phase: 'contract', flag: false, step: 4 },
]

/** What went over the wire for a statement. */
export interface Sent {
  /** Undefined: nothing was sent. */
  readonly text: string | undefined
  readonly outcome: StatementEvent['outcome'] | undefined
  /** Why it was kept or refused. */
  readonly notes: readonly string[]
  /** What PostgreSQL says of the text, when it does not accept it. */
  readonly error: string | undefined
}

/** A database of a schema after some steps, and a client of it that goes through the library. */
export interface CorpusDatabase {
  send(one: CorpusCase, phase: CorpusPhase): Promise<Sent>
  close(): Promise<void>
}

interface DatabaseOptions {
  readonly major: ReturnType<typeof newestMajor>
  readonly schema: string
  readonly step: CorpusPhase['step']
  /** Undefined: no migration is declared. */
  readonly app: Side | undefined
}

export async function openCorpusDatabase({ major, schema, step, app }: DatabaseOptions): Promise<CorpusDatabase> {
  const database = await createDatabase(major, { sql: corpusScript(schema, step) })
  const migrations = app === undefined ? [] : corpusMigrations(schema, app)
  const events: StatementEvent[] = []
  const flags: FixedFlags = fixedFlags()
  const phases: FixedPhases = fixedPhases()
  const observer = { onStatement: (event: StatementEvent) => void events.push(event) }
  const runtime = await createRuntime({ migrations, flags, phases, observer })
  const pool = instrumentedPool(runtime, { connectionString: database.url, max: 1 })
  const client = await pool.connect()
  const sent = recordSent(client)
  return {
    async send({ statement }, { phase, flag }) {
      for (const migration of migrations) {
        flags.set(migration.flag ?? '', flag)
        phases.set(migration.id, phase)
      }
      await client.query('BEGIN')
      events.length = 0
      const error = await accepted(client, statement)
      const [event] = events
      const failure = failureIn(event?.reasons ?? [])
      if (failure) throw failure
      // The library asks for the catalog before it sends the statement.
      const text = event?.outcome === 'refused' ? undefined : sent.at(-1)
      await client.query('ROLLBACK')
      const notes = (event?.reasons ?? []).map(({ code, message }) => `${event?.outcome} (${code}): ${message}`)
      return { text, outcome: event?.outcome, notes, error }
    },
    async close() {
      client.release()
      await pool.end()
      await runtime.close()
      await database.drop()
    },
  }
}

/**
 * A text has been accepted by the time that a column refuses NULL (23), that a cursor turns out not to be there (34), that the rows
 * of COPY do not come (57), or that PREPARE is given values (08).
 */
const OF_THIS_TEST = /^(?:23|34|57|08)/u

/** Sends it with NULL for every parameter; answers what PostgreSQL has against the text itself. */
async function accepted(client: pg.ClientBase, statement: string): Promise<string | undefined> {
  const numbers = [...statement.matchAll(/\$(\d+)/gu)].map((match) => Number(match[1]))
  const values = Array.from({ length: Math.max(0, ...numbers) }, () => null)
  try {
    await (values.length === 0 ? client.query(statement) : client.query(statement, values))
  } catch (error) {
    if (error instanceof pg.DatabaseError && !OF_THIS_TEST.test(error.code ?? ''))
      return `${error.code}: ${error.message}`
  }
  return undefined
}
