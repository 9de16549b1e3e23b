import {
  appendEvent,
  type Control,
  checkControl,
  controlSql,
  installControl,
  installedVersions,
  openControl,
  readEvents,
  type SqlClient,
} from '@expand-contract/control'
import { createRuntime, renameColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { CONTROL_FILES } from '../../packages/control/src/generated/control-sql.ts'
import { installStatement } from '../../packages/control/src/install/install-statement.ts'
import { pgbouncerProgram, startPgBouncer } from '../support/pgbouncer.ts'
import { startPGlite } from '../support/pglite.ts'
import { createDatabase, newestMajor, postgresMajors, type TestDatabase } from '../support/postgres.ts'
import { queryServer, runScript } from '../support/query-server.ts'

const ALL = CONTROL_FILES.map(({ version }) => version)
const LATEST = ALL.at(-1) ?? 0
/** The server is shared with the tests that run beside this one; pg_locks shows all its databases. */
const OWN = '(database = (select oid from pg_database where datname = current_database()))'
const ODD_NAMES = ['expand_contract', 'Ex "Quoted" $do$ :schema \'s', 'x$&$1']

const versionsOf = async (control: Control): Promise<readonly number[]> =>
  (await installedVersions(control)).map(({ version }) => version)

describe.each(postgresMajors())('PostgreSQL %i: the control schema', (major) => {
  const opened: { end(): Promise<void> }[] = []
  let database: TestDatabase

  const open = async (): Promise<pg.Pool> => {
    database = await createDatabase(major)
    const pool = new pg.Pool({ connectionString: database.url, max: 3 })
    opened.push(pool)
    return pool
  }
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.end()))
    await database?.drop()
  })

  test.each(ODD_NAMES)('is installed once, whatever its name is: %s', async (schema) => {
    const pool = await open()
    const first = await installControl(pool, { schema })
    expect(first).toEqual({ schema, version: LATEST, installed: expect.arrayContaining(['000001-migrations']) })
    expect(await installControl(pool, { schema })).toEqual({ schema, version: LATEST, installed: [] })
    await checkControl(openControl(pool, { schema }))
    const { rows } = await pool.query('select nspname from pg_namespace where nspname !~ $1 order by 1', [
      '^(pg_|info|public)',
    ])
    expect(rows).toEqual([{ nspname: schema }])
  })

  test('twenty processes install it at once', async () => {
    await open()
    const clients = Array.from({ length: 20 }, () => new pg.Client({ connectionString: database.url }))
    opened.push(...clients)
    // What a role may have set: a transaction that reads the catalog as it was before it waited, and little patience.
    await Promise.all(
      clients.map(async (client, index) => {
        await client.connect()
        if (index % 4 === 1) await client.query("set default_transaction_isolation = 'serializable'")
        if (index % 4 === 2) await client.query("set search_path = ''; set lock_timeout = '1s'")
      }),
    )
    const done = await Promise.all(clients.map((client) => installControl(client)))
    expect(new Set(done.map(({ version }) => version))).toEqual(new Set([LATEST]))
    const [client] = clients
    if (client === undefined) throw new Error('there is no client')
    expect(await versionsOf(openControl(client))).toEqual(ALL)
    const settings = await clients[2]?.query(
      "select current_setting('search_path') as path, current_setting('lock_timeout') as patience",
    )
    expect(settings?.rows).toEqual([{ path: '""', patience: '1s' }])
  })

  test.each(ALL.slice(0, -1))('is brought up to date from version %i, and keeps what is in it', async (version) => {
    const pool = await open()
    await pool.query(installStatement('expand_contract', CONTROL_FILES.slice(0, version)))
    await pool.query(`insert into expand_contract.migrations (id, table_name, phase, declaration_hash, declaration, created_by, changed_by)
      values ('users.full_name', 'users', 'expand', 'h', '{}', 'dana', 'dana')`)
    await expect(checkControl(openControl(pool))).rejects.toMatchObject({ code: 'EC_CONTROL_MISSING' })
    const { installed } = await installControl(pool)
    expect(installed).toHaveLength(LATEST - version)
    expect(await versionsOf(openControl(pool))).toEqual(ALL)
    expect((await pool.query('select phase from expand_contract.migrations')).rows).toEqual([{ phase: 'expand' }])
  })

  test('is not used by a library that knows a breaking version not; another newer one changes nothing', async () => {
    const pool = await open()
    await installControl(pool)
    await pool.query(`insert into expand_contract.schema_versions values (${LATEST + 1}, 'more', false)`)
    expect(await installControl(pool)).toMatchObject({ version: LATEST + 1, installed: [] })
    await checkControl(openControl(pool))
    await pool.query(`insert into expand_contract.schema_versions values (${LATEST + 2}, 'other', true)`)
    await expect(installControl(pool)).rejects.toMatchObject({ code: 'EC_CONTROL_NEWER' })
    await expect(checkControl(openControl(pool))).rejects.toMatchObject({ code: 'EC_CONTROL_NEWER' })
  })

  test('is installed by hand from what is printed, and found', async () => {
    const pool = await open()
    await runScript(database.url, controlSql())
    expect(await installControl(pool)).toMatchObject({ installed: [] })
    expect(controlSql({ from: LATEST - 1 })).not.toContain('create table expand_contract.migrations')
  })

  test('is installed through a pool that plans statements, whatever tables migrate', async () => {
    const pool = await open()
    await pool.query('create table events (id int, kind text); create table users (id int, name text)')
    const migrations = [
      renameColumn({ table: 'events', from: 'kind', to: 'type' }),
      renameColumn({ table: 'users', from: 'name', to: 'full_name' }),
    ]
    const runtime = await createRuntime({ migrations })
    const planning = instrumentedPool(runtime, { connectionString: database.url, max: 1 })
    opened.push(planning)
    expect(await installControl(planning)).toMatchObject({ version: LATEST })
    const control = openControl(planning)
    await appendEvent(control, { kind: 'installed', who: 'web' })
    expect(await readEvents(control)).toMatchObject([{ kind: 'installed' }])
    await runtime.close()
  })

  test('a part of it that fails leaves nothing', async () => {
    const pool = await open()
    await pool
      .query('create role nobody_much nologin; grant create on schema public to nobody_much')
      .catch(() => undefined)
    const client = new pg.Client({ connectionString: database.url })
    opened.push(client)
    await client.connect()
    await client.query('set role nobody_much')
    await expect(installControl(client)).rejects.toMatchObject({ code: 'EC_CONTROL_INSTALL', cause: { code: '42501' } })
    expect((await pool.query("select to_regnamespace('expand_contract') as there")).rows).toEqual([{ there: null }])
    await client.query('reset role; drop owned by nobody_much; drop role nobody_much')
  })

  test('says of every table and column what it is', async () => {
    const pool = await open()
    await installControl(pool)
    const { rows } = await pool.query(`select c.relname, a.attname from pg_class c
      left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
      where c.relnamespace = 'expand_contract'::regnamespace and c.relkind = 'r'
        and (obj_description(c.oid, 'pg_class') is null or col_description(c.oid, a.attnum) is null)`)
    expect(rows).toEqual([])
  })

  test('a lock that is not to be had is tried for again; another error is told', async () => {
    const pool = await open()
    const errors = [{ code: '55P03' }, { code: '42P07' }].map((facts) => Object.assign(new Error('not now'), facts))
    const client: SqlClient = {
      query: (text, values) => {
        const error = text.startsWith('DO ') ? errors.shift() : undefined
        return error === undefined ? pool.query(text, values) : Promise.reject(error)
      },
    }
    expect(await installControl(client)).toMatchObject({ version: LATEST })
    expect(errors).toEqual([])
    errors.push(Object.assign(new Error('full'), { code: '53100' }))
    await expect(installControl(client, { schema: 'other' })).rejects.toMatchObject({ code: 'EC_CONTROL_INSTALL' })
  })

  test('a lock of a table is waited for for 2 s at most', async () => {
    const pool = await open()
    await pool.query(installStatement('expand_contract', CONTROL_FILES.slice(0, 2)))
    const reader = await pool.connect()
    await reader.query('begin; lock table expand_contract.migrations, expand_contract.leases')
    const [last] = CONTROL_FILES.slice(-1)
    const waits = pool.query(installStatement('expand_contract', last === undefined ? [] : [last]))
    await expect(waits).rejects.toMatchObject({ code: '55P03' })
    await reader.query('commit')
    reader.release()
  })
})

test.each(['', 'pg_mine', 'x'.repeat(64), 'nul\0', '\ud800', 7])('a name that none can be is refused: %j', (schema) => {
  expect(() => openControl({ query: async () => ({ rows: [] }) }, { schema: schema as string })).toThrow(
    expect.objectContaining({ code: 'EC_CONTROL_SCHEMA' }),
  )
})

test('PGlite has it as well', async () => {
  const db = await startPGlite({ script: '' })
  expect(await installControl(db)).toMatchObject({ version: LATEST })
  await checkControl(openControl(db))
  await db.close()
})

const program = pgbouncerProgram()
if (program === undefined) console.log('PgBouncer is not installed, so nothing was installed through it.')

test.skipIf(program === undefined)(
  'it is installed by many at once through PgBouncer in transaction mode',
  async () => {
    const database = await createDatabase(newestMajor())
    const bouncer = await startPgBouncer(program ?? '', database.url, 5)
    const pool = new pg.Pool({ connectionString: bouncer.url, max: 20 })
    await Promise.all(Array.from({ length: 20 }, () => installControl(pool)))
    expect(await versionsOf(openControl(pool))).toEqual(ALL)
    expect(
      (await queryServer(database.url, `select from pg_locks where locktype = 'advisory' and ${OWN}`)).rows,
    ).toEqual([])
    await pool.end()
    await bouncer.stop()
    await database.drop()
  },
)
