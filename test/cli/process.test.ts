import { execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands } from '../../packages/cli/src/commands/commands.ts'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { type CliProject, cliProject } from './run-cli.ts'

const MAIN = join(import.meta.dirname, '../../packages/cli/src/main.ts')
const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const all = [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })]
`
const id = 'users.full_name'

/** How each command ends in a database in which nothing but `init` was run. */
const ENDS: Readonly<Record<string, number>> = {
  ...{ init: 5, plan: 0, doctor: 0, expand: 5, backfill: 3, pause: 3, resume: 3, verify: 3, repair: 3, switch: 3 },
  ...{ contract: 3, hold: 3, unhold: 3, backup: 3, drop: 3, restore: 3, wait: 3, rollback: 0, status: 0, log: 0 },
  ...{ measure: 0, runbook: 3, check: 0, completion: 0, help: 0, '--version': 0 },
}

/** What a command would take ten minutes for, or compare this checkout with. */
const MORE: Readonly<Record<string, readonly string[]>> = { measure: ['--for', '1s'], check: ['--base', 'HEAD'] }

/** A repository of its own: what `check` says must not depend on what somebody is changing here. */
function commitAll(cwd: string): void {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=dana', '-c', 'user.email=dana@example.org', ...args], { cwd, env })
  git('init', '--quiet', '--initial-branch', 'main')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'files')
}

/** Each as its own process: stdin closed, stdout a pipe, stderr a file. */
describe('as a process without a terminal', () => {
  let database: TestDatabase
  let client: pg.Client
  let project: CliProject
  let before: unknown
  const role = { name: '', password: 'h2nter-s3cret-of-the-server' }

  const state = async (): Promise<unknown> => {
    const { rows } =
      await client.query(`select (select json_agg(a.attname) from pg_attribute a where a.attrelid = 'users'::regclass and attnum > 0) as columns,
      (select count(*)::int from pg_trigger where tgrelid = 'users'::regclass) as triggers, (select count(*)::int from expand_contract.events where kind <> 'measured') as events,
      (select count(*)::int from expand_contract.migrations) as migrations`)
    return rows
  }

  beforeAll(async () => {
    database = await createDatabase(newestMajor(), { sql: 'create table users (id int primary key, name text);' })
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
    role.name = `role_${database.name}`
    await client.query(`create role "${role.name}" superuser login password '${role.password}'`)
    const url = new URL(database.url)
    url.username = role.name
    url.password = role.password
    project = await cliProject(url.href, DECLARATIONS)
    commitAll(project.folder)
    await project.run(['init', '--yes'])
    before = await state()
  })
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]()
    await client?.query(`drop owned by "${role.name}" cascade; drop role "${role.name}"`)
    await client?.end()
    await database?.drop()
  })

  async function run(args: readonly string[]) {
    const file = join(project.folder, `stderr-${args.join('-').replaceAll('/', '')}`)
    const stderr = openSync(file, 'w')
    const url = new URL(database.url)
    url.username = role.name
    url.password = role.password
    const child = spawn(process.execPath, ['--conditions=@expand-contract/source', MAIN, ...args], {
      cwd: project.folder,
      env: { PATH: process.env.PATH, HOME: project.folder, DATABASE_URL: url.href, LANG: 'C.UTF-8' },
      stdio: ['ignore', 'pipe', stderr],
    })
    let stdout = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
    closeSync(stderr)
    return { code, stdout, stderr: readFileSync(file, 'utf8') }
  }

  const argsOf = ({ name, usage }: (typeof commands)[number]): readonly string[] => [
    name,
    ...(usage.includes('<id>') ? [id] : []),
    ...(MORE[name] ?? []),
  ]

  test.concurrent.each([...commands.map(argsOf), ['completion', 'bash'], ['help'], ['help', 'gates'], ['--version']])(
    '%s %s ends by itself, asks nothing and paints nothing',
    async (...args) => {
      const { code, stdout, stderr } = await run(args.filter((arg) => arg !== undefined))
      const name = args[0] ?? ''
      expect([name, code, code === ENDS[name] ? '' : stderr]).toEqual([name, ENDS[name], ''])
      const all = stdout + stderr
      expect(all).not.toContain('\u001B')
      expect(all).not.toMatch(/Continue\?|Type .* to go on/u)
      expect(all).not.toContain(role.password)
    },
  )

  test('what each ends with is known', () => {
    expect(commands.map(({ name }) => name).filter((name) => ENDS[name] === undefined)).toEqual([])
  })

  test('and has changed nothing', async () => {
    expect(await state()).toEqual(before)
  })
})
