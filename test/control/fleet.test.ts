import {
  beginMigration,
  type Control,
  databasePhases,
  type FleetMember,
  type FleetOptions,
  installControl,
  joinFleet,
  openControl,
  readFence,
  readFleet,
  readInventory,
  recordPhase,
} from '@expand-contract/control'
import {
  createRuntime,
  fixedPhases,
  type PhaseSource,
  type Runtime,
  renameColumn,
  type WarningEvent,
} from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import pg from 'pg'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createDatabase, newestMajor, postgresMajors, type TestDatabase } from '../support/postgres.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'

const WHO = { who: 'dana' }
const NAME = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'read-new' })
const SCRIPT = `create table users (id int primary key, name text, full_name text);
insert into users select n, 'n' || n, 'n' || n from generate_series(1, 5) n;
create function whole(users) returns text language plpgsql as 'begin return $1.name; end'`

/** Nothing is reported but when a test says so. */
const SELDOM = { everyMs: 3_600_000 }

interface Opened {
  readonly database: TestDatabase
  readonly runtime: Runtime
  readonly pool: pg.Pool
  readonly control: Control
  readonly warnings: readonly WarningEvent[]
  readonly flag: { on: boolean }
  join(options?: Partial<FleetOptions>): FleetMember
}

const opened: { close(): Promise<void> }[] = []

async function open(
  major: PostgresMajor,
  options: { phases?: PhaseSource; install?: boolean; catalogRefreshMs?: number } = {},
): Promise<Opened> {
  const { phases = databasePhases(), install = true, catalogRefreshMs = 0 } = options
  const database = await createDatabase(major, { sql: SCRIPT })
  const warnings: WarningEvent[] = []
  const flag = { on: false }
  const runtime = await createRuntime({
    migrations: [NAME],
    flags: { isEnabled: () => flag.on },
    phases,
    observer: { onWarning: (warning) => void warnings.push(warning) },
  })
  const pool = instrumentedPool(runtime, { connectionString: database.url, max: 1 }, { catalogRefreshMs })
  const own = new pg.Pool({ connectionString: database.url, max: 2 })
  const control = openControl(own)
  if (install) {
    await installControl(own)
    await beginMigration(control, { migration: NAME, oldPositions: {}, ...WHO })
  }
  const members: FleetMember[] = []
  opened.push({
    async close() {
      vi.restoreAllMocks()
      await Promise.all(members.map((member) => member.leave()))
      await Promise.all([pool.ended ? undefined : pool.end(), own.end()])
      await runtime.close()
      await database.drop()
    },
  })
  const join = (more: Partial<FleetOptions> = {}): FleetMember => {
    const member = joinFleet(runtime, pool, { application: 'web', instance: 'web-1', ...SELDOM, ...more })
    members.push(member)
    return member
  }
  return { database, runtime, pool, control, warnings, flag, join }
}

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

const toSwitch = (control: Control) =>
  recordPhase(control, { migration: NAME.id, operation: 'switch', from: 'expand', epoch: 1, ...WHO })
const acknowledgedBy = async (control: Control): Promise<unknown> => (await readFleet(control))[0]?.acknowledged

describe.each(postgresMajors())('PostgreSQL %i: the fleet', (major) => {
  test('a process says what it is, and that it leaves, by the clock of the server', async () => {
    const { control, join, pool } = await open(major, { catalogRefreshMs: 60_000 })
    const member = join({ version: '2026.47.1' })
    await member.report()
    const [row] = await readFleet(control)
    expect(row).toMatchObject({
      id: 'web-1',
      application: 'web',
      appVersion: '2026.47.1',
      libraryVersion: expect.stringMatching(/^\d+\.\d+\.\d+/u),
      role: 'postgres',
      leaseMs: 60_000,
      everyMs: SELDOM.everyMs,
      live: true,
      leftAt: undefined,
      declarations: { [NAME.id]: expect.stringMatching(/^sha256:/u) },
    })
    const { rows } = await pool.query('select extract(epoch from clock_timestamp()) * 1000 as now')
    expect(Math.abs(Number(rows[0].now) - (row?.heartbeatAt.getTime() ?? 0))).toBeLessThan(60_000)
    await pool.query("update expand_contract.instances set heartbeat_at = clock_timestamp() - interval '1 h'")
    expect(await readFleet(control, { ttlMs: 60_000 })).toEqual([])
    expect(await readFleet(control, { ttlMs: 60_000, gone: true })).toMatchObject([{ id: 'web-1', live: false }])
    await member.report()
    expect(await readFleet(control, { ttlMs: 60_000 })).toHaveLength(1)
    await member.leave()
    expect(await readFleet(control)).toEqual([])
    expect(await readFleet(control, { gone: true })).toMatchObject([{ live: false, leftAt: expect.any(Date) }])
    expect(pool.totalCount).toBe(1)
  })

  test('a phase is acknowledged when no statement may rely on the one before it', async () => {
    let clock = Date.now()
    const { control, join, pool } = await open(major, { catalogRefreshMs: 60_000 })
    vi.spyOn(Date, 'now').mockImplementation(() => clock)
    const member = join()
    await member.report()
    await pool.query('select name from users')
    await member.report()
    expect(await acknowledgedBy(control)).toEqual({ [NAME.id]: 1 })
    await toSwitch(control)
    // Known at the second report, but until the lease is over a statement may still be sent on what was known before.
    await member.report()
    await member.report()
    expect(await acknowledgedBy(control)).toEqual({ [NAME.id]: 1 })
    clock += 60_001
    const fence = { migration: NAME.id, epoch: 2 }
    expect(await readFence(control, fence)).toMatchObject({
      missing: [{ id: 'web-1' }],
      acknowledged: [],
      leaseMs: 60_000,
    })
    await member.report()
    await member.report()
    expect(await acknowledgedBy(control)).toEqual({ [NAME.id]: 2 })
    expect(await readFence(control, fence)).toMatchObject({ missing: [], acknowledged: [{ id: 'web-1' }] })
    await pool.query(
      "update expand_contract.instances set heartbeat_at = clock_timestamp() - interval '1 h', acknowledged = '{}'",
    )
    expect(await readFence(control, { ...fence, ttlMs: 60_000 })).toMatchObject({ missing: [], leaseMs: 60_000 })
  })

  test('reads are counted by side, with when the old column was read last', async () => {
    const { control, join, pool, flag } = await open(major)
    const member = join()
    await toSwitch(control)
    for (let index = 0; index < 3; index++) await pool.query('select name from users where id = $1', [index])
    flag.on = true
    for (let index = 0; index < 2; index++) await pool.query('select name from users where id = $1', [index])
    await pool.query('select 1')
    await member.report()
    const first = (await readFleet(control))[0]?.reads[NAME.id]
    expect(first).toMatchObject({ old: 3, new: 2, oldRate: expect.any(Number), lastOldAt: expect.any(String) })
    expect(Math.abs(Date.parse(first?.lastOldAt ?? '') - Date.now())).toBeLessThan(60_000)
    await pool.query('select name from users')
    await member.report()
    const second = (await readFleet(control))[0]?.reads[NAME.id]
    expect(second).toMatchObject({ old: 3, new: 3, oldRate: 0 })
    expect(Math.abs(Date.parse(second?.lastOldAt ?? '') - Date.parse(first?.lastOldAt ?? ''))).toBeLessThan(1_000)
  })

  test('statements are recorded by shape, without their values, with what became of them', async () => {
    const { control, join, pool, flag } = await open(major)
    const member = join()
    await toSwitch(control)
    await member.report()
    flag.on = true
    await pool.query("select name from users where name = 'secret-1' -- a")
    await pool.query("SELECT name FROM users WHERE name = 'secret-2'")
    await pool.query("insert into users (id, name) values (100, 'secret-3')")
    await pool.query('select whole(u) from users u')
    await expect(pool.query("copy users (id, name) from '/nowhere'")).rejects.toThrow()
    await pool.query("select 'secret-4'")
    await member.report()
    await pool.query("select name from users where name = 'secret-5'")
    await member.report()
    const inventory = await readInventory(control, { migration: NAME.id })
    expect(JSON.stringify(inventory)).not.toContain('secret')
    expect(inventory.map(({ kind, side, outcome, reason, count }) => ({ kind, side, outcome, reason, count }))).toEqual(
      expect.arrayContaining([
        { kind: 'SELECT', side: 'new', outcome: 'rewritten', reason: '', count: 3 },
        { kind: 'INSERT', side: expect.any(String), outcome: 'rewritten', reason: '', count: 1 },
        { kind: 'SELECT', side: 'old', outcome: 'kept', reason: expect.stringMatching(/./u), count: 1 },
        { kind: 'COPY', side: expect.any(String), outcome: 'refused', reason: expect.stringMatching(/./u), count: 1 },
      ]),
    )
    expect(inventory).toHaveLength(4)
    expect(inventory[0]).toMatchObject({
      application: 'web',
      lastInstance: 'web-1',
      text: expect.stringMatching(/\$1/u),
    })
    const blocking = await readInventory(control, { blocking: true })
    expect(blocking.map(({ outcome }) => outcome).sort()).toEqual(['kept', 'refused'])
    expect(blocking.every(({ message }) => message !== undefined)).toBe(true)
  })

  test('many processes report the same statements at once', async () => {
    const { control, join, pool } = await open(major)
    for (let index = 0; index < 20; index++) {
      const member = join({ instance: `web-${index}`, application: 'web' })
      if (index === 19) await member.report()
    }
    for (let index = 0; index < 4; index++) await pool.query(`select name from users limit ${index}`)
    await pool.query('update users set name = name')
    const url = (pool.options as { connectionString?: string }).connectionString
    const own = new pg.Pool({ connectionString: url, max: 20 })
    const statements = (order: number) =>
      ['a', 'b', 'c', 'd', 'e']
        .toSorted(() => order)
        .map((fingerprint) => ({
          ...{ migration: NAME.id, fingerprint, side: 'old' as const, outcome: 'unchanged' as const, reason: '' },
          ...{ kind: 'SELECT', message: undefined, text: fingerprint, count: 1 },
        }))
    const { reportInstance } = await import('@expand-contract/control')
    const report = (index: number) =>
      reportInstance(openControl(own), {
        ...{ id: `other-${index}`, application: 'other', appVersion: undefined, libraryVersion: '0', host: undefined },
        ...{ leaseMs: 1, everyMs: 1_000, leaving: false, acknowledged: {}, declarations: {}, reads: {} },
        statements: statements(index % 2 === 0 ? 1 : -1),
      })
    for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 20 }, (_, index) => report(index)))
    const counted = (await readInventory(control)).filter(({ application }) => application === 'other')
    expect(counted.map(({ fingerprint, count }) => [fingerprint, count])).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((fingerprint) => [fingerprint, 100]),
    )
    await own.end()
  })

  // Row versions of before make room while nobody on the server, in whatever database, has an older transaction open: tried until that is so.
  test('heartbeats stay in their page', { timeout: 300_000 }, async () => {
    const { control, join, pool } = await open(major)
    const member = join()
    const bytes = async (): Promise<number> => {
      await pool.query('truncate expand_contract.instances')
      for (let index = 0; index < 300; index++) await member.report()
      const { rows } = await pool.query("select pg_relation_size('expand_contract.instances')::int as bytes")
      return rows[0].bytes
    }
    await expect.poll(bytes, { timeout: 200_000, interval: 1_000 }).toBeLessThanOrEqual(3 * 8_192)
    expect(await readFleet(control)).toHaveLength(1)
  })
})

describe('the fleet', () => {
  test('acknowledges nothing where the phases come from elsewhere', async () => {
    const { control, join, pool } = await open(newestMajor(), { phases: fixedPhases({ [NAME.id]: 'expand' }) })
    const member = join()
    await pool.query('select name from users')
    await member.report()
    await member.report()
    expect(await acknowledgedBy(control)).toEqual({})
  })

  test('acknowledges nothing before it has read the phases, and nothing while it is barred from them', async () => {
    const { control, runtime, pool, join } = await open(newestMajor())
    const elsewhere = joinFleet(runtime, openControl(control.client).client, {
      application: 'idle',
      instance: 'idle',
      ...SELDOM,
    })
    await elsewhere.report()
    await elsewhere.report()
    expect(await acknowledgedBy(control)).toEqual({})
    await pool.query('select name from users')
    await elsewhere.report()
    expect(await acknowledgedBy(control)).toEqual({ [NAME.id]: 1 })
    await elsewhere.leave()
    void join
  })

  test('looks at the catalogs of its own database alone', async () => {
    const [one, two] = [await open(newestMajor()), await createDatabase(newestMajor(), { sql: SCRIPT })]
    const other = new pg.Pool({ connectionString: two.url, max: 1 })
    await installControl(other)
    const both = instrumentedPool(one.runtime, { connectionString: two.url, max: 1 }, { catalogRefreshMs: 60_000 })
    const member = one.join()
    await one.pool.query('select name from users')
    await both.query('select name from users')
    await member.report()
    await member.report()
    expect(await acknowledgedBy(one.control)).toEqual({ [NAME.id]: 1 })
    await Promise.all([both.end(), other.end()])
    await two.drop()
  })

  test('fails no application: one warning, and it goes on when the schema is there', async () => {
    const { control, join, pool, warnings } = await open(newestMajor(), { install: false })
    const member = join()
    await member.report()
    await member.report()
    expect((await pool.query('select name from users where id = 1')).rows).toEqual([{ name: 'n1' }])
    const told = warnings.filter(({ code }) => code === 'fleet')
    expect(told).toEqual([expect.objectContaining({ cause: expect.objectContaining({ code: 'EC_CONTROL_MISSING' }) })])
    await installControl(pool)
    await pool.query('select name from users where id = 1')
    await member.report()
    expect(await readFleet(control)).toHaveLength(1)
    await pool.end()
    await member.report()
    await member.leave()
    expect(warnings.filter(({ code }) => code === 'fleet')).toHaveLength(2)
  })

  test('of the name of another role it is told', async () => {
    const { join, pool, warnings, database } = await open(newestMajor())
    const member = join()
    await member.report()
    await pool.query("update expand_contract.instances set role = 'somebody'")
    await member.report()
    expect(warnings.map(({ code, cause }) => [code, String(cause)])).toContainEqual([
      'fleet',
      'Error: the row of web-1 belongs to another role',
    ])
    expect(database.name).not.toBe('')
  })

  test('keeps no process running, and reports by itself', async () => {
    const { control, join, runtime } = await open(newestMajor())
    join({ everyMs: 100 })
    await vi.waitFor(async () => expect(await readFleet(control)).toHaveLength(1), { timeout: 60_000 })
    const first = (await readFleet(control))[0]?.heartbeatAt.getTime() ?? 0
    const next = async () => expect((await readFleet(control))[0]?.heartbeatAt.getTime()).toBeGreaterThan(first)
    await vi.waitFor(next, { timeout: 60_000 })
    // A pool has timers of its own.
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const down = { query: () => Promise.reject(new Error('down')) }
    const lonely = joinFleet(runtime, down, { application: 'web', ...SELDOM })
    await lonely.report()
    expect(timers()).toBe(before)
    await lonely.leave()
    expect(timers()).toBe(before)
  })

  test('records so many shapes of a migration, and counts on for those that it has', async () => {
    const { control, join, pool } = await open(newestMajor())
    const member = join()
    await member.report()
    await pool.query(`insert into expand_contract.statements (migration, fingerprint, application, side, outcome, kind, count, last_instance)
      select 'users.full_name', n::text, 'web', 'old', 'unchanged', 'SELECT', 1, 'x' from generate_series(1, 5000) n`)
    await pool.query('select name from users')
    await member.report()
    expect(await readInventory(control, { limit: 10_000 })).toHaveLength(5_000)
  })

  test.each([
    { application: '' },
    { application: 'x'.repeat(1_001) },
    { instance: '' },
    { version: 'nul\0' },
    { everyMs: 0 },
    { everyMs: 1.5 },
    { everyMs: 10_000_000 },
  ])('an option that cannot be is refused: %o', async (options) => {
    const runtime = await createRuntime({ migrations: [] })
    const join = () => joinFleet(runtime, { query: async () => ({ rows: [] }) }, { application: 'web', ...options })
    expect(join).toThrow(expect.objectContaining({ code: 'EC_CONTROL_OPTION' }))
    await runtime.close()
  })
})
