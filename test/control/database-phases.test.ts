import { controlSql, databasePhases } from '@expand-contract/control'
import { createRuntime, renameColumn } from '@expand-contract/core'
import { checkMigrations, instrumentedClient, instrumentedPool } from '@expand-contract/pg'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { sentBy } from '../pg/engine-fixture.ts'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { queryServer } from '../support/query-server.ts'
import { type OpenDriver, type OpenOptions, PHASE_DRIVERS, type PhaseDriver } from './phase-drivers.ts'

const SCHEMA = 'our "control"'
const MIGRATION = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'read-new' })
const TABLE = `create table users (id int primary key, name text, full_name text);
insert into users values (1, 'old', 'new')`

const statements = (script: string): string =>
  script.replaceAll(/^(?:begin|commit);$/gmu, '').replaceAll(/^select pg_advisory.*$|^set local.*$/gmu, '')
/** The script of a new database runs as one transaction by itself. */
const INSTALL = statements(controlSql({ schema: SCHEMA }))
const row = (phase: string, id = MIGRATION.id): string => `insert into "our ""control""".migrations
  (id, table_name, phase, declaration_hash, declaration, created_by, changed_by)
  values ('${id}', 'users', '${phase}', 'h', '{}', 'dana', 'dana')`
const toPhase = (phase: string): string =>
  `update "our ""control""".migrations set phase = '${phase}', epoch = epoch + 1 where id = '${MIGRATION.id}'`

const READ = 'select name from users where id = 1'
const written = 'select name, full_name from users where id = 2'

const openWith = (driver: PhaseDriver, script: string, options: Partial<OpenOptions> = {}): Promise<OpenDriver> =>
  driver.open({
    script: `${TABLE};${script}`,
    migrations: [MIGRATION],
    schema: SCHEMA,
    catalogRefreshMs: 0,
    flags: { 'read-new': true },
    ...options,
  })

describe.each(PHASE_DRIVERS)('phases from the database, by $name', (driver) => {
  test('a statement follows the row that is there when the lease is over', async () => {
    await using world = await openWith(driver, `${INSTALL};${row('expand')}`)
    const seen: unknown[] = [(await world.query(READ))[0]?.name]
    for (const phase of ['switch', 'expand', 'switch', 'contract', 'switch', 'expand', 'off']) {
      await world.bare(toPhase(phase))
      await world.query(`insert into users (id, name) values (2, '${phase}')`)
      const [columns] = await world.bare(written)
      await world.bare('delete from users where id = 2')
      seen.push([phase, (await world.query(READ))[0]?.name, columns])
    }
    expect(seen).toEqual([
      'old',
      ['switch', 'new', { name: 'switch', full_name: 'switch' }],
      ['expand', 'old', { name: 'expand', full_name: 'expand' }],
      ['switch', 'new', { name: 'switch', full_name: 'switch' }],
      ['contract', 'new', { name: null, full_name: 'contract' }],
      ['switch', 'new', { name: 'switch', full_name: 'switch' }],
      ['expand', 'old', { name: 'expand', full_name: 'expand' }],
      ['off', 'old', { name: 'off', full_name: null }],
    ])
    expect(world.warnings).toEqual([])
  })

  test.each([
    { state: 'no schema', script: '', why: 'has no table', code: 'phase-unknown' },
    { state: 'no row', script: `${INSTALL};${row('switch', 'other')}`, why: 'has no row', code: 'phase-unknown' },
    {
      state: 'a phase of a newer version',
      script: `${INSTALL};${row('switch')};alter table "our ""control""".migrations drop constraint migrations_phase_check;${toPhase("it''s later")}`,
      why: 'does not know',
      code: 'phase-unreadable',
    },
    {
      state: 'a view of the name',
      script: `create schema "our ""control"""; create view "our ""control""".migrations as select 'users.full_name' as id, 'switch' as phase, 1/0 as epoch`,
      why: 'has no table',
      code: 'phase-unknown',
    },
    {
      state: 'a table of the name that is another',
      script: `create schema "our ""control"""; create table "our ""control""".migrations (id int)`,
      why: 'has no table',
      code: 'phase-unknown',
    },
  ])('$state means expand, with one warning', async ({ script, why, code }) => {
    await using world = await openWith(driver, script)
    expect(await world.query(READ)).toEqual([{ name: 'old' }])
    await world.query("insert into users (id, name) values (2, 'x')")
    await world.transaction('read committed', async (query) => {
      await query("update users set name = 'y' where id = 2")
      expect(await query(READ)).toEqual([{ name: 'old' }])
    })
    expect(await world.bare(written)).toEqual([{ name: 'y', full_name: 'y' }])
    expect(world.warnings).toEqual([expect.objectContaining({ code, message: expect.stringContaining(why) })])
  })

  test('a schema that is installed while it runs is followed without a restart', async () => {
    await using world = await openWith(driver, '')
    expect(await world.query(READ)).toEqual([{ name: 'old' }])
    for (const part of [`create schema "our ""control"""`, 'create table "our ""control""".installation (id uuid)'])
      await world.bare(part)
    await world.bare('create table "our ""control""".migrations (id text, phase text, epoch bigint)')
    await world.bare(`insert into "our ""control""".migrations values ('users.full_name', 'switch', 1)`)
    expect(await world.query(READ)).toEqual([{ name: 'new' }])
    await world.bare('drop schema "our ""control""" cascade')
    expect(await world.query(READ)).toEqual([{ name: 'old' }])
  })

  test('with one column alone the phase does not matter', async () => {
    await using world = await openWith(driver, `${INSTALL};${row('switch')};alter table users drop full_name`)
    expect(await world.query(READ)).toEqual([{ name: 'old' }])
    await world.bare('alter table users rename name to full_name')
    expect(await world.query(READ)).toEqual([{ name: 'old' }])
  })

  test('a transaction keeps the side that it has read', async ({ skip }) => {
    if (driver.alone) skip('PGlite has one session: nobody changes the phase beside a transaction')
    await using world = await openWith(driver, `${INSTALL};${row('switch')}`)
    const seen = await world.transaction('read committed', async (query) => {
      const before = await query(READ)
      await world.bare(toPhase('expand'))
      await world.query(READ)
      return [before, await query(READ)]
    })
    expect(seen).toEqual([[{ name: 'new' }], [{ name: 'new' }]])
    expect(await world.query(READ)).toEqual([{ name: 'old' }])
  })

  test.for(['repeatable read', 'serializable'])(
    'a transaction that sees the table as it was, sees the phase as it was: %s',
    async (level, { skip }) => {
      if (driver.alone) skip('PGlite has one session: nobody changes the phase beside a transaction')
      const script = `${INSTALL};${row('expand')};update users set full_name = null`
      await using world = await openWith(driver, script, { catalogRefreshMs: 60_000 })
      await world.query(READ)
      const seen = await world.transaction(level, async (query) => {
        await query('select 1')
        await world.bare('update users set full_name = name')
        await world.bare(toPhase('switch'))
        // Another statement of this process makes the new phase known to all.
        await world.query('create table note ()')
        expect(await world.query(READ)).toEqual([{ name: 'old' }])
        expect((await world.query('select full_name is not null as filled from users'))[0]).toEqual({ filled: true })
        return [await query(READ), await query('select name from users')]
      })
      expect(seen).toEqual([[{ name: 'old' }], [{ name: 'old' }]])
      await world.bare("update users set full_name = 'new'")
      expect(await world.query(READ)).toEqual([{ name: 'new' }])
    },
  )

  test('a transaction of read committed follows what others have seen', async ({ skip }) => {
    if (driver.alone) skip('PGlite has one session: nobody changes the phase beside a transaction')
    await using world = await openWith(driver, `${INSTALL};${row('expand')}`, { catalogRefreshMs: 60_000 })
    await world.query(READ)
    await world.transaction('read committed', async (query) => {
      await query('select 1')
      await world.bare(toPhase('switch'))
      await world.query('create table note ()')
      expect(await world.query(READ)).toEqual([{ name: 'new' }])
      expect(await query(READ)).toEqual([{ name: 'new' }])
    })
  })
})

describe('phases from the database', () => {
  afterEach(() => void vi.restoreAllMocks())

  test('come with the queries that read the columns, and a phase that changes costs no plan', async () => {
    let clock = 1_000_000
    vi.spyOn(Date, 'now').mockImplementation(() => clock)
    const database = await createDatabase(newestMajor(), { sql: `${TABLE};${INSTALL};${row('expand')}` })
    const runtime = await createRuntime({
      migrations: [MIGRATION],
      flags: { isEnabled: () => true },
      phases: databasePhases({ schema: SCHEMA }),
    })
    const Client = instrumentedClient(runtime, { catalogRefreshMs: 1_000, readCatalogOnConnect: false })
    const client = new Client({ connectionString: database.url })
    await client.connect()
    const sent = sentBy(client)
    const read = async (): Promise<unknown> => (await client.query(READ)).rows[0]?.name
    expect([await read(), await read(), sent.length]).toEqual(['old', 'old', 3])
    clock += 600
    await read()
    clock += 600
    await queryServer(database.url, toPhase('switch'))
    sent.length = 0
    expect([await read(), await read()]).toEqual(['new', 'new'])
    expect(sent.map((text) => (text.startsWith('<') ? text : 'read'))).toEqual(['<stamp>', 'read', 'read'])
    await queryServer(database.url, toPhase('expand'))
    clock += 400
    expect(await read()).toBe('new')
    clock += 200
    expect(await read()).toBe('old')
    await client.end()
    await runtime.close()
    await database.drop()
  })

  test('are those of each database that a process serves', async () => {
    const script = `${TABLE};${INSTALL}`
    const [one, two] = await Promise.all(
      ['switch', 'expand'].map((phase) => createDatabase(newestMajor(), { sql: `${script};${row(phase)}` })),
    )
    if (one === undefined || two === undefined) throw new Error('a database is missing')
    const runtime = await createRuntime({
      migrations: [MIGRATION],
      flags: { isEnabled: () => true },
      phases: databasePhases({ schema: SCHEMA }),
    })
    const pools = [one, two].map(({ url }) => instrumentedPool(runtime, { connectionString: url, max: 1 }))
    for (let round = 0; round < 2; round++)
      expect(await Promise.all(pools.map(async (pool) => (await pool.query(READ)).rows))).toEqual([
        [{ name: 'new' }],
        [{ name: 'old' }],
      ])
    await Promise.all(pools.map((pool) => pool.end()))
    await runtime.close()
    await Promise.all([one.drop(), two.drop()])
  })

  test('a role that may not read them is told, and writes both columns', async () => {
    const database = await createDatabase(newestMajor(), { sql: `${TABLE};${INSTALL};${row('switch')}` })
    const role = `ec_unprivileged_${process.pid}`
    await queryServer(database.url, `create role ${role} login`)
    await queryServer(database.url, `grant all on users to ${role}`)
    const warnings: string[] = []
    const runtime = await createRuntime({
      migrations: [MIGRATION],
      flags: { isEnabled: () => true },
      phases: databasePhases({ schema: SCHEMA }),
      observer: { onWarning: ({ message }) => void warnings.push(message) },
    })
    const config = { connectionString: database.url, max: 1, options: `-c role=${role}` }
    const pool = instrumentedPool(runtime, config, { catalogRefreshMs: 0 })
    expect((await pool.query(READ)).rows).toEqual([{ name: 'old' }])
    for (const grant of ['usage on schema "our ""control"""', 'select on "our ""control""".migrations']) {
      await queryServer(database.url, `grant ${grant} to ${role}`)
      expect((await pool.query(READ)).rows).toEqual([{ name: 'old' }])
    }
    await queryServer(database.url, `grant select on "our ""control""".installation to ${role}`)
    expect((await pool.query(READ)).rows).toEqual([{ name: 'new' }])
    await queryServer(database.url, `revoke select on "our ""control""".migrations from ${role}`)
    expect((await pool.query(READ)).rows).toEqual([{ name: 'old' }])
    expect(warnings).toEqual([expect.stringMatching(/may not read.*controlGrants/u)])
    await pool.end()
    await runtime.close()
    await queryServer(database.url, `drop owned by ${role}`)
    await queryServer(database.url, `drop role ${role}`)
    await database.drop()
  })

  test('are known to checkMigrations: a finished migration is not misspelt', async () => {
    const made = 'drop table users; create table users (id int primary key, full_name text)'
    const database = await createDatabase(newestMajor(), { sql: `${TABLE};${INSTALL};${row('contract')};${made}` })
    const runtime = await createRuntime({ migrations: [MIGRATION], phases: databasePhases({ schema: SCHEMA }) })
    const pool = instrumentedPool(runtime, { connectionString: database.url, max: 1 }, { catalogRefreshMs: 0 })
    expect(await checkMigrations(runtime, pool)).toEqual([])
    await pool.query("insert into users (id, name) values (1, 'x')")
    await queryServer(database.url, toPhase('switch'))
    expect((await checkMigrations(runtime, pool)).map(({ code }) => code)).toContain('never-had-column')
    await expect(pool.query("insert into users (id, name) values (2, 'x')")).rejects.toMatchObject({
      code: 'EC_REFUSED',
    })
    await pool.end()
    await runtime.close()
    await database.drop()
  })
})
