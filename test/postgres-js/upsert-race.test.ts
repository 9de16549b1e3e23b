import { createRuntime, type Runtime, type StatementEvent } from '@expand-contract/core'
import { instrumentedSql } from '@expand-contract/postgres-js'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BOTH_UNIQUE, Gate, MIGRATIONS, UNTOUCHED, UPSERT } from '../sql/overtaken-upserts.ts'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'
import { readSwitch } from '../support/read-switch.ts'

type Send = (sql: postgres.Sql, key: string) => Promise<unknown>

const RETURNING = `${UPSERT} returning login, hits`

const FORMS: Readonly<Record<string, Send>> = {
  'a template': async (sql, key) => {
    const result = await sql`insert into accounts ${sql({ login: key })} on conflict (login) do update
      set hits = accounts.hits + 1 returning login, hits`
    return { rows: [...result], count: result.count, command: result.command }
  },
  'unsafe with a parameter': async (sql, key) => [...(await sql.unsafe(RETURNING, [key]))],
  'unsafe, prepared': async (sql, key) => [...(await sql.unsafe(RETURNING, [key], { prepare: true }))],
  'unsafe without parameters': async (sql, key) => (await sql.unsafe(UPSERT.replace('$1', `'${key}'`))).count,
  'a text of two': async (sql, key) => {
    const results = await sql.unsafe(`select 1 as one; ${RETURNING.replace('$1', `'${key}'`)}`).simple()
    return (results as unknown as unknown[][]).map((rows) => [...rows])
  },
  'within a CTE': async (sql, key) => [
    ...(await sql.unsafe(`with x as (${RETURNING}) select hits, login from x`, [key])),
  ],
  'doing nothing': async (sql, key) =>
    (await sql`insert into accounts (login) values (${key}) on conflict on constraint accounts_login_key do nothing`)
      .count,
  'row by row': async (sql, key) => {
    const rows: unknown[] = []
    await sql.unsafe(RETURNING, [key]).forEach((row) => void rows.push(row))
    return rows
  },
  'by a cursor': async (sql, key) => {
    const all: unknown[] = []
    for await (const rows of sql.unsafe(RETURNING, [key]).cursor(1)) all.push(...rows)
    return all
  },
  'by a cursor that calls': async (sql, key) => {
    const all: unknown[] = []
    await sql.unsafe(RETURNING, [key]).cursor(1, (rows) => void all.push(...rows))
    return all
  },
}

/** Where it is sent. */
const PLACES: Readonly<
  Record<string, (sql: postgres.Sql, send: (on: postgres.Sql) => Promise<unknown>) => Promise<unknown>>
> = {
  'of the pool': (sql, send) => send(sql),
  'in a transaction': (sql, send) =>
    sql.begin(async (tx) => {
      await tx`select 1`
      const answers = [await send(tx as never), [...(await tx`select 2 as two`)]]
      return answers
    }),
  'in a savepoint': (sql, send) => sql.begin((tx) => tx.savepoint((inner) => send(inner as never))),
  'of a reserved connection, in a transaction': async (sql, send) => {
    const reserved = await sql.reserve()
    try {
      await reserved`begin`
      const answer = await send(reserved)
      await reserved`commit`
      return answer
    } finally {
      reserved.release()
    }
  },
}

interface App {
  readonly database: TestDatabase
  /** The upserts that the driver has sent. */
  readonly sent: string[]
  readonly sql: postgres.Sql
  readonly gate: Gate
}

async function start(
  major: PostgresMajor,
  script: string,
  instrument: (sql: postgres.Sql) => postgres.Sql,
): Promise<App> {
  const database = await createDatabase(major, { sql: script })
  const sent: string[] = []
  const sql = postgres(database.url, {
    ...{ max: 2, onnotice: () => undefined, connection: { 'app.held': 'yes' } as never },
    debug: (_, text) => {
      if (text.includes('on conflict')) sent.push(text)
    },
  })
  return { database, sent, sql: instrument(sql), gate: await Gate.on(database.url) }
}

async function stop({ database, sql, gate }: App): Promise<void> {
  await sql.end()
  await gate.close()
  await database.drop()
}

const overtaken = async ({ sql, gate }: App, key: string, work: (sql: postgres.Sql) => Promise<unknown>) => ({
  answer: await gate.overtake(
    () => work(sql),
    // Written by hand: in both columns, where there are two.
    () =>
      gate.rows(`insert into accounts select (json_populate_record(null::accounts, json_build_object(
      'id', nextval('accounts_id_seq'), 'hits', 1, 'login', '${key}', 'login_name', '${key}'))).*`),
  ),
  rows: await gate.rows(`select login, hits from accounts where login = '${key}'`),
})

describe.each(postgresMajors())('an upsert that is overtaken, by postgres-js on PostgreSQL %i', (major) => {
  let twin: App
  let own: App
  let runtime: Runtime
  const statements: StatementEvent[] = []
  let keys = 0

  beforeAll(async () => {
    const observer = { onStatement: (event: StatementEvent) => void statements.push(event) }
    runtime = await createRuntime({ migrations: MIGRATIONS, phases: readSwitch(MIGRATIONS), observer })
    twin = await start(major, UNTOUCHED, (sql) => sql)
    own = await start(major, BOTH_UNIQUE, (sql) => instrumentedSql(runtime, sql) as postgres.Sql)
  })
  afterAll(async () => {
    if (own) await stop(own)
    if (twin) await stop(twin)
    await runtime?.close()
  })

  describe.each(Object.entries(PLACES))('%s', (_, place) => {
    test.each(Object.entries(FORMS))('%s', async (_form, send) => {
      const key = `k${++keys}`
      const work = (sql: postgres.Sql) => place(sql, (on) => send(on, key))
      const wanted = await overtaken(twin, key, work)
      statements.length = 0
      own.sent.length = 0
      expect(await overtaken(own, key, work)).toEqual(wanted)
      expect([statements.length, own.sent.length]).toEqual([1, 2])
    })
  })
})
