import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands } from '../../packages/cli/src/commands/commands.ts'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { onStatement } from './on-statement.ts'
import { type CliProject, cliProject, runCli } from './run-cli.ts'

const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const all = [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })]
`
const id = 'users.full_name'
const MAIN = join(import.meta.dirname, '../../packages/cli/src/main.ts')
const takesId = commands.filter(({ usage }) => usage.includes('<id>')).map(({ name }) => name)

describe('the command line', () => {
  let database: TestDatabase
  let client: pg.Client
  let project: CliProject

  beforeAll(async () => {
    database = await createDatabase(newestMajor(), {
      sql: "create table users (id int primary key, name text); insert into users select n, 'user ' || n from generate_series(1, 20000) n;",
    })
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
    project = await cliProject(database.url, DECLARATIONS)
    await project.run(['init', '--yes'])
  })
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]()
    await client?.end()
    await database?.drop()
  })

  const columns = async (): Promise<number> => {
    const { rows } = await client.query(
      "select count(*)::int as n from pg_attribute where attrelid = 'users'::regclass and attnum > 0",
    )
    return rows[0].n
  }

  test.each(commands.map(({ name }) => name))(
    '%s with a mistyped flag ends with 2 and touches nothing',
    async (name) => {
      const answer = await project.run([name, ...(takesId.includes(name) ? [id] : []), '--dry-rnu', '--yes'])
      expect(answer).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--dry-rnu') })
      expect(await columns()).toBe(2)
    },
  )

  test.each(takesId)('%s without an id ends with 2, and says so', async (name) => {
    expect(await project.run([name])).toMatchObject({ code: 2, stderr: expect.stringContaining('id') })
  })

  test.each(takesId)('%s of an unknown id names those that are declared', async (name) => {
    expect(await project.run([name, 'users.x', '--yes'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        new RegExp(`EC_NO_SUCH_MIGRATION.*\\n.*expand-contract ${name} users\\.full_name`, 'u'),
      ),
    })
  })

  test.each(commands.map(({ name }) => name))(
    '%s --help has two examples, exit codes, and no value of the environment',
    async (name) => {
      const { code, stdout } = await project.run([name, '--help'])
      expect(code).toBe(0)
      expect(stdout.match(/\$ expand-contract /gu)?.length).toBeGreaterThanOrEqual(2)
      expect(stdout).toContain('Exit codes')
      expect(stdout).not.toContain(database.url)
    },
  )

  test('with --json stdout is JSON, and its last line the result, also of an error', async () => {
    const fine = await project.run(['status', '--json'])
    expect(fine.json().at(-1)).toMatchObject({ type: 'result', ok: true, exitCode: 0, command: 'status' })
    const bad = await project.run(['expand', 'users.x', '--json'])
    expect(bad).toMatchObject({ code: 2 })
    expect(bad.json()).toEqual([
      expect.objectContaining({
        type: 'result',
        ok: false,
        exitCode: 2,
        error: expect.objectContaining({ code: 'EC_NO_SUCH_MIGRATION' }),
      }),
    ])
    const refused = await project.run(['expand', id, '--json'])
    expect(refused.json().at(-1)).toMatchObject({ exitCode: 5, error: { code: 'EC_CONSENT' } })
  })

  test('no output has a password in it, whatever goes wrong', async () => {
    const secret = 'hunter2-s3cret'
    const urls = [
      `postgres://nobody:${secret}@127.0.0.1:1/x`,
      `postgres://nobody:${secret}@[::bad/x`,
      `${database.url.replace(/\/\/[^@]*@/u, `//nobody:${secret}@`)}`,
      `postgres//nobody:${secret}@127.0.0.1/x`,
    ]
    for (const url of urls)
      for (const args of [['status'], ['status', '--json'], ['status', '--url', url]]) {
        const { code, stdout, stderr } = await project.run(args, { env: { DATABASE_URL: url } })
        expect(code).toBe(2)
        expect(stdout + stderr).not.toContain(secret)
      }
  })

  test('without a database it says how one is named', async () => {
    const answer = await project.run(['status'], { env: { DATABASE_URL: '' } })
    expect(answer).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/EC_CONNECTION.*\n.*DATABASE_URL.*--env-file/u),
    })
  })

  test('outside of a project it says what is missing', async () => {
    const answer = await runCli(['status'], { cwd: '/', env: { DATABASE_URL: database.url } })
    expect(answer).toMatchObject({ code: 2, stderr: expect.stringContaining('EC_DECLARATIONS') })
    expect(await project.run(['status', '--config', 'nowhere.ts'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('EC_CONFIG'),
    })
    expect(await project.run(['status', '--env-file', 'nowhere.env'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('EC_CONFIG'),
    })
  })

  test('SIGINT ends a backfill after its batch, with 130; the next one goes on from there', async () => {
    await project.run(['expand', id, '--yes'])
    const stopped = await project.run(['backfill', id, '--batch-time', '1ms', '--json'], {
      onListen: (send) => onStatement(/"filled" AS/u, () => send('SIGINT'), 3),
    })
    const last = stopped.json().at(-1) as {
      readonly exitCode: number
      readonly result: { readonly blocksDone: number }
    }
    expect([stopped.code, last.exitCode]).toEqual([130, 130])
    expect(last.result.blocksDone).toBeGreaterThan(0)
    const sessions = async (): Promise<unknown> =>
      (
        await client.query(
          `select count(*)::int as n from pg_stat_activity
           where application_name like 'expand-contract%' and datname = current_database()`,
        )
      ).rows[0].n
    await expect.poll(sessions, { timeout: 60_000 }).toBe(0)
    const done = await project.run(['backfill', id, '--json'])
    expect(done.json().at(-1)).toMatchObject({ exitCode: 0, result: { done: true, rows: 20_000 } })
  })

  test('pause and resume reach a backfill, and are refused where there is none', async () => {
    expect(await project.run(['pause', id, '--reason', 'month end'])).toMatchObject({ code: 0 })
    const { rows } = await client.query('select paused, paused_by, reason from expand_contract.backfills')
    expect(rows).toEqual([{ paused: true, paused_by: 'dana@ops-2', reason: 'month end' }])
    expect(await project.run(['resume', id, '--rate', '5000'])).toMatchObject({ code: 0 })
    expect(await project.run(['resume', id, '--rate', 'many'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--rate'),
    })
  })

  test('a second operator is told who works, since when, with 6', async () => {
    await client.query(
      `insert into expand_contract.leases (migration, token, operation, who, until) values ('${id}', gen_random_uuid(), 'expand', 'tom@ops-1', now() + interval '1 minute')`,
    )
    await client.query(`alter table users disable trigger all`)
    expect(await project.run(['expand', id, '--yes'])).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(/EC_OPERATOR: tom@ops-1 runs "expand users\.full_name" since/u),
    })
    await client.query('delete from expand_contract.leases')
    expect(await project.run(['expand', id, '--yes'])).toMatchObject({ code: 0 })
  })

  test('as a process of its own: closed stdin, no terminal, no escape sequence', async () => {
    const run = promisify(execFile)
    const child = run(process.execPath, ['--conditions=@expand-contract/source', MAIN, 'expand', 'users.nothing'], {
      cwd: project.folder,
      env: { PATH: process.env.PATH, DATABASE_URL: database.url },
    })
    child.child.stdin?.end()
    const failed = await child.catch(
      (error: unknown) => error as { readonly code: number; readonly stdout: string; readonly stderr: string },
    )
    expect(failed).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('EC_NO_SUCH_MIGRATION') })
    expect((failed as { readonly stderr: string }).stderr).not.toContain('\u001B')
  })

  test.each(['bash', 'zsh', 'fish', 'powershell'])('completion of %s names every command', async (shell) => {
    const { code, stdout } = await project.run(['completion', shell])
    expect(code).toBe(0)
    for (const { name } of commands) expect(stdout).toContain(name)
  })

  test('a configuration in TypeScript, with paths and enums', async () => {
    await using typescript = await cliProject(database.url, DECLARATIONS)
    const write = (file: string, text: string) => writeFile(join(typescript.folder, file), text)
    await write('tsconfig.json', '{"compilerOptions":{"paths":{"@db/*":["./db/*"]}}}')
    await write(
      'migrations.ts',
      `import { renameColumn } from '@expand-contract/core'\nenum Table { Users = 'users' }\nexport const all = [renameColumn({ table: Table.Users, from: 'name', to: 'nick', type: 'text' })]`,
    )
    await write(
      'expand-contract.config.ts',
      `import { defineConfig } from '@expand-contract/cli'\nexport default defineConfig({ migrations: './migrations.ts' })`,
    )
    expect(await typescript.run(['status'])).toMatchObject({ code: 0, stdout: expect.stringContaining('users.nick') })
  })

  test.each([
    ["export default { migrations: './nowhere.ts' }", 'EC_CONFIG_LOAD'],
    ["export default { migratoins: './migrations.ts' }", 'migratoins is no option'],
    ["export default { migrations: './empty.ts' }", 'EC_DECLARATIONS'],
    ["throw new Error('boom')", 'boom'],
  ])('%s is no configuration', async (text, said) => {
    await using wrong = await cliProject(database.url, DECLARATIONS)
    await writeFile(join(wrong.folder, 'empty.ts'), 'export const nothing = 1')
    await writeFile(join(wrong.folder, 'expand-contract.config.ts'), text)
    expect(await wrong.run(['status'])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(said) })
  })

  test('a declaration that cannot be says so itself, and no other loader is recommended', async () => {
    await using wrong = await cliProject(
      database.url,
      "import { renameColumn } from '@expand-contract/core'\nexport const a = renameColumn({ table: 'users', from: 'name', to: 'nick', type: 'text default 1' })",
    )
    const { code, stderr } = await wrong.run(['status'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/migrations\.js declares what cannot be: EC_TYPE: The type "text default 1"/u)
    expect(stderr).not.toContain('loader')
  })

  test('declarations of a Drizzle schema and of a TypeORM data source', async () => {
    await using orms = await cliProject(database.url, DECLARATIONS)
    const write = (file: string, text: string) => writeFile(join(orms.folder, file), text)
    await write(
      'schema.ts',
      `import { migrating } from '@expand-contract/drizzle'
       import { integer, pgTable, text } from 'drizzle-orm/pg-core'
       export const users = pgTable('users', { id: integer('id').primaryKey(), name: migrating(text('name'), { to: text('by_drizzle') }) })`,
    )
    await write(
      'data-source.js',
      `import { MigratingDataSource, migratingSchema } from '@expand-contract/typeorm'
       import { EntitySchema } from 'typeorm'
       const User = migratingSchema(new EntitySchema({ name: 'User', tableName: 'users', columns: { id: { type: 'int', primary: true }, name: { type: 'text', nullable: true } } }), { name: { to: { name: 'by_typeorm', type: 'text' } } })
       export const dataSource = new MigratingDataSource({ type: 'postgres', entities: [User] })`,
    )
    await write(
      'expand-contract.config.js',
      "export default { drizzle: { schema: './schema.ts' }, typeorm: { dataSource: './data-source.js' } }",
    )
    const both = await orms.run(['status'])
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('EC_CONFLICT') })
    await write('a.config.js', "export default { drizzle: { schema: './schema.ts' } }")
    await write('b.config.js', "export default { typeorm: { dataSource: './data-source.js' } }")
    await write('c.config.js', "export default { typeorm: { dataSource: './migrations.js' } }")
    expect(await orms.run(['status', '--config', 'a.config.js'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('users.by_drizzle'),
    })
    expect(await orms.run(['status', '--config', 'b.config.js'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('users.by_typeorm'),
    })
    expect(await orms.run(['status', '--config', 'c.config.js'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('MigratingDataSource'),
    })
  })
})
