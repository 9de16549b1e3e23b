import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { type CliAnswer, type CliProject, cliProject } from './run-cli.ts'

const SCHEMA = `
  create table users (id int primary key, name text not null);
  insert into users select n, 'user ' || n from generate_series(1, 500) n;
  create table hold ();`
const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const all = [renameColumn({ id: 'name', table: 'users', from: 'name', to: 'full_name' })]`

describe('two operators at once', () => {
  let database: TestDatabase
  let client: pg.Client
  let project: CliProject

  beforeEach(async () => {
    database = await createDatabase(newestMajor(), { sql: SCHEMA })
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
    project = await cliProject(database.url, DECLARATIONS)
    await project.run(['init', '--yes'])
  })
  afterEach(async () => {
    await project?.[Symbol.asyncDispose]()
    await client?.end()
    await database?.drop()
  })

  const run = (line: string, options = {}): Promise<CliAnswer> =>
    project.run(line.replace('@', `users.full_name@${database.name}`).split(' '), options)
  const until = (sql: string): Promise<void> =>
    expect.poll(async () => (await client.query(sql)).rowCount, { timeout: 60_000 }).toBeGreaterThan(0)
  const columns = async (): Promise<readonly string[]> =>
    (
      await client.query(
        "select attname from pg_attribute where attrelid = 'users'::regclass and attnum > 0 and not attisdropped",
      )
    ).rows.map(({ attname }) => attname)

  /** Somebody who holds the table that a backfill asks, so that this waits in its question, with its lease. */
  async function holding(): Promise<pg.Client> {
    await client.query('insert into hold default values')
    const holder = new pg.Client({ connectionString: database.url })
    await holder.connect()
    await holder.query('begin; lock table hold in access exclusive mode')
    return holder
  }

  test('one who waits for a lock is named, and nobody else changes the migration meanwhile', async () => {
    const holder = new pg.Client({ connectionString: database.url })
    await holder.connect()
    await holder.query('begin; select from users limit 1')
    const first = run('expand name --yes')
    await until('select from expand_contract.leases where until > now()')
    // status says who works, and nothing to do meanwhile.
    for (const line of ['status name --json', 'status --json']) {
      const told = (await run(line)).json().at(-1)
      const { result } = told as { readonly result: { readonly migrations?: readonly object[] } }
      expect(told).toMatchObject({ next: [] })
      expect(result.migrations?.[0] ?? result).toMatchObject({ turn: 'working', state: 'expand by dana@ops-2' })
    }
    for (const line of ['expand name --yes', 'expand name --yes --json'])
      expect(await run(line)).toMatchObject({
        code: 6,
        [line.endsWith('json') ? 'stdout' : 'stderr']: expect.stringMatching(
          /EC_OPERATOR.*dana@ops-2 runs .{1,2}expand name.{1,2} since [\d: -]+ UTC \(pid 90211, version \S+\).*Nothing was changed/su,
        ),
      })
    await holder.query('commit')
    expect(await first).toMatchObject({ code: 0 })
    await holder.end()
  })

  test('a rollback beside a backfill is refused while that runs, which names who runs it', async () => {
    await run('expand name --yes')
    const holder = await holding()
    let stop: ((signal: 'SIGINT') => void) | undefined
    const filling = project.run(['backfill', 'name', '--throttle-query', 'select exists (select from hold)'], {
      onListen: (send) => {
        stop = send
      },
    })
    await until('select from expand_contract.backfill_ranges where lease_until > now()')
    expect(await run('rollback name --confirm @')).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(/EC_OPERATOR: dana@ops-2 fills rows of name.*\n.*Ctrl-C/u),
    })
    expect(await columns()).toEqual(['id', 'name', 'full_name'])
    expect(await run('switch name --yes')).toMatchObject({ code: 3 })
    stop?.('SIGINT')
    await holder.end()
    expect(await filling).toMatchObject({ code: 130 })
    expect(await run('rollback name --confirm @')).toMatchObject({ code: 0 })
    expect(await columns()).toEqual(['id', 'name'])
  })

  test('a backfill that goes on behind a rollback is refused, and has filled nothing more', async () => {
    await run('expand name --yes')
    const holder = await holding()
    const filling = project.run(['backfill', 'name', '--throttle-query', 'select exists (select from hold)'])
    await until('select from expand_contract.backfill_ranges where lease_until > now()')
    // As if it had been away for longer than its lease: a machine that slept.
    await client.query("update expand_contract.backfill_ranges set lease_until = now() - interval '1 minute'")
    expect(await run('rollback name --confirm @')).toMatchObject({ code: 0 })
    await holder.query('delete from hold; commit')
    await holder.end()
    expect(await filling).toMatchObject({ code: 3, stderr: expect.stringContaining('EC_BACKFILL_NOT_EXPANDED') })
    expect(await run('expand name --yes')).toMatchObject({ code: 0 })
    expect(await run('backfill name')).toMatchObject({ code: 0, stdout: expect.stringContaining('500 rows') })
  })

  test('a rollback that has waited too long drops nothing of what was begun anew', async () => {
    await run('expand name --yes')
    await client.query(`insert into expand_contract.instances (id, application, library_version, role, lease_ms, every_ms, declarations)
      values ('old', 'web', '0', current_user, 100, 600000, '{"name": "x"}')`)
    const rolling = run('rollback name --confirm @')
    await until("select from expand_contract.migrations where phase = 'off'")
    await client.query('delete from expand_contract.leases')
    expect(await run('expand name --yes')).toMatchObject({ code: 0 })
    await client.query('delete from expand_contract.instances')
    expect(await rolling).toMatchObject({ code: 3, stderr: expect.stringContaining('EC_CONTROL_MOVED') })
    expect(await columns()).toEqual(['id', 'name', 'full_name'])
    expect(await run('backfill name')).toMatchObject({ code: 0 })
    expect(await run('verify name')).toMatchObject({ code: 0 })
  })
})
