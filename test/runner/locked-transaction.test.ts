import { renameColumn } from '@expand-contract/core'
import { type RunnerEvent, readFacts, runExpand } from '@expand-contract/runner'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pgbouncerProgram, startPgBouncer } from '../support/pgbouncer.ts'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'

const USERS = `create table users (id int primary key, name text); insert into users values (1, 'Ada');`
const RENAME = renameColumn({ table: 'users', from: 'name', to: 'full_name' })
const QUICK = { firstPauseMs: 20, maxPauseMs: 40 }

type Waiting = Extract<RunnerEvent, { type: 'waiting' }>

describe.each(postgresMajors())('PostgreSQL %i: DDL that waits for others', (major) => {
  let db: ExpandedDatabase
  beforeAll(async () => {
    db = await ExpandedDatabase.open(major, USERS)
  })
  afterAll(() => db.close())

  test('PEERS 10: names who is in the way without its values, lets others pass between its tries, and gets through when it is gone', async () => {
    const blocker = await db.connect({ application_name: 'report' })
    await blocker.query("begin; select * from users where name = 'a secret'")
    const reader = await db.connect()
    const waits: Waiting[] = []
    let free: Promise<unknown> | undefined
    await db.expand(RENAME, {
      ...QUICK,
      lockTimeoutMs: 50,
      onEvent: (event) => {
        if (event.type !== 'waiting') return
        waits.push(event)
        // Nothing of ours is held between two tries.
        if (waits.length === 2) free = reader.query('select * from users').then(() => blocker.query('commit'))
      },
    })
    await free
    expect(waits.length).toBeGreaterThanOrEqual(2)
    expect(waits[0]).toMatchObject({
      sqlState: '55P03',
      tries: 1,
      blockers: [
        {
          application: 'report',
          role: 'postgres',
          state: 'idle in transaction',
          kind: 'client backend',
          since: expect.any(Date),
          pid: expect.any(Number),
          statement: expect.stringContaining('from users where name = $1'),
        },
      ],
    })
    expect(JSON.stringify(waits)).not.toContain('secret')
    expect(await db.phase(RENAME)).toBe('expand')
    await db.rollback(RENAME)
    expect(await db.phase(RENAME)).toBe('off')
  })

  test('gives up after its tries, the last one with its timeout, and has changed nothing', async () => {
    const blocker = await db.connect({ application_name: 'stuck' })
    await blocker.query('begin; update users set id = id')
    const before = await db.facts(RENAME)
    const attempt = db.expand(RENAME, { ...QUICK, lockTimeoutMs: 20, maxTries: 3 })
    await expect(attempt).rejects.toMatchObject({
      code: 'EC_LOCK_NOT_GRANTED',
      message: expect.stringMatching(
        /in 3 tries\. Nothing was changed\. In the way: pid \d+ \(app "stuck", role postgres, idle in transaction/u,
      ),
      cause: { code: '55P03' },
    })
    await blocker.query('rollback')
    expect(await db.facts(RENAME)).toEqual(before)
    expect(await db.phase(RENAME)).toBe('off')
  })

  test('a prepared transaction is named, and so is somebody who holds what a VACUUM takes', async () => {
    const other = await db.connect({ application_name: 'analyst' })
    await other.query('begin; lock table users in share update exclusive mode')
    const waits: Waiting[] = []
    const attempt = db.expand(RENAME, {
      ...{ ...QUICK, vacuumTimeoutMs: 30, maxTries: 2 },
      onEvent: (event) => void (event.type === 'waiting' && waits.push(event)),
    })
    await expect(attempt).rejects.toMatchObject({ code: 'EC_LOCK_NOT_GRANTED' })
    expect(waits[0]?.blockers.map(({ application }) => application)).toEqual(['analyst'])
    await other.query('rollback')
  })

  test('ends between two tries when it is told to', async () => {
    const blocker = await db.connect()
    await blocker.query('begin; select * from users')
    const abort = new AbortController()
    const attempt = db.expand(RENAME, {
      ...{ firstPauseMs: 60_000, maxPauseMs: 60_000, lockTimeoutMs: 20, signal: abort.signal },
      onEvent: (event) => event.type === 'waiting' && abort.abort(new Error('enough')),
    })
    await expect(attempt).rejects.toThrow('enough')
    await blocker.query('commit')
    expect((await db.facts(RENAME)).table?.columns.map(({ name }) => name)).toEqual(['name'])
  })

  test('a listener that fails breaks nothing, and nothing is left set', async () => {
    await db.expand(RENAME, {
      onEvent: () => {
        throw new Error('a defect of the listener')
      },
    })
    const { rows } =
      await db.client.query(`select current_setting('lock_timeout') as lock, current_setting('row_security') as security,
      current_setting('application_name') as application, current_setting('search_path') as path`)
    expect(rows).toEqual([{ lock: '0', security: 'on', application: '', path: '"$user", public' }])
    await db.rollback(RENAME)
  })

  test('while it works, it says what it is, and its settings are those of its transaction alone', async () => {
    const seen: unknown[] = []
    const observer = await db.connect()
    const blocker = await db.connect()
    await blocker.query('begin; select * from users')
    let query: Promise<void> | undefined
    await db.expand(RENAME, {
      ...{ ...QUICK, lockTimeoutMs: 60_000 },
      onEvent: ({ type }) => {
        if (type !== 'started' || query) return
        query = observer
          .query(
            `select application_name from pg_stat_activity
             where application_name like 'expand-contract%' and datname = current_database()`,
          )
          .then(({ rows }) => void seen.push(...rows))
          .then(() => blocker.query('commit'))
          .then(() => undefined)
      },
    })
    await query
    expect(seen).toEqual([{ application_name: 'expand-contract expand users.full_name' }])
    await db.rollback(RENAME)
  })
})

describe('through PgBouncer in transaction mode', () => {
  const program = pgbouncerProgram()
  test('expands and reads facts, and leaves the connections to the server as they were', async () => {
    if (program === undefined)
      return void console.warn('Not run: there is no pgbouncer on this machine (Debian: apt install pgbouncer).')
    const [major] = postgresMajors()
    if (major === undefined) throw new Error('no server')
    const db = await ExpandedDatabase.open(major, USERS)
    await db.client.query('create role app login superuser').catch(() => undefined)
    const bouncer = await startPgBouncer(program, db.database.url)
    const client = new pg.Client({ connectionString: bouncer.url })
    await client.connect()
    await runExpand(client, RENAME, { operator: { who: 'test' } })
    expect((await readFacts(client, RENAME)).trigger?.phase).toBe('expand')
    const { rows } = await client.query(
      "select current_setting('lock_timeout') as lock, current_setting('search_path') as path",
    )
    expect(rows).toEqual([{ lock: '0', path: '"$user", public' }])
    await client.end()
    await bouncer.stop()
    await db.close()
  })
})
