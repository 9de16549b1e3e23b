import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRuntime, fixedFlags, fixedPhases, type Phase, type StatementEvent } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { recordSent } from '../differential/record-sent.ts'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { type CorpusCase, corpusCases, corpusMigration, corpusScript, FLAG } from './corpus-case.ts'

interface CorpusPhase {
  /** The golden file is `<file>.sql`. */
  readonly file: string
  readonly phase: Phase
  readonly flag: boolean
  /** How far the scripts of the schema have run. */
  readonly step: 1 | 2 | 3 | 4
}

const PHASES: readonly CorpusPhase[] = [
  { file: 'off', phase: 'off', flag: true, step: 1 },
  { file: 'expand', phase: 'expand', flag: true, step: 2 },
  { file: 'switch-old', phase: 'switch', flag: false, step: 2 },
  { file: 'switch-new', phase: 'switch', flag: true, step: 2 },
  { file: 'contract', phase: 'contract', flag: false, step: 3 },
  { file: 'dropped', phase: 'contract', flag: false, step: 4 },
]

const update = process.env.UPDATE_CORPUS === '1'
const major = newestMajor()
const cases = corpusCases()
const shown = cases.filter((one) => one.since <= major)
if (shown.length < cases.length) console.log(`${cases.length - shown.length} cases need a PostgreSQL newer than ${major}`)

describe.each(shown.map((one) => [one.name, one] as const))('%s', (_, one) => {
  test.each(PHASES.map((phase) => [phase.file, phase] as const))('%s', async (file, phase) => {
    const path = join(one.folder, `${file}.sql`)
    const sent = await sentText(one, phase)
    if (update) writeFileSync(path, sent)
    expect(existsSync(path), `${path} is missing: run with UPDATE_CORPUS=1, and read what it wrote`).toBe(true)
    expect(sent).toBe(readFileSync(path, 'utf8'))
  })

  test('is sent as it is where nothing migrates', async () => {
    const database = await createDatabase(major, { sql: corpusScript(one.schema, 1) })
    const { client, close } = await connect(database.url, await createRuntime({ migrations: [] }))
    const sent = recordSent(client)
    await send(client, one.app === 'old' ? one.statement : 'SELECT 1')
    expect(sent).toContain(one.app === 'old' ? one.statement : 'SELECT 1')
    await close()
    await database.drop()
  })
})

/** What goes over the wire, with a note above it where the statement is not simply rewritten. It must be valid SQL. */
async function sentText(one: CorpusCase, { phase, flag, step }: CorpusPhase): Promise<string> {
  const database = await createDatabase(major, { sql: corpusScript(one.schema, step) })
  const migration = corpusMigration(one.schema, one.app)
  const events: StatementEvent[] = []
  const runtime = await createRuntime({
    migrations: [migration],
    flags: fixedFlags({ [FLAG]: flag }),
    phases: fixedPhases({ [migration.id]: phase }),
    observer: { onStatement: (event) => void events.push(event) },
  })
  const { client, close } = await connect(database.url, runtime)
  await client.query('BEGIN')
  const sent = recordSent(client)
  const error = await send(client, one.statement)
  const [text] = sent.filter((each) => !/pg_catalog\.(?:current_schemas|to_regclass)/u.test(each))
  await client.query('ROLLBACK')
  await close()
  await database.drop()
  const notes = events.flatMap((event) =>
    event.outcome === 'kept' || event.outcome === 'refused'
      ? event.reasons.map((reason) => `-- ${event.outcome} (${reason.code}): ${reason.message}\n`)
      : [],
  )
  if (text === undefined) return notes.join('')
  expect(error, text).toBeUndefined()
  return `${notes.join('')}${text}\n`
}

/** Sends it with NULL for every parameter; answers the SQLSTATE of what is wrong with the text itself. */
async function send(client: pg.ClientBase, statement: string): Promise<string | undefined> {
  const numbers = [...statement.matchAll(/\$(\d+)/gu)].map((match) => Number(match[1]))
  const values = Array.from({ length: Math.max(0, ...numbers) }, () => null)
  try {
    await (values.length === 0 ? client.query(statement) : client.query(statement, values))
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) return undefined
    // NULL may be refused by a column; the text has been accepted by then.
    return error.code?.startsWith('42') ? `${error.code} ${error.message}` : undefined
  }
  return undefined
}

interface Connected {
  readonly client: pg.PoolClient
  close(): Promise<void>
}

async function connect(url: string, runtime: Awaited<ReturnType<typeof createRuntime>>): Promise<Connected> {
  const pool = instrumentedPool(runtime, { connectionString: url, max: 1 })
  const client = await pool.connect()
  return {
    client,
    close: async () => {
      client.release()
      await pool.end()
      await runtime.close()
    },
  }
}

afterAll(() => {
  if (update) console.log(`${shown.length * PHASES.length} texts were written. Read them: they are what users will run.`)
})
