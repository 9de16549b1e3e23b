import { openControl } from '@expand-contract/control'
import { renameColumn } from '@expand-contract/core'
import { readHiddenReaders } from '@expand-contract/runner'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCounters } from '../../packages/cli/src/measure/read-counters.ts'
import { postgresMajors } from '../support/postgres.ts'
import { type PostgresServer, urlOfDatabase } from '../support/postgres-server.ts'
import { startPostgres } from '../support/start-postgres.ts'
import { type CliProject, cliProject } from './run-cli.ts'

const migration = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })
const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })
`
const id = 'users.full_name'

/** It counts only where the server was started with it, so it has one of its own. */
describe.each(postgresMajors())('PostgreSQL %i: pg_stat_statements', (major) => {
  let server: PostgresServer
  let client: pg.Client
  let app: pg.Client
  let project: CliProject
  let loaded = false

  const words = (line: string): string[] => (line.match(/"[^"]*"|\S+/gu) ?? []).map((word) => word.replaceAll('"', ''))
  async function done(line: string) {
    const answer = await project.run(words(line))
    expect([line, answer.code, answer.code === 0 ? '' : answer.stdout + answer.stderr]).toEqual([line, 0, ''])
    return answer
  }

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { shared_preload_libraries: 'pg_stat_statements' } })
    const admin = new pg.Client({ connectionString: server.url() })
    await admin.connect()
    const preloaded = await admin.query(
      "select from pg_settings where name = 'shared_preload_libraries' and setting like '%pg_stat_statements%'",
    )
    loaded = preloaded.rowCount === 1
    const name = `ec_counted_${process.pid}`
    await admin.query(`create database ${name}`)
    await admin.end()
    const url = urlOfDatabase(server.url(), name)
    client = new pg.Client({ connectionString: url, application_name: 'operator' })
    app = new pg.Client({ connectionString: url, application_name: 'app' })
    await client.connect()
    await app.connect()
    await client.query(`create table users (id int primary key, name text); create table others (name text);
      insert into users select n, 'user ' || n from generate_series(1, 50) n`)
    // Not in the search path.
    if (loaded) await client.query('create schema "Stats"; create extension pg_stat_statements schema "Stats"')
    else console.log(`PostgreSQL ${major} was given and has not loaded pg_stat_statements: it was not tested there.`)
    project = await cliProject(url, DECLARATIONS, { hold: '1h' })
    await done('init --yes')
  })
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]()
    await client?.end()
    await app?.end()
    await server?.stop()
  })

  test('is read wherever it is installed, and knows what writes from what reads', async (context) => {
    if (!loaded) return context.skip('pg_stat_statements is not loaded')
    const look = async () => {
      const { statements = [] } = await readCounters(client, migration, 'expand_contract')
      const sum = (writes: boolean, of: 'calls' | 'rowsWritten' | 'walBytes' | 'totalMs') =>
        statements.reduce((total, each) => total + (each.writes === writes ? each[of] : 0), 0)
      return { sum }
    }
    const before = await look()
    for (const text of [
      'select name from users where id = $1',
      '/* a page */ select name from users where id = $1 for update',
      '-- a line\nwith one as (select name from users where id = $1 for no key update) select * from one',
    ])
      await app.query(text, [1])
    for (const text of [
      'update users set name = $1 where id = 1',
      '/* of ** a page **/ insert into users (id, name) values (1000, $1)',
      "with gone as (delete from users where id = 1000 and $1 <> '' returning id) select id from gone",
    ])
      await app.query(text, ['secret'])
    await app.query('select name from others')
    await app.query('select count(*) from expand_contract.migrations, users')
    const after = await look()
    const since = (writes: boolean, of: Parameters<typeof after.sum>[1]) =>
      after.sum(writes, of) - before.sum(writes, of)
    expect([since(false, 'calls'), since(true, 'calls')]).toEqual([3, 3])
    expect([since(false, 'rowsWritten'), since(true, 'rowsWritten')]).toEqual([0, 3])
    expect(since(true, 'walBytes')).toBeGreaterThan(0)
    expect([since(false, 'walBytes'), since(true, 'totalMs') > 0]).toEqual([0, true])
  })

  test('is what measure says of the server', async (context) => {
    if (!loaded) return context.skip('pg_stat_statements is not loaded')
    let measuring = true
    const traffic = (async () => {
      for (let turn = 0; measuring; turn++) {
        await app.query('select name from users where id = $1', [(turn % 50) + 1])
        await app.query('update users set name = $1 where id = $2', ['secret', (turn % 50) + 1])
      }
    })()
    const answer = await done(`measure ${id} --for 500ms --json`)
    const shown = await done(`measure ${id} --for 100ms --stage peak`)
    measuring = false
    await traffic
    expect(answer.json().at(-1)).toMatchObject({
      result: { migrations: [{ counted: true, measured: { stage: 'off', walPerRow: expect.any(Number) } }] },
    })
    const { measured } = Object(answer.json().at(-1)?.result).migrations[0]
    for (const figure of ['statementsPerSecond', 'p50Ms', 'p95Ms', 'p99Ms', 'walPerRow'])
      expect([figure, measured[figure] > 0]).toEqual([figure, true])
    expect(shown.stdout).toMatch(/p50 of means +\d/u)
    expect(answer.stdout + shown.stdout).not.toContain('secret')
  })

  test('names who has named the old column since it was set aside, and counts nothing that fails', async (context) => {
    if (!loaded) return context.skip('pg_stat_statements is not loaded')
    for (const line of [`expand ${id} --yes`, `backfill ${id}`, `verify ${id}`]) await done(line)
    await client.query('analyze users')
    for (const line of [`switch ${id} --yes`, `verify ${id}`, `contract ${id} --override soak --reason "a test" --yes`])
      await done(line)
    await app.query('select u.name from users u where u.id = $1', [1])
    await done(`hold ${id} --yes`)
    const { rows } = await client.query('select changed_at from expand_contract.migrations')
    const since: Date = rows[0].changed_at
    const look = () => readHiddenReaders({ control: openControl(client), client, migration }, { since })
    const counted = async () => (await look()).found.filter(({ kind }) => kind === 'statement')
    expect(await look()).toMatchObject({ counted: true })
    expect(await counted()).toEqual([])
    await expect(app.query('select u.name from users u where u.id = $1', [1])).rejects.toMatchObject({ code: '42703' })
    await app.query('select full_name as name from users where id = $1', [1])
    expect(await counted()).toEqual([])
    await app.query("select id as name from users where full_name <> 'secret'")
    // It names the new column as well: whoever follows the phases reads it by the old name.
    expect(await counted()).toEqual([])
    await app.query("select id as name from users where id <> length('secret')")
    expect(await counted()).toMatchObject([
      { who: 'a statement of postgres', statement: 'select id as name from users where id <> length($1)' },
    ])
    await client.query('select "Stats".pg_stat_statements_reset()')
    expect(await counted()).toEqual([])
  })
})
