import { type JsonLine, lineSchema } from '@expand-contract/cli/json'
import pg from 'pg'
import { parse } from 'valibot'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { type CliOptions, type CliProject, cliProject } from './run-cli.ts'

const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const all = [
    renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'users-read-full-name' }),
    renameColumn({ table: 'users', from: 'email', to: 'mail', type: 'text' }),
  ]
`
const id = 'users.full_name'

describe('--json', () => {
  let database: TestDatabase
  let client: pg.Client
  let project: CliProject

  beforeAll(async () => {
    database = await createDatabase(newestMajor(), {
      sql: "create table users (id int primary key, name text, email text); insert into users select n, 'user ' || n, 'x' from generate_series(1, 20000) n;",
    })
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
    project = await cliProject(database.url, DECLARATIONS)
  })
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]()
    await client?.end()
    await database?.drop()
  })

  /** Every line holds to the schemas; answers them, and the last one by itself. */
  async function run(line: string | readonly string[], options?: Omit<CliOptions, 'cwd'>) {
    const words = typeof line === 'string' ? line.split(' ') : line
    const { code, json } = await project.run([...words, '--json'], options)
    const lines = json().map((each): JsonLine => parse(lineSchema, each))
    const last = lines.at(-1)
    expect(lines.filter(({ type }) => type === 'result')).toEqual([last])
    if (last?.type !== 'result') throw new Error(`${words.join(' ')} has no result`)
    expect([line, last.exitCode, last.ok]).toEqual([line, code, code === 0])
    return { code, lines, last }
  }

  const types = (lines: readonly JsonLine[]): readonly string[] => [...new Set(lines.map(({ type }) => type))]

  test('before anything is there', async () => {
    for (const [line, code, error] of [
      ['status', 2, 'EC_CONTROL_MISSING'],
      ['plan users.x', 2, 'EC_NO_SUCH_MIGRATION'],
      ['expand', 2, 'EC_USAGE'],
      ['expand users.full_name --dry-rnu', 2, 'EC_USAGE'],
      ['nothing', 2, 'EC_USAGE'],
      ['log --limit many', 2, 'EC_USAGE'],
      ['init', 5, 'EC_CONSENT'],
    ] as const) {
      const { last } = await run(line)
      expect([line, last.exitCode, last.error?.code]).toEqual([line, code, error])
      expect(last).toMatchObject({ ok: false, result: {}, gates: [], next: [], warnings: [] })
    }
    const { last } = await run('status', { env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/x' } })
    expect(last).toMatchObject({ exitCode: 2, database: null, error: { code: 'EC_CONNECTION' } })
  })

  test('a missing id is answered by the commands to paste', async () => {
    const { last } = await run('verify')
    expect(last.error?.hint).toBe('Run: expand-contract verify users.full_name, or expand-contract verify users.mail')
  })

  test('the stages, with figures, gates and what comes next', async () => {
    expect((await run('init --yes')).last).toMatchObject({ ok: true, migration: null, database: database.name })
    expect((await run(`plan ${id}`)).last).toMatchObject({
      ...{ migration: id, phase: null },
      next: [{ command: `expand-contract expand ${id}` }, { command: `expand-contract plan ${id} --sql` }],
    })
    expect((await run('plan')).last.result.migrations).toHaveLength(2)
    expect((await run(`plan ${id} --exit-code`)).code).toBe(4)
    expect((await run(`backfill ${id}`)).last).toMatchObject({ exitCode: 3, migration: id })

    const expanded = await run(`expand ${id} --yes`)
    expect(types(expanded.lines)).toEqual(['step', 'result'])
    expect(expanded.last).toMatchObject({ phase: 'expand', next: [{ command: `expand-contract backfill ${id}` }] })

    const refused = await run(`switch ${id} --yes`)
    expect(refused.last).toMatchObject({ exitCode: 3, phase: 'expand', error: { code: 'EC_GATE' } })
    expect(refused.last.gates.find(({ id: gate }) => gate === 'backfilled')).toMatchObject({
      ...{ ok: false, remedy: { command: `expand-contract backfill ${id}` } },
    })
    const status = await run(`status ${id}`)
    // Statements are planned before a switch, and not for a look.
    const asked = refused.last.gates.map(({ id: gate }) => gate).filter((gate) => gate !== 'plans')
    expect(status.last.gates.map(({ id: gate }) => gate)).toEqual(asked)
    expect((await run(`status ${id} --exit-code`)).code).toBe(4)
    expect((await run('status --statements')).last.result.migrations).toHaveLength(2)
  })

  test('a backfill that is stopped ends with its result, and the next one resumes', async () => {
    const stopped = await run(['backfill', id, '--throttle-query', 'select true'], {
      onListen: (send) => setTimeout(() => send('SIGINT'), 300),
    })
    expect(stopped.last).toMatchObject({ exitCode: 130, ok: false, migration: id, database: database.name })
    expect(stopped.lines[0]).toMatchObject({ type: 'start', command: 'backfill', resumed: false, migration: id })
    const done = await run(`backfill ${id}`)
    expect(done.last.result).toMatchObject({ ended: 'done', done: true })
    for (const line of done.lines)
      if (line.type === 'progress') expect(Object.keys(line)).toEqual(expect.arrayContaining(['blocks', 'state']))
  })

  test('a backfill that waits says for what, with value and limit', async () => {
    await run(`pause ${id} --reason month-end`)
    await client.query('update expand_contract.backfill_ranges set cursor_block = first_block, finished_at = null')
    const paused = await run(`backfill ${id} --for 300ms`)
    expect(paused.lines.find(({ type }) => type === 'progress')).toMatchObject({
      ...{ state: 'waiting', reason: { code: 'paused', detail: 'month-end' }, etaSeconds: null },
    })
    await run(`resume ${id} --rate 1000000`)
    const waited = await run(['backfill', id, '--for', '300ms', '--throttle-query', "select 'office hours'"])
    expect(waited.lines.find(({ type }) => type === 'progress')).toMatchObject({
      reason: { code: 'query', detail: 'office hours' },
    })
    expect((await run(`backfill ${id}`)).code).toBe(0)
  })

  test('differences have classes and keys, and values where they are asked for', async () => {
    const [{ tgname }] = (
      await client.query("select tgname from pg_trigger where tgrelid = 'users'::regclass and tgname like '~%'")
    ).rows
    await client.query(`alter table users disable trigger "${tgname}";
      update users set full_name = 'geheim' where id = 7; update users set full_name = null where id = 8;
      alter table users enable always trigger "${tgname}"`)
    const found = await run(`verify ${id} --samples 1`)
    expect(found.last).toMatchObject({
      ...{ exitCode: 4, error: null, phase: 'expand' },
      result: { clean: false, counts: { new_missing: 1, differs: 1 }, samples: { differs: [{ key: { id: '7' } }] } },
      next: [
        { command: `expand-contract repair ${id} --dry-run` },
        { command: expect.stringContaining('--show-values') },
      ],
    })
    expect(JSON.stringify(found.lines)).not.toContain('geheim')
    const shown = await run(`verify ${id} --show-values`)
    expect(shown.last.result.values).toEqual({
      new_missing: [{ name: 'user 8', full_name: null }],
      differs: [{ name: 'user 7', full_name: 'geheim' }],
    })
    const { rows } = await client.query(
      'select v::text as text from expand_contract.verifications v union all select e::text from expand_contract.events e',
    )
    expect(JSON.stringify(rows)).not.toContain('geheim')

    expect((await run(`repair ${id} --dry-run --class new_missing`)).last.result).toMatchObject({
      rows: 1,
      dryRun: true,
    })
    expect((await run(`repair ${id} --dry-run --class new_orphan`)).last.result).toMatchObject({ rows: 0 })
    expect((await run(`repair ${id} --class other`)).last).toMatchObject({ exitCode: 2, error: { code: 'EC_USAGE' } })
    expect((await run(`repair ${id} --class new_missing --yes`)).last.result).toMatchObject({ rows: 1 })
    const values = await client.query('select id, full_name from users where id in (7, 8) order by id')
    expect(values.rows).toEqual([
      { id: 7, full_name: 'geheim' },
      { id: 8, full_name: 'user 8' },
    ])
    expect((await run(`repair ${id} --yes`)).last.result).toMatchObject({ rows: 1 })
  })

  test('passes that go on are told one by one, and stopped by a signal', async () => {
    const passes = await run(`verify ${id} --continuous --every 50ms`, {
      onListen: (send) => {
        const passes = 'select from expand_contract.verifications where clean'
        void vi
          .waitFor(async () => expect((await client.query(passes)).rowCount).toBeGreaterThan(2), {
            timeout: 60_000,
            interval: 20,
          })
          .then(() => send('SIGTERM'))
      },
    })
    expect(passes.code).toBe(143)
    expect(passes.lines.filter((line) => line.type === 'step' && line.step === 'pass').length).toBeGreaterThan(1)
  })

  test('what is waited for, until it holds or the time is up', async () => {
    expect((await run(`wait ${id} --for verified --timeout 1s`)).last).toMatchObject({ exitCode: 0, phase: 'expand' })
    expect((await run(`wait ${id}`)).last).toMatchObject({
      exitCode: 0,
      result: { condition: 'acknowledged', met: true },
    })
    expect((await run(`wait ${id} --for nothing`)).last).toMatchObject({ exitCode: 2, error: { code: 'EC_USAGE' } })
    await client.query('update expand_contract.migrations set epoch = epoch + 1')
    const given = await run(`wait ${id} --for verified --timeout 300ms`)
    expect(types(given.lines)).toEqual(['wait', 'result'])
    expect(given.last).toMatchObject({
      ...{ exitCode: 6, gates: [{ id: 'verified', ok: false }], next: [{ command: `expand-contract verify ${id}` }] },
    })
    expect((await run(`switch ${id} --wait 300ms --yes`)).last).toMatchObject({
      exitCode: 6,
      error: { code: 'EC_GATE' },
    })
    expect((await run(`wait users.mail --timeout 1s`)).last).toMatchObject({
      exitCode: 3,
      error: { code: 'EC_NOT_BEGUN' },
    })
  })

  test('a second operator, a lock that is held, and the way back', async () => {
    await client.query(
      "insert into expand_contract.leases (migration, token, operation, who, until) values ('users.mail', gen_random_uuid(), 'expand', 'tom@ops-1', now() + interval '1 minute')",
    )
    expect((await run('expand users.mail --yes')).last).toMatchObject({ exitCode: 6, error: { code: 'EC_OPERATOR' } })
    await client.query('delete from expand_contract.leases')
    await client.query('begin; lock table users in access share mode')
    const held = await run('expand users.mail --yes --lock-timeout 50ms --give-up-after 1s')
    await client.query('rollback')
    expect(held.last).toMatchObject({ exitCode: 6, error: { code: 'EC_LOCK_NOT_GRANTED' } })
    expect(held.lines.find(({ type }) => type === 'wait')).toMatchObject({
      for: 'lock',
      blockers: [{ state: 'idle in transaction' }],
    })
    expect((await run(`rollback ${id}`)).last).toMatchObject({ exitCode: 5, error: { code: 'EC_CONSENT' } })
    expect((await run(`rollback ${id} --dry-run`)).last).toMatchObject({ exitCode: 0 })
    expect((await run(`rollback ${id} --confirm ${id}@${database.name}`)).last).toMatchObject({
      exitCode: 0,
      phase: 'off',
    })
    expect((await run('log --limit 3 --since 1h')).last.result.events).toHaveLength(3)
  })
})
