import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'
import { type CliProject, cliProject } from './run-cli.ts'

const SCHEMA = `
  create table users (id int primary key, name text not null, email text);
  insert into users select n, 'user ' || n, 'u' || n from generate_series(1, 5000) n;`

const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'users-read-full-name' })
`

describe.each(postgresMajors())('PostgreSQL %i: the stages as commands', (major) => {
  let database: TestDatabase
  let client: pg.Client
  let project: CliProject

  beforeAll(async () => {
    database = await createDatabase(major, { sql: SCHEMA })
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
    project = await cliProject(database.url, DECLARATIONS)
  })
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]()
    await client?.end()
    await database?.drop()
  })

  const cli = (line: string) => project.run(line.split(' '))
  const id = 'users.full_name'
  const columns = async (): Promise<string[]> => {
    const { rows } = await client.query(
      "select attname from pg_attribute where attrelid = 'users'::regclass and attnum > 0 and not attisdropped order by attnum",
    )
    return rows.map((row) => row.attname)
  }

  test('from nothing to reads by the flag, and back to nothing', async () => {
    expect(await cli('status')).toMatchObject({ code: 2, stderr: expect.stringContaining('expand-contract init') })
    expect(await cli('init --yes')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Installed the control schema'),
    })
    expect(await cli('init --yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('is there already') })
    expect(await cli('status')).toMatchObject({ code: 0, stdout: expect.stringContaining('declared, not begun') })

    const plan = await cli(`plan ${id}`)
    expect(plan).toMatchObject({ code: 0, stdout: expect.stringContaining('ACCESS EXCLUSIVE') })
    expect(await columns()).toEqual(['id', 'name', 'email'])
    expect(await cli(`expand ${id}`)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(`expand-contract expand ${id} --yes`),
    })
    expect(await columns()).toEqual(['id', 'name', 'email'])
    expect(await cli(`expand ${id} --yes`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`[ok] Expanded ${id}`),
    })
    expect(await columns()).toEqual(['id', 'name', 'email', 'full_name'])
    expect(await cli(`expand ${id} --yes`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('expanded already'),
    })

    const refused = await cli(`switch ${id} --yes`)
    expect(refused).toMatchObject({ code: 3, stdout: expect.stringContaining('[no] backfilled') })
    expect(await cli(`verify ${id}`)).toMatchObject({ code: 4, stdout: expect.stringContaining('new_missing') })

    expect(await cli(`backfill ${id}`)).toMatchObject({ code: 0, stdout: expect.stringContaining('[ok] 5,000 rows') })
    expect(await cli(`verify ${id}`)).toMatchObject({ code: 0, stdout: expect.stringContaining('[ok] No row differs') })
    await client.query('analyze users')
    const { rows: triggers } = await client.query(
      "select tgname, pg_get_functiondef(tgfoid) as text from pg_trigger where tgrelid = 'users'::regclass and tgname like '~%'",
    )
    // Rows are in step and stay so no longer: a pass says nothing of that.
    await client.query(triggers[0].text.replace(/begin[\s\S]*end(?=\n)/u, 'begin return new; end'))
    expect(await cli(`switch ${id} --yes`)).toMatchObject({ code: 3, stdout: expect.stringContaining('[no] trigger') })
    expect(await cli(`expand ${id} --yes`)).toMatchObject({ code: 0 })
    expect(await cli(`switch ${id} --yes`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`[ok] Switched ${id}`),
    })
    expect(await cli(`status ${id}`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Phase:           switch'),
    })

    expect(await cli(`rollback ${id} --yes`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('expand again'),
    })
    expect(await cli(`rollback ${id}`)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(`--confirm users.full_name@${database.name}`),
    })
    expect(await columns()).toEqual(['id', 'name', 'email', 'full_name'])
    expect(await cli(`rollback ${id} --confirm users.full_name@${database.name}`)).toMatchObject({ code: 0 })
    expect(await columns()).toEqual(['id', 'name', 'email'])
    const { rows } = await client.query("select count(*)::int as n from pg_trigger where tgrelid = 'users'::regclass")
    expect(rows).toEqual([{ n: 0 }])

    expect(await cli(`expand ${id} --yes`)).toMatchObject({ code: 0 })
    const log = await cli('log --json')
    expect(log.json().at(-1)).toMatchObject({ ok: true, result: { events: expect.any(Array) } })
    expect(await cli('log')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/dana@ops-2.*phase.*operation=expand/u),
    })
  })
})
