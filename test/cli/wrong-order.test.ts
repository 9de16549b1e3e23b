import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { catalogText } from '../life/catalog-text.ts'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { type CliProject, cliProject } from './run-cli.ts'

const SCHEMA = `
  create table users (id int primary key, name text not null, email text);
  insert into users select n, 'user ' || n, 'mail ' || n from generate_series(1, 500) n;`

const declared = (to = 'full_name', forward = 'name'): string => `
  import { defineMigration } from '@expand-contract/core'
  export const all = [defineMigration({ id: 'name', table: 'users', old: { name: 'text' }, new: { ${to}: 'text' },
    forward: { ${to}: "${forward}" }, backward: { name: '${to}' } })]
`

describe('a command in the wrong order is refused, and changes nothing', () => {
  let database: TestDatabase
  let client: pg.Client
  let project: CliProject

  beforeAll(async () => {
    database = await createDatabase(newestMajor(), { sql: SCHEMA })
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
    project = await cliProject(database.url, declared())
    await project.run(['init', '--yes'])
  })
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]()
    await client?.end()
    await database?.drop()
  })

  const token = (): string => `users.full_name@${database.name}`
  const run = async (line: string): Promise<{ readonly code: number; readonly said: string }> => {
    const { code, stdout, stderr } = await project.run([
      ...line.split(' ').map((word) => (word === '@' ? token() : word)),
      ...(config === undefined || line.startsWith('init') ? [] : ['--config', config]),
    ])
    return { code, said: stdout + stderr }
  }
  const ok = async (...lines: readonly string[]): Promise<void> => {
    for (const line of lines) expect(await run(line), line).toMatchObject({ code: 0 })
  }
  /** All that a command can change. */
  const everything = async (): Promise<unknown> => [
    await catalogText(client),
    (await client.query('select * from users order by id')).rows,
    (await client.query('select id, phase, epoch, declaration from expand_contract.migrations')).rows,
    (await client.query('select migration, relation, cursor_block from expand_contract.backfill_ranges')).rows,
    (await client.query('select count(*) from expand_contract.verifications')).rows,
    (await client.query('select migration, token from expand_contract.leases')).rows,
    (
      await client.query(
        "select proname, prosrc from pg_proc where pronamespace = 'expand_contract'::regnamespace order by 1, 2",
      )
    ).rows,
  ]
  const refused = async (line: string, code: number, said: RegExp): Promise<void> => {
    const before = await everything()
    const answer = await run(line)
    expect(answer, line).toEqual({ code, said: expect.stringMatching(said) })
    expect(await everything(), line).toEqual(before)
  }
  /** It says so, and has done a part. */
  const refusedLater = async (line: string, code: number, said: RegExp): Promise<void> => {
    expect(await run(line), line).toEqual({ code, said: expect.stringMatching(said) })
  }
  /** A module is loaded once, so each declaration is one of its own. */
  async function declare(text: string): Promise<void> {
    const file = `declared-${randomUUID()}.js`
    await writeFile(join(project.folder, file), text)
    config = `config-${file}`
    await writeFile(join(project.folder, config), `export default { migrations: './${file}' }`)
  }
  let config: string | undefined

  beforeEach(async () => {
    config = undefined
    await client.query(`drop table users; drop schema expand_contract cascade; ${SCHEMA}`)
    await ok('init --yes')
  })

  test('before expand', async () => {
    for (const command of ['backfill', 'verify', 'repair --yes', 'switch --yes', 'wait', 'pause', 'resume']) {
      const [name = '', ...flags] = command.split(' ')
      await refused([name, 'name', ...flags].join(' '), 3, /EC_(?:NOT_BEGUN|BACKFILL_NOT_EXPANDED): .*not begun/u)
    }
    const before = await everything()
    expect(await run('rollback name --yes')).toMatchObject({ code: 0, said: expect.stringContaining('is off') })
    expect(await everything()).toEqual(before)
  })

  test('before backfill, and before verify', async () => {
    await ok('expand name --yes')
    await refused('switch name --yes', 3, /\[no\] backfilled/u)
    expect(await run('verify name')).toMatchObject({ code: 4, said: expect.stringContaining('new_missing') })
    await refused('switch name --yes', 3, /\[no\] backfilled/u)
    await refused('pause name', 3, /EC_NOT_BEGUN: The backfill/u)
    await ok('backfill name')
    await client.query('analyze users')
    await refused('switch name --yes', 3, /\[no\] verified/u)
    await ok('verify name', 'switch name --yes')
    await refused('expand name --yes', 3, /EC_CONTROL_TRANSITION: .*in the phase switch/u)
  })

  test('with another declaration than the one that was begun with', async () => {
    await ok('expand name --yes', 'backfill name', 'verify name')
    await client.query('analyze users')
    for (const [text, said] of [
      [declared('full_name', 'upper(name)'), /EC_DECLARATION_CHANGED: .*forward of "full_name" was name/u],
      [declared('email'), /EC_DECLARATION_CHANGED: .*the new columns were "full_name"/u],
    ] as const) {
      await declare(text)
      for (const line of ['plan', 'expand', 'backfill', 'verify', 'repair', 'switch', 'wait', 'rollback'])
        await refused(`${line} name --yes`.replace(/(plan|verify|backfill|wait) name --yes/u, '$1 name'), 3, said)
      await refused(`rollback name --confirm users.email@${database.name}`, 3, said)
    }
    config = undefined
    await ok('switch name --yes', 'rollback name --yes', 'rollback name --confirm @')
    // Nothing of the first one is left, so another one may begin.
    await declare(declared('nick'))
    await ok('expand name --yes', 'backfill name', 'verify name')
  })

  test('a rollback that has not finished keeps its declaration', async () => {
    await ok('expand name --yes')
    const { rows } =
      await client.query(`insert into expand_contract.instances (id, application, library_version, role, lease_ms, every_ms, declarations)
      values ('old', 'web', '0', current_user, 100, 600000, '{"name": "x"}') returning id`)
    expect(rows).toHaveLength(1)
    await refusedLater('rollback name --confirm @ --wait 0ms', 6, /EC_NOT_ACKNOWLEDGED: 1 of 1 processes.*old/u)
    await declare(declared('email'))
    await refused('expand name --yes', 3, /EC_DECLARATION_CHANGED/u)
    await refused(`rollback name --confirm users.email@${database.name}`, 3, /EC_DECLARATION_CHANGED/u)
    config = undefined
    for (const command of ['backfill', 'verify', 'repair --yes', 'switch --yes']) {
      const [name = '', ...flags] = command.split(' ')
      await refused([name, 'name', ...flags].join(' '), 3, /EC_(?:NOT_BEGUN|BACKFILL_NOT_EXPANDED)/u)
    }
    await client.query('delete from expand_contract.instances')
    await ok('rollback name --confirm @', 'expand name --yes')
  })

  test('a declaration that was taken away', async () => {
    await ok('expand name --yes')
    await declare(declared('email').replace("id: 'name'", "id: 'other'"))
    await refused('rollback name --confirm @', 2, /EC_NO_SUCH_MIGRATION: No migration "name" is declared/u)
    expect(await run('status')).toMatchObject({
      code: 0,
      said: expect.stringMatching(/\[no\] +name .*declared no more/u),
    })
    expect(await run('status --exit-code')).toMatchObject({ code: 4 })
  })

  test('a column that is somebody else’s', async () => {
    await declare(declared('email'))
    await refused('expand name --yes', 3, /EC_COLUMN_IN_USE: .*"email".*users/u)
    await refused(`rollback name --confirm users.email@${database.name}`, 0, /is off/u)
    await client.query('update users set email = null')
    await ok('expand name --yes', 'backfill name', 'verify name')
  })

  test('another database', async () => {
    const other = await createDatabase(newestMajor())
    const elsewhere = new pg.Client({ connectionString: other.url })
    try {
      await elsewhere.connect()
      const there = (line: string) => project.run(line.split(' '), { env: { DATABASE_URL: other.url } })
      expect(await there('expand name --yes')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('expand-contract init'),
      })
      await there('init --yes')
      for (const line of ['plan name', 'expand name --yes'])
        expect(await there(line)).toMatchObject({
          code: 3,
          stderr: expect.stringMatching(/EC_TABLE_MISSING: .*"users".*name/u),
        })
      expect(await there('backfill name')).toMatchObject({ code: 3 })
      await elsewhere.query(SCHEMA)
      await there('expand name --yes')
      // Consent names the database as well.
      expect(await there(`rollback name --confirm ${token()}`)).toMatchObject({
        code: 5,
        stderr: expect.stringContaining(`@${other.name}`),
      })
    } finally {
      await elsewhere.end()
      await other.drop()
    }
  })
})
