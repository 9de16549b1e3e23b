import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { type CliProject, cliProject } from './run-cli.ts'
import { noTerminal, type RunInTerminal, runInTerminal, type TerminalRun } from './terminal.ts'

const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const all = [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })]
`
const id = 'users.full_name'

if (noTerminal !== undefined) console.log(`test/cli/terminal.test.ts did not run: ${noTerminal}`)

describe.runIf(noTerminal === undefined)('in a terminal', () => {
  let database: TestDatabase
  let client: pg.Client
  let project: CliProject

  beforeAll(async () => {
    database = await createDatabase(newestMajor(), {
      sql: "create table users (id int primary key, name text); insert into users select n, 'user ' || n from generate_series(1, 2000) n;",
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

  function run(args: readonly string[], onWrite?: RunInTerminal['onWrite']): Promise<TerminalRun> {
    const env = { DATABASE_URL: database.url }
    return runInTerminal(args, { cwd: project.folder, env, columns: 100, ...(onWrite !== undefined && { onWrite }) })
  }

  /** Once, as soon as something was written. */
  const once = (what: string, act: () => void): ((written: string) => void) => {
    let done = false
    return (written) => {
      if (done || !written.includes(what)) return
      done = true
      act()
    }
  }

  test('expand waits for a lock with a table of those who hold it, which is gone at the end', async () => {
    await client.query('begin; lock table users in access share mode')
    const { code, screen, written } = await run(
      ['expand', id, '--yes', '--lock-timeout', '50ms'],
      once('pg_terminate_backend', () => void client.query('rollback')),
    )
    expect(code).toBe(0)
    expect(written).toMatch(/waiting for ACCESS EXCLUSIVE on .*users.*: try \d+, next in/u)
    expect(written).toMatch(/PID +APPLICATION +ROLE +STATE +SINCE +LAST STATEMENT/u)
    expect(written).toMatch(/oldest: select pg_terminate_backend\(\d+\);/u)
    const text = screen.join('\n')
    expect(text).not.toMatch(/held up by|pg_terminate_backend|waiting for/u)
    expect(text).toContain(` \u2714   Expanded ${id}`)
    expect(screen.at(-1)).toBe(`Next:  expand-contract backfill ${id}`)
  })

  test('a backfill draws one block, says why it waits, and leaves the result alone', async () => {
    await client.query('create table hush as select true as now')
    const { code, screen, written } = await run(
      ['backfill', id, '--throttle-query', 'select now from hush'],
      once('WAITING for', () => void client.query('update hush set now = false')),
    )
    expect(code).toBe(0)
    expect(written).toContain('your query says so')
    expect(written).toContain('Ctrl-C stops after this batch')
    expect(screen.join('\n')).not.toMatch(/Ctrl-C stops|state {4}|WAITING/u)
    expect(screen[0]).toMatch(/^config /u)
    expect(screen[1]).toMatch(/^ \u2714 {3}2,000 rows of users\.full_name are filled/u)
  })

  test('status --watch is drawn again, and ends with Ctrl-C, 130 and one screen', async () => {
    let typed = false
    const { code, screen, written } = await run(['status', id, '--watch'], (seen, type) => {
      if (typed || !seen.includes('Way back:')) return
      typed = true
      type('\u0003')
    })
    expect(code).toBe(130)
    expect(written).toContain('Interrupt received')
    expect(screen.filter((line) => line.startsWith('Name:'))).toHaveLength(1)
    expect(screen.filter((line) => line.startsWith('Way back:'))).toHaveLength(1)
  })

  test.each([
    ['Return', '\r', 5],
    ['Escape', '\u001B', 5],
    ['Ctrl-C', '\u0003', 5],
    ['y', 'y', 0],
  ])('a question that is answered by %s', async (_, key, code) => {
    let asked = false
    const answered = await run(['init'], (written, type) => {
      if (asked || !written.includes('Continue?')) return
      asked = true
      type(key)
    })
    expect([asked, answered.code]).toEqual([true, code])
  })
})
