import { type Action, executeActions, type RunnerEvent } from '@expand-contract/runner'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'

const QUICK = { firstPauseMs: 10, maxPauseMs: 20 }
const UNDO = `DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('made')::oid AND NOT indisvalid) THEN DROP INDEX made; END IF;
END $$`

const build = (columns = 'name', unique = ''): Action => ({
  ...{
    kind: 'sql',
    migration: 'm',
    why: 'a test',
    lock: 'SHARE UPDATE EXCLUSIVE',
    tables: ['users'],
    transaction: undefined,
  },
  ...{
    estimate: { kind: 'instant' },
    sql: `CREATE ${unique} INDEX CONCURRENTLY made ON users (${columns})`,
    undo: UNDO,
  },
})

describe.each(postgresMajors())('PostgreSQL %i: a statement outside of a transaction', (major) => {
  let db: ExpandedDatabase
  beforeAll(async () => {
    db = await ExpandedDatabase.open(
      major,
      `create table users (id int primary key, name text); insert into users select g, 'same' from generate_series(1, 20) g`,
    )
    await db.client.query("set lock_timeout = '7s'; set statement_timeout = '8s'; set application_name = 'mine'")
  })
  afterAll(() => db.close())

  const run = (action: Action, options: Partial<Parameters<typeof executeActions>[2]> = {}): Promise<void> => {
    const recordPhase = () => Promise.reject(new Error('no phase'))
    return executeActions(db.client, [action], { operation: 'build', handlers: { recordPhase }, ...QUICK, ...options })
  }
  const indexes = async (): Promise<readonly unknown[]> =>
    (await db.rows("select indisvalid as valid from pg_index where indexrelid = to_regclass('made')::oid")).map(
      ({ valid }) => valid,
    )
  const settings = async () =>
    (
      await db.rows(`select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement,
        current_setting('application_name') as application, current_setting('client_connection_check_interval') as interval`)
    )[0]
  const MINE = { lock: '7s', statement: '8s', application: 'mine', interval: '0' }

  /** Holds the table, so that a build waits for it. */
  async function writer(): Promise<pg.Client> {
    const client = await db.connect({ application_name: 'shop' })
    await client.query('begin; update users set id = id where id = 1')
    return client
  }

  test('says what it is while it runs, without a timeout of the session, and leaves the settings as they were', async () => {
    const held = await writer()
    const running = run(build(), { buildTimeoutMs: 12_345 })
    // Within a transaction the activity stays what it was when it was first seen.
    const observer = await db.connect()
    const seen = () =>
      observer.query(
        "select application_name as name, wait_event_type as waits from pg_stat_activity where datname = current_database() and query like 'CREATE%'",
      )
    await vi.waitFor(
      async () => expect((await seen()).rows).toEqual([{ name: 'expand-contract build m', waits: 'Lock' }]),
      {
        ...{ timeout: 60_000, interval: 20 },
      },
    )
    await held.query('commit')
    await running
    expect([await indexes(), await settings()]).toEqual([[true], MINE])
    await db.client.query('drop index made')
  })

  test('an error of PostgreSQL comes as it is, takes away what was built, and leaves the settings as they were', async () => {
    await expect(run(build('name', 'UNIQUE'))).rejects.toMatchObject({ code: '23505' })
    expect([await indexes(), await settings()]).toEqual([[], MINE])
  })

  test('what somebody else has built under the name stays', async () => {
    await db.client.query('create index made on users (id)')
    await expect(run(build())).rejects.toMatchObject({ code: '42P07' })
    expect(await indexes()).toEqual([true])
    await db.client.query("update pg_index set indisvalid = false where indexrelid = 'made'::regclass")
    await expect(run(build())).rejects.toMatchObject({ code: '42P07' })
    expect(await indexes()).toEqual([false])
    await db.client.query('drop index made')
  })

  test('a build of somebody else that it waits for is not taken away when its tries are over', async () => {
    const held = await writer()
    const other = await db.connect()
    const theirs = other.query('create index concurrently made on users (id)')
    await vi.waitFor(async () => expect(await indexes()).toEqual([false]), { timeout: 60_000, interval: 20 })
    const mine = run(build(), { buildTimeoutMs: 50, vacuumTimeoutMs: 50, maxTries: 2 })
    await expect(mine).rejects.toMatchObject({ code: 'EC_LOCK_NOT_GRANTED' })
    await held.query('commit')
    await theirs
    expect(await indexes()).toEqual([true])
    await db.client.query('drop index made')
  })

  test('tries end: who was in the way is named, without values; what is left is taken away by the next try that can', async () => {
    const held = await writer()
    const waits: RunnerEvent[] = []
    const options = { buildTimeoutMs: 50, vacuumTimeoutMs: 50, lockTimeoutMs: 20 }
    const onEvent = (event: RunnerEvent): void => void (event.type === 'waiting' && waits.push(event))
    await expect(run(build(), { ...options, maxTries: 3, onEvent })).rejects.toMatchObject({
      ...{ code: 'EC_LOCK_NOT_GRANTED', cause: { code: '55P03' } },
      message: expect.stringMatching(/in 3 tries\. What it had built is left behind, invalid.*pid \d+ \(app "shop"/u),
    })
    expect(waits).toHaveLength(2)
    expect([await indexes(), await settings()]).toEqual([[false], MINE])
    await db.client.query('update users set id = id where id = 2')
    await held.query('commit')
    await db.client.query(UNDO)
    const again = await writer()
    let freed: Promise<unknown> | undefined
    await run(build(), {
      ...{ ...options, maxTries: 1_000, buildTimeoutMs: 500 },
      onEvent: ({ type }) => {
        if (type === 'waiting') freed ??= again.query('commit')
      },
    })
    expect([await indexes(), freed !== undefined]).toEqual([[true], true])
    await db.client.query('drop index made')
  })

  test('who cancels it gets the error of PostgreSQL; who stops it gets his reason, between two tries', async () => {
    const held = await writer()
    const pid = Number((await db.rows('select pg_backend_pid() as pid'))[0]?.pid)
    const cancelled = run(build(), { vacuumTimeoutMs: 50, lockTimeoutMs: 20 })
    const refused = expect(cancelled).rejects.toMatchObject({ code: '57014' })
    await vi.waitFor(
      async () => {
        const { rows } = await held.query('select count(*)::int as n from pg_index where not indisvalid')
        expect(rows).toEqual([{ n: 1 }])
      },
      { timeout: 60_000, interval: 20 },
    )
    await held.query('select pg_cancel_backend($1)', [pid])
    await refused
    await held.query('commit')
    expect(await settings()).toEqual(MINE)
    await db.client.query(UNDO)
    const again = await writer()
    const stop = new AbortController()
    const options = {
      buildTimeoutMs: 50,
      vacuumTimeoutMs: 50,
      lockTimeoutMs: 20,
      firstPauseMs: 60_000,
      maxPauseMs: 60_000,
    }
    const stopped = run(build(), {
      ...{ ...options, signal: stop.signal },
      onEvent: ({ type }) => type === 'waiting' && stop.abort(new Error('enough')),
    })
    await expect(stopped).rejects.toThrow('enough')
    expect(await settings()).toEqual(MINE)
    await again.query('commit')
    await db.client.query(UNDO)
    expect(await indexes()).toEqual([])
  })
})
