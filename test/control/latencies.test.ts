import {
  beginMigration,
  databasePhases,
  installControl,
  joinFleet,
  openControl,
  readLatencies,
  recordPhase,
  reportInstance,
} from '@expand-contract/control'
import {
  type AnswerEvent,
  createRuntime,
  latencyPercentile,
  mergedLatencies,
  type Runtime,
  renameColumn,
} from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import { instrumentedSql } from '@expand-contract/postgres-js'
import pg from 'pg'
import Cursor from 'pg-cursor'
import postgres from 'postgres'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createDatabase, newestMajor, postgresMajors, type TestDatabase } from '../support/postgres.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'

const NAME = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'read-new' })
const SCRIPT = `create table users (id int primary key, name text, full_name text); create table others (id int);
insert into users select n, 'n' || n, 'n' || n from generate_series(1, 5) n`
const WHO = { who: 'dana' }
const SELDOM = { everyMs: 3_600_000 }

const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  for (const close of opened.splice(0).toReversed()) await close()
})

interface Opened {
  readonly database: TestDatabase
  readonly runtime: Runtime
  readonly flag: { on: boolean }
  readonly answers: AnswerEvent[]
  readonly own: pg.Pool
}

async function open(major: PostgresMajor, listen = true): Promise<Opened> {
  const database = await createDatabase(major, { sql: SCRIPT })
  opened.push(() => database.drop())
  const flag = { on: false }
  const runtime = await createRuntime({
    migrations: [NAME],
    flags: { isEnabled: () => flag.on },
    phases: databasePhases(),
  })
  const own = new pg.Pool({ connectionString: database.url, max: 4 })
  opened.push(async () => {
    await runtime.close()
    await own.end()
  })
  await installControl(own)
  const answers: AnswerEvent[] = []
  if (listen) runtime.observe({ onAnswer: (event) => void answers.push(event) })
  return { database, runtime, flag, answers, own }
}

/** What was seen since the last time, in few words. */
function seen(answers: AnswerEvent[]): readonly string[] {
  return answers.splice(0).map(({ kind, reads, phases, ms }) => {
    expect(ms).toBeGreaterThan(0)
    return `${kind} ${reads[NAME.id]} ${phases[NAME.id]}`
  })
}

const begin = (own: pg.Pool) => beginMigration(openControl(own), { migration: NAME, oldPositions: {}, ...WHO })
const toSwitch = (own: pg.Pool) =>
  recordPhase(openControl(own), { migration: NAME.id, operation: 'switch', from: 'expand', epoch: 1, ...WHO })

describe.each(postgresMajors())('PostgreSQL %i: how long statements take', (major) => {
  test('pg tells of each that is answered, by the phase that it was planned in', async () => {
    const { database, runtime, flag, answers, own } = await open(major)
    const pool = instrumentedPool(runtime, { connectionString: database.url, max: 1 }, { catalogRefreshMs: 0 })
    opened.push(() => pool.end())
    await pool.query('select name from users')
    // Both columns, and no phase is recorded.
    expect(seen(answers)).toEqual(['read old expand'])
    await begin(own)
    await pool.query('select name from users where id = $1', [1])
    await pool.query({ text: 'select name from users where id = $1', values: [1], name: 'by-id' })
    await pool.query({ text: 'select name from users', rowMode: 'array' })
    await new Promise((resolve) => pool.query('select name from users', resolve))
    expect(seen(answers)).toEqual(Array(4).fill('read old expand'))
    for (const text of [
      'insert into users (id, name) values (10, $$a$$)',
      'update users set name = $$b$$ where id = 10',
      'with gone as (delete from users where id = 10 returning name) select name from gone',
      'delete from users where id = 11',
    ])
      await pool.query(text)
    expect(seen(answers)).toEqual(Array(4).fill('write old expand'))
    await pool.query('with one as (select name from users) select name from one')
    await pool.query('with one as (select name from users for no key update) select name from one')
    expect(seen(answers)).toEqual(Array(2).fill('read old expand'))
    await toSwitch(own)
    flag.on = true
    await pool.query('select name from users')
    expect(seen(answers)).toEqual(['read new switch'])

    // Handed over at once: two of them wait in the queue of the client.
    const client = await pool.connect()
    await Promise.all(
      ['select name from users', 'select 1', 'update users set name = name'].map((t) => client.query(t)),
    )
    await client.query('begin')
    await client.query('select name from users')
    await client.query('commit')
    expect(seen(answers)).toEqual(['read new switch', 'write new switch', 'read new switch'])
    client.release()
  })

  test('it is the time from when it was sent, and not from when it was handed over', async () => {
    const { database, runtime, answers } = await open(major)
    const pool = instrumentedPool(runtime, { connectionString: database.url, max: 1 })
    opened.push(() => pool.end())
    await pool.query('select name from users')
    seen(answers)
    // A clock that goes on each time that it is looked at.
    let looks = 0
    vi.spyOn(performance, 'now').mockImplementation(() => (looks += 1))
    const client = await pool.connect()
    await Promise.all([
      client.query('select name from users where id = 1'),
      client.query('select name from users where id = 2'),
    ])
    client.release()
    expect(answers.map(({ ms }) => ms)).toEqual([1, 1])
    vi.restoreAllMocks()
    await pool.query('select name, pg_sleep(0.1) from users where id = 1')
    const slow = answers.at(-1)?.ms
    expect(slow).toBeGreaterThanOrEqual(99)
    expect(JSON.parse(JSON.stringify(answers.at(-1)))).toEqual({
      ...{ kind: 'read', ms: slow, reads: { [NAME.id]: 'old' }, phases: { [NAME.id]: 'expand' } },
    })
  })

  test('what fails, is handed out in parts, or touches no migrating table is not told of', async () => {
    const { database, runtime, answers } = await open(major)
    const pool = instrumentedPool(runtime, { connectionString: database.url, max: 1 })
    opened.push(() => pool.end())
    await pool.query('select name from users')
    seen(answers)
    await expect(pool.query('select name, 1 / (id - 1) from users')).rejects.toMatchObject({ code: '22012' })
    await expect(pool.query('insert into users (id, name) values (1, $1)', ['n'])).rejects.toMatchObject({
      code: '23505',
    })
    await pool.query('select 1')
    await pool.query('select id from others')
    await pool.query('explain select name from users')
    const client = await pool.connect()
    await Promise.allSettled([
      client.query('select name, 1 / (id - 1) from users'),
      client.query('select 1'),
      client.query('select name, 1 / (id - 2) from users'),
    ])
    const cursor = client.query(new Cursor('select name from users'))
    expect(await cursor.read(2)).toHaveLength(2)
    await cursor.close()
    client.release()
    expect(seen(answers)).toEqual([])
    // pg's own class, which is answered as a whole, is told of; and what comes behind an error.
    const query = new pg.Query('select name from users')
    const again = await pool.connect()
    await new Promise<void>((resolve) => {
      query.on('end', () => resolve())
      again.query(query)
    })
    again.release()
    await pool.query('select name from users')
    expect(seen(answers)).toEqual(['read old expand', 'read old expand'])
  })

  test('a pipeline is told of as well', async () => {
    const { database, runtime, answers } = await open(major)
    const pool = instrumentedPool(runtime, { connectionString: database.url, max: 1, ...{ pipeline: true } }, {})
    opened.push(() => pool.end())
    const client = await pool.connect()
    const texts = [
      'select name from users',
      'select 1',
      'select 1 / 0, name from users',
      'update users set name = name',
    ]
    await Promise.allSettled(texts.map((text) => client.query(text)))
    client.release()
    expect(seen(answers)).toEqual(['read old expand', 'write old expand'])
  })

  test('postgres-js tells of the same', async () => {
    const { database, runtime, answers, own } = await open(major)
    await begin(own)
    const sql = instrumentedSql(runtime, postgres(database.url, { max: 2, onnotice: () => undefined }))
    opened.push(() => sql.end())
    await sql`select name from users where id = ${1}`
    await sql`insert into users (id, name) values (10, 'a')`
    await sql.begin(async (inner) => {
      await inner`select name from users`
      await inner`update users set name = name`
    })
    await sql`select 1`
    await sql`select id from others`
    await expect(sql`select name, 1 / (id - 1) from users`).rejects.toMatchObject({ code: '22012' })
    await sql`select name from users`.cursor(2, () => undefined)
    expect(seen(answers)).toEqual(['read old expand', 'write old expand', 'read old expand', 'write old expand'])
  })

  test('the fleet writes them into the database, by stage, and they can be added up there', async () => {
    const { database, runtime, flag, own } = await open(major, false)
    const pool = instrumentedPool(runtime, { connectionString: database.url, max: 1 }, { catalogRefreshMs: 0 })
    opened.push(() => pool.end())
    const members = ['web-1', 'web-2'].map((instance) =>
      joinFleet(runtime, own, { application: 'web', instance, ...SELDOM }),
    )
    opened.push(() => Promise.all(members.map((member) => member.leave())))
    const report = () => Promise.all(members.map((member) => member.report()))
    await begin(own)
    for (let id = 1; id <= 5; id++) await pool.query('select name from users where id = $1', [id])
    await report()
    await toSwitch(own)
    flag.on = true
    await pool.query('select name from users')
    await pool.query('update users set name = name')
    await report()
    await report()
    const control = openControl(own)
    const all = await readLatencies(control, { migration: NAME.id })
    const sums = (of: typeof all) => {
      const found = Map.groupBy(of, ({ phase, side, kind }) => `${phase} ${side} ${kind}`)
      return Object.fromEntries([...found].map(([key, rows]) => [key, rows.reduce((sum, { count }) => sum + count, 0)]))
    }
    // Both members are of one process, and each has counted all.
    expect(sums(all)).toEqual({ 'expand old read': 10, 'switch new read': 2, 'switch new write': 2 })
    for (const { counts, count, beganAt, firstAt, lastAt } of all) {
      expect(mergedLatencies([counts]).reduce((sum, each) => sum + each, 0)).toBe(count)
      expect(latencyPercentile(counts, 0.5)).toBeGreaterThan(0)
      expect(beganAt.getTime() % 900_000).toBe(0)
      expect(beganAt.getTime()).toBeLessThanOrEqual(firstAt.getTime())
      expect(firstAt.getTime()).toBeLessThanOrEqual(lastAt.getTime())
    }
    const { rows } = await own.query(
      `select expand_contract.sum_counts(counts) as counts from expand_contract.latencies`,
    )
    expect(rows[0].counts.map(Number)).toEqual(mergedLatencies(all.map(({ counts }) => counts)))
    expect(
      (
        await own.query(
          'select expand_contract.sum_counts(counts) as counts from expand_contract.latencies where false',
        )
      ).rows,
    ).toEqual([{ counts: [] }])

    // The same place, 50 hours later: what was there is gone, and the table has not grown.
    await own.query(
      "update expand_contract.latencies set began_at = began_at - interval '50 h', first_at = first_at - interval '50 h'",
    )
    await pool.query('update users set name = name')
    await report()
    const later = await readLatencies(control, { migration: NAME.id })
    const now = later.filter(({ beganAt }) => beganAt.getTime() > Date.now() - 3_600_000)
    expect(sums(now)).toEqual({ 'switch new write': 2 })
    // Unless a new quarter of an hour has just begun.
    if (now[0]?.beganAt.getTime() === all.at(-1)?.beganAt.getTime()) expect(later.length).toBe(all.length)
  })
})

describe('how long statements take', () => {
  test('nobody asks a clock where no fleet is joined, or all have left', async () => {
    const { database, runtime, own } = await open(newestMajor(), false)
    const pool = instrumentedPool(runtime, { connectionString: database.url, max: 1 }, { catalogRefreshMs: 3_600_000 })
    opened.push(() => pool.end())
    await pool.query('select name from users')
    const clock = vi.spyOn(performance, 'now')
    await pool.query('select name from users')
    expect(clock).not.toHaveBeenCalled()
    const member = joinFleet(runtime, own, { application: 'web', ...SELDOM })
    await member.report()
    clock.mockClear()
    await pool.query('select name from users')
    expect(clock).toHaveBeenCalledTimes(2)
    await pool.query('select id from others')
    expect(clock).toHaveBeenCalledTimes(2)
    await member.leave()
    clock.mockClear()
    await pool.query('select name from users')
    expect(clock).not.toHaveBeenCalled()
  })

  test('a report of nonsense is taken without it, and an invented migration fills no disk', async () => {
    const { own } = await open(newestMajor(), false)
    const report = {
      ...{ id: 'web-1', application: 'web', appVersion: undefined, libraryVersion: '0', host: undefined, leaseMs: 1 },
      ...{ everyMs: 1_000, leaving: false, acknowledged: {}, declarations: {}, reads: {}, statements: [] },
    }
    const good = { migration: 'm', phase: 'off', side: 'old', kind: 'read', counts: [0, 1] } as const
    const nonsense = [
      { ...good, phase: 'later' },
      { ...good, side: 'left' },
      { ...good, kind: 'odd' },
      { ...good, migration: '' },
      { ...good, counts: [] },
      { ...good, counts: [0, 0] },
      { ...good, counts: [-1] },
      { ...good, counts: Array(513).fill(1) },
    ] as unknown as readonly never[]
    const control = openControl(own)
    expect(await reportInstance(control, { ...report, latencies: [...nonsense, good] })).toMatchObject({
      accepted: true,
    })
    expect(await readLatencies(control, { migration: 'm' })).toMatchObject([{ count: 1, counts: [0, 1] }])
    const full =
      'insert into expand_contract.latencies select $1 || n, $2, $3, $4, 0, now(), now(), now(), 1, $5 from generate_series(1, 100000) n'
    await own.query(full, ['x', 'off', 'old', 'read', [1]])
    await reportInstance(control, { ...report, latencies: [good, { ...good, migration: 'another' }] })
    expect(await readLatencies(control, { migration: 'm' })).toMatchObject([{ count: 2 }])
    expect(await readLatencies(control, { migration: 'another' })).toEqual([])
  })
})
