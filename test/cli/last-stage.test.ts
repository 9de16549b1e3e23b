import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'
import { type CliProject, cliProject } from './run-cli.ts'

const SCHEMA = `
  create table users (id int primary key, name text not null default 'nobody', email text);
  insert into users select n, 'user ' || n, 'u' || n from generate_series(1, 500) n;`

const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'users-read-full-name' })
`
const id = 'users.full_name'

/** A process that has reported just now, with what it reads. */
const REPORT = `insert into expand_contract.instances (id, application, library_version, role, lease_ms, every_ms, acknowledged, declarations, reads, started_at)
  select 'web-1', 'web', '1', 'web', 100, 3600000, jsonb_build_object(id, epoch), jsonb_build_object(id, declaration_hash),
    jsonb_build_object(id, '{"old": 0, "new": 9, "oldRate": 0, "newRate": 1}'::jsonb), now() - interval '30 days' from expand_contract.migrations
  on conflict (id) do update set acknowledged = excluded.acknowledged, reads = excluded.reads, heartbeat_at = clock_timestamp()`

describe.each(postgresMajors())('PostgreSQL %i: the last stage as commands', (major) => {
  let database: TestDatabase
  let client: pg.Client
  let project: CliProject

  beforeAll(async () => {
    database = await createDatabase(major, { sql: SCHEMA })
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
    project = await cliProject(database.url, DECLARATIONS)
    for (const line of ['init --yes', `expand ${id} --yes`, `backfill ${id}`, `verify ${id}`]) await done(line)
    await client.query('analyze users')
    await done(`switch ${id} --yes`)
  })
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]()
    await client?.end()
    await database?.drop()
  })

  const words = (line: string): string[] => (line.match(/"[^"]*"|\S+/gu) ?? []).map((word) => word.replaceAll('"', ''))
  const cli = (line: string) => project.run(words(line))
  async function done(line: string) {
    const answer = await cli(line)
    expect([line, answer.code, answer.code === 0 ? '' : answer.stderr + answer.stdout]).toEqual([line, 0, ''])
    return answer
  }
  const phase = async (): Promise<string> =>
    (await client.query('select phase from expand_contract.migrations where id = $1', [id])).rows[0].phase
  /** What is written, as psql would run it. */
  const isSql = async (sql: string): Promise<void> => {
    const without = sql.replaceAll(/^(?:BEGIN|COMMIT);$/gmu, '')
    await client.query(`begin; ${without}; rollback`)
  }

  test('contract is refused for each gate, with who, since when and what to do', async () => {
    const first = await cli(`contract ${id} --yes`)
    expect(first.code).toBe(3)
    for (const part of [
      'Refused (EC_GATE)',
      'stays in phase switch',
      '[no] soak',
      'no live process',
      '[no] verified',
      '[ok] inventory',
      '[ok] dependents',
    ])
      expect(first.stdout).toContain(part)
    await done(`verify ${id}`)
    await client.query(REPORT)
    await client.query(`update expand_contract.migrations set changed_at = now() - interval '20 days'`)
    await done(`wait ${id} --for soaked --timeout 1ms`)

    // A statement that stays on the old column, what hangs on it in the database, and a writer that bypasses the application.
    await client.query(`insert into expand_contract.statements (migration, fingerprint, application, side, outcome, reason, kind, text, count, last_instance)
      values ('${id}', 'f', 'web', 'old', 'kept', 'whole-row', 'SELECT', 'select to_tsvector(u) from users u', 1, 'web-1')`)
    await client.query(`create view active_users as select id, name from users;
      create function greet() returns text language sql as 'select name from users limit 1';
      create policy own on users using (name = current_user)`)
    await client.query(`update users set name = 'By hand' where id = 1`)
    const refused = await cli(`contract ${id} --yes`)
    expect(refused.code).toBe(3)
    for (const part of [
      ...[
        '[no] soak',
        'it started again 1 time',
        'somebody wrote past the application',
        `--override soak --reason "..."`,
      ],
      ...['[no] inventory', 'web-1: kept (whole-row)', 'select to_tsvector(u) from users u'],
      ...['[no] dependents', 'view public.active_users', 'policy own ON public.users', 'function public.greet()'],
      ...['CREATE OR REPLACE VIEW public.active_users AS SELECT', 'ALTER POLICY own ON public.users USING'],
    ])
      expect(refused.stdout.replaceAll(/\s+/gu, ' ')).toContain(part)
    const log = await done('log')
    expect(log.stdout).toContain('soak-restarted')
    expect(await cli(`status ${id}`)).toMatchObject({ code: 0, stdout: expect.stringContaining('Blocks contract') })

    for (const gate of ['inventory', 'acknowledged', 'backup', 'verified', 'nonsense'])
      expect(await cli(`contract ${id} --override ${gate} --reason "why not" --yes`)).toMatchObject({ code: 2 })
    expect(await cli(`contract ${id} --override soak --yes`)).toMatchObject({ code: 2 })
    // It skips the soak alone.
    expect(await cli(`contract ${id} --override soak --reason "it is new" --yes`)).toMatchObject({ code: 3 })
    await client.query(`drop view active_users; drop function greet(); drop policy own on users;
      delete from expand_contract.statements where migration = '${id}' and outcome in ('kept', 'refused')`)
    expect(await cli(`hold ${id} --yes`)).toMatchObject({ code: 3 })
    expect(await phase()).toBe('switch')
  })

  test('contract, hold, unhold and back, each with what it does as SQL, its figures, and 0 rows lost', async () => {
    await client.query(REPORT)
    const dry = await done(`contract ${id} --dry-run`)
    expect(dry.stdout).toContain('-- not met yet: soak')
    await isSql(dry.stdout)
    expect(await cli(`contract ${id}`)).toMatchObject({ code: 3 })
    expect(await cli(`contract ${id} --override soak --reason "it is new"`)).toMatchObject({ code: 5 })
    expect(await phase()).toBe('switch')
    const answer = await done(`contract ${id} --override soak --reason "it is new" --yes --json`)
    expect(answer.json().at(-1)).toMatchObject({
      ...{ ok: true, phase: 'contract', result: { changed: true } },
      gates: expect.arrayContaining([
        expect.objectContaining({ id: 'soak', ok: true, detail: expect.stringContaining('overridden') }),
      ]),
    })
    expect((await done('log')).stdout).toMatch(/gate-overridden.*it is new/u)
    await client.query(`insert into users (id) values (1001); insert into users (id, full_name) values (1002, 'Ann')`)
    expect((await client.query('select name, full_name from users where id > 1000 order by id')).rows).toEqual([
      { name: 'nobody', full_name: 'nobody' },
      { name: 'Ann', full_name: 'Ann' },
    ])
    await client.query(REPORT)
    await isSql((await done(`hold ${id} --dry-run`)).stdout)
    expect((await done(`hold ${id} --yes`)).stdout).toContain('_ec_held_name')
    expect(await done(`hold ${id} --yes`)).toMatchObject({ stdout: expect.stringContaining('already') })
    await expect(client.query('select name from users')).rejects.toMatchObject({ code: '42703' })
    await isSql((await done(`unhold ${id} --dry-run`)).stdout)
    expect((await done(`unhold ${id} --yes`)).stdout).toContain('0 rows lost')
    await client.query(REPORT)
    await done(`hold ${id} --yes`)
    const back = await done(`rollback ${id} --to switch --yes --json`)
    expect(back.json().at(-1)).toMatchObject({
      ...{ phase: 'switch', result: { to: 'switch', rowsLost: 0, notBroughtBack: 0, ms: expect.any(Number) } },
    })
    // Who wrote past the application is told as people read it, and to programs as it is recorded.
    expect((await done('log')).stdout.replaceAll(/\s+/gu, ' ')).toMatch(
      /bypassers[\s\S]*rows=\d+[\s\S]*a session as \w+: UPDATE of the old column, seen \d/u,
    )
    const recorded = await done('log --json')
    expect(JSON.stringify(recorded.json().at(-1))).toMatch(/"writers":\[\{[^\]]*"operation":"UPDATE"/u)
    const { rows } = await client.query(
      `select figures from expand_contract.events where kind = 'phase' order by id desc limit 1`,
    )
    expect(rows[0].figures).toMatchObject({ operation: 'rollback', from: 'contract', to: 'switch', rowsLost: 0 })
  })

  test('drop wants a backup, time and the name of column and database', async () => {
    await done(`verify ${id}`)
    await client.query(REPORT)
    await done(`contract ${id} --override soak --reason "it is new" --yes`)
    await client.query(REPORT)
    await done(`hold ${id} --yes`)
    await client.query(REPORT)
    const token = `users.name@${database.name}`
    const refused = await cli(`drop ${id} --confirm ${token}`)
    expect(refused).toMatchObject({ code: 3, stdout: expect.stringContaining('[no] backup') })
    expect(refused.stdout).toContain('[no] held')
    const nextIs = async (command: string, word: RegExp): Promise<void> => {
      for (const line of [`status ${id}`, 'status']) {
        expect((await done(line)).stdout).toMatch(new RegExp(`^Next: +expand-contract ${command}`, 'mu'))
        const told = (await done(`${line} --json`)).json().at(-1)
        expect(told).toMatchObject({ next: [{ command: expect.stringContaining(`expand-contract ${command}`) }] })
        const { result } = told as { readonly result: { readonly migrations?: readonly object[] } }
        expect(result.migrations?.[0] ?? result).toMatchObject({ next: expect.stringMatching(word) })
      }
    }
    await nextIs(`backup ${id}`, /^backup$/u)
    expect(await cli(`drop ${id} --override backup --reason "no" --confirm ${token}`)).toMatchObject({ code: 2 })
    expect(await cli(`wait ${id} --for droppable --timeout 1ms`)).toMatchObject({ code: 6 })
    expect((await done(`backup ${id} --out users.zst`)).stdout).toContain('502 rows the same: equal')
    await nextIs(`wait ${id} --for droppable`, /^wait [23] d$/u)
    await client.query(
      `update expand_contract.events set at = at - interval '3 days' where kind = 'phase' and figures ->> 'to' = 'hold'`,
    )
    await nextIs(`drop ${id}`, /^drop$/u)
    await done(`wait ${id} --for droppable --timeout 1ms`)
    const unconfirmed = await cli(`drop ${id} --yes`)
    expect(unconfirmed).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(`expand-contract drop ${id} --confirm ${token}`),
    })
    expect(unconfirmed.stderr).toContain('users._ec_held_name')
    expect(await cli(`drop ${id} --confirm users.name@other`)).toMatchObject({ code: 5 })
    await isSql((await done(`drop ${id} --dry-run`)).stdout)
    expect(await phase()).toBe('hold')
    expect((await done(`drop ${id} --confirm ${token}`)).stdout).toContain('No room was freed')
    expect(await phase()).toBe('dropped')
    expect(await cli(`rollback ${id} --yes`)).toMatchObject({ code: 3, stderr: expect.stringContaining('restore') })
    expect((await client.query('select * from users where id = 1002')).rows).toEqual([
      { id: 1002, email: null, full_name: 'Ann' },
    ])
    expect(await done(`status ${id}`)).toMatchObject({ stdout: expect.stringContaining('DROPPED') })
  })
})
