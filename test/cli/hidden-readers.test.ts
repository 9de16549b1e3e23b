import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'
import { type CliProject, cliProject } from './run-cli.ts'

const SCHEMA = `
  create table users (id int primary key, name text, email text);
  insert into users select n, 'user ' || n, 'u' || n from generate_series(1, 50) n;
  create view listed as select id, name from users;`

const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })
`
const id = 'users.full_name'

describe.each(postgresMajors())('PostgreSQL %i: hidden readers', (major) => {
  let database: TestDatabase
  let client: pg.Client
  let hidden: pg.Client
  let project: CliProject

  const words = (line: string): string[] => (line.match(/"[^"]*"|\S+/gu) ?? []).map((word) => word.replaceAll('"', ''))
  const cli = async (line: string) => {
    const { code, stdout, stderr, json } = await project.run(words(line))
    return { code, json, text: `${stdout}\n${stderr}`.replaceAll(/\s+/gu, ' ') }
  }
  async function done(line: string) {
    const answer = await cli(line)
    expect([line, answer.code, answer.code === 0 ? '' : answer.text]).toEqual([line, 0, ''])
    return answer
  }

  beforeAll(async () => {
    database = await createDatabase(major, { sql: SCHEMA })
    client = new pg.Client({ connectionString: database.url, application_name: 'operator' })
    hidden = new pg.Client({ connectionString: database.url, application_name: 'report job' })
    await client.connect()
    await hidden.connect()
    project = await cliProject(database.url, DECLARATIONS, { hold: '1h' })
    for (const line of ['init --yes', `expand ${id} --yes`, `backfill ${id}`, `verify ${id}`]) await done(line)
    await client.query('analyze users')
    for (const line of [
      `switch ${id} --yes`,
      `verify ${id}`,
      `contract ${id} --override soak,dependents --reason "a test" --yes`,
    ])
      await done(line)
  })
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]()
    await client?.end()
    await hidden?.end()
    await database?.drop()
  })

  test('who would fail is named before the column is set aside, and nobody who reads the new one under the old name', async () => {
    await hidden.query("select full_name as name from users u where u.id = 1 and 'secret' <> ''")
    expect((await done(`status ${id}`)).text).not.toContain('Would fail')
    await hidden.query("select name from users where email = 'secret'")
    await client.query(
      'create function greet() returns text language plpgsql as $$ begin return (select name from users limit 1); end $$',
    )
    const said = (await done(`status ${id}`)).text
    expect(said).toContain('Would fail: [! ]')
    expect(said).toContain('report job as')
    expect(said).toContain('select name from users where email = $1')
    expect(said).not.toContain('secret')
    const { text } = await done(`hold ${id} --yes`)
    expect(text).toContain('would fail')
    expect(text).toContain('report job as')
    expect(text).toContain('greet(): its text names the old column')
  })

  test('who fails is named by status, the gate of drop refuses, and only on record it is skipped', async () => {
    await client.query('drop function greet()')
    expect((await done(`status ${id}`)).text).toContain('hidden')
    await hidden.query('begin')
    await expect(hidden.query("select id from users where name = 'secret'")).rejects.toMatchObject({ code: '42703' })
    const { text } = await done(`status ${id}`)
    expect(text).toContain('[no] hidden report job as')
    expect(text).toContain('idle in transaction (aborted)')
    expect(text).toContain('select id from users where name = $1')
    expect(text).not.toContain('secret')
    await hidden.query('rollback')

    await done(`backup ${id}`)
    await client.query(`update expand_contract.events set at = at - interval '2 hours'
      where kind = 'phase' and figures ->> 'to' = 'hold'`)
    // The session has sent something else since: what was written down stays.
    const failing = new pg.Client({ connectionString: database.url, application_name: 'nightly' })
    await failing.connect()
    await expect(failing.query('select u.name from public.users u')).rejects.toMatchObject({ code: '42703' })
    expect(await cli(`wait ${id} --for droppable --timeout 1ms`)).toMatchObject({ code: 6 })
    await failing.end()
    await client.query('drop view listed')
    const token = `users.name@${database.name}`
    const refused = await cli(`drop ${id} --confirm ${token}`)
    expect(refused).toMatchObject({ code: 3 })
    expect(refused.text).toContain('[no] hidden nightly as')
    expect(refused.text).toContain('select u.name from public.users u')
    expect(refused.text).toContain('--override hidden --reason')
    expect((await done('log')).text).toContain('hidden-reader')
    // Longer ago than the column must be held: nobody fails any more.
    await client.query(`update expand_contract.events set at = at - interval '90 minutes',
      figures = jsonb_set(figures, '{at}', to_jsonb(now() - interval '90 minutes')) where kind = 'hidden-reader'`)
    const quiet = async (): Promise<string> => (await done(`wait ${id} --for droppable --timeout 1ms`)).text
    expect(await quiet()).toContain('none seen since')
    // PostgreSQL counts a session's last transactions when it has ended, or some seconds later.
    await expect.poll(quiet, { timeout: 60_000 }).toContain('transactions rolled back')
  })

  test('drop says that nobody was seen, and --override hidden stands in the timeline', async () => {
    const token = `users.name@${database.name}`
    expect((await cli(`drop ${id}`)).text).toContain('readers: none seen since')
    await client.query(`insert into expand_contract.events (migration, kind, who, figures)
      values ('${id}', 'hidden-reader', 'test', '{"kind": "session", "who": "psql as dba"}')`)
    expect(await cli(`drop ${id} --confirm ${token}`)).toMatchObject({ code: 3 })
    await done(`drop ${id} --override hidden --reason "gone tomorrow" --confirm ${token}`)
    const { rows } = await client.query("select figures from expand_contract.events where kind = 'gate-overridden'")
    expect(rows.map(({ figures }) => figures.gate).sort()).toEqual(['dependents', 'hidden', 'soak'])
  })
})
