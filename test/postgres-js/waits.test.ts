import { once } from 'node:events'
import { text as textOf } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { newestMajor } from '../support/postgres.ts'
import { type OpenSqlOptions, openSql, PATIENT, running } from './open-sql.ts'
import { BOTH, PEOPLE } from './people.ts'

const major = newestMajor()
const open = (options: Partial<OpenSqlOptions>) => openSql(major, { script: BOTH, migrations: PEOPLE, ...options })

describe.each([
  [false, 1],
  [false, 3],
  [true, 1],
  [true, 3],
])('fetch_types: %s, %i connections', (fetch_types, max) => {
  const untyped = () => open({ fetch_types, max, catalogRefreshMs: 60_000 })

  test('statements alone, in begin and on a reserved connection, whatever comes first', async () => {
    for (const first of ['alone', 'begin', 'reserve'] as const) {
      await using fixture = await untyped()
      const { sql } = fixture
      const name = async (on: typeof sql) => (await on.unsafe('select name from people where id = 1'))[0]?.name
      const ways = {
        alone: () => name(sql),
        begin: () => sql.begin((tx) => name(tx as unknown as typeof sql)),
        async reserve() {
          const reserved = await sql.reserve()
          const found = await name(reserved)
          expect((await reserved`select ${1}::int as one`)[0]?.one).toBe(1)
          expect(Reflect.get(reserved, 'begin')).toBeUndefined()
          reserved.release()
          return found
        },
      }
      expect(await ways[first]()).toBe('Ada')
      for (const way of Object.values(ways)) expect(await way()).toBe('Ada')
    }
  })

  test('more statements at once than connections', async () => {
    await using fixture = await untyped()
    const { sql } = fixture
    const write = (id: number) => sql`insert into people (name, cents) values (${`n${id}`}, ${id}) returning name`
    const read = () => sql`select name from people where id = 1`
    const other = () => sql`select body from notes`
    const round = (from: number) =>
      Promise.all(Array.from({ length: 12 }, (_, index) => [write(from + index), read(), other()]).flat())
    for (const from of [0, 20, 40]) expect(await round(from)).toHaveLength(36)
    expect(await fixture.bare("select from people where full_name = name and name like 'n%'")).toHaveLength(36)
    const { length } = await fixture.bare(
      "select from pg_stat_activity where application_name = 'postgres.js' and datname = current_database()",
    )
    expect(length).toBeLessThanOrEqual(max)
  })

  test('a connection that is lost while it is held fails its statement, and the pool goes on', async () => {
    await using fixture = await untyped()
    const { sql } = fixture
    for (let round = 0; round <= max; round++) {
      const slow = sql`select name, pg_sleep(30) from people`.then(String, ({ code }) => code)
      await expect.poll(() => fixture.bare(running('pg_sleep(30)')), PATIENT).toHaveLength(1)
      const waiting = max === 1 ? sql`select name from people where id = 1`.then(String, String) : undefined
      await fixture.bare(`select pg_terminate_backend(pid) from (${running('pg_sleep(30)')}) as it`)
      expect(await slow).toMatch(/CONNECTION_CLOSED|57P01/u)
      await waiting
      // The driver hands what broke the connection to whoever opens it anew, once.
      await sql`select name from people`.catch(() => undefined)
    }
    // All of them at once: what was lost and is not open again keeps the driver's `end` waiting.
    const names = () =>
      Promise.all(Array.from({ length: max }, () => sql`select name, pg_sleep(0.1) from people`.values()))
    await expect.poll(() => names().then(({ length }) => length, String), PATIENT).toBe(max)
  })
})

describe.each([{}, { fetch_types: false }])('COPY on every connection there is: %o', (options) => {
  const COPY = 'COPY_IN_PROGRESS'
  const codeOf = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'ok',
      ({ code }) => code,
    )

  test.each(['select name from people', 'select body from notes', 'select 1'])(
    'rejects, as the driver does: %s',
    async (text) => {
      await using fixture = await open({ max: 1, ...options })
      const { sql } = fixture
      await sql.unsafe(text)
      const writable = await sql`copy notes (body) from stdin`.writable()
      expect(await codeOf(sql.unsafe(text))).toBe(COPY)
      expect(await codeOf(sql.begin((tx) => tx.unsafe(text)))).toBe(COPY)
      writable.write('one\n')
      writable.end('two\n')
      await once(writable, 'finish')
      expect(await codeOf(sql.unsafe(text))).toBe('ok')
      expect(await sql`select body from notes order by id`).toHaveLength(2)
    },
  )

  test('what waits already is rejected when the last connection is taken', async () => {
    await using fixture = await open({ max: 2, ...options })
    const { sql } = fixture
    const reserved = await sql.reserve()
    const copying = sql`copy notes (body) from stdin`.writable()
    const waiting = codeOf(sql`select name from people`)
    const writable = await copying
    expect(await waiting).toMatch(/COPY_IN_PROGRESS|ok/u)
    expect(await codeOf(sql`select name from people`)).toBe(COPY)
    writable.end('one\n')
    await once(writable, 'finish')
    reserved.release()
    expect(await codeOf(sql`select name from people`)).toBe('ok')
  })

  test('in a transaction, where the driver rejects it and goes on', async () => {
    await using fixture = await open({ max: 2, ...options })
    const { sql } = fixture
    const failed = sql.begin(async (tx) => {
      const writable = await tx`copy notes (body) from stdin`.writable()
      expect(await codeOf(tx`select name from people`)).toBe(COPY)
      writable.end('one\n')
      await once(writable, 'finish')
      expect(await codeOf(tx`select name from people`)).toBe('ok')
    })
    expect(await codeOf(failed)).toBe(COPY)
    expect(await fixture.bare('select from notes')).toEqual([])
  })

  test('COPY TO frees its connection when all of it has come, read or not, and when it is given up', async () => {
    await using fixture = await open({ max: 1, ...options })
    const { sql } = fixture
    const unread = await sql`copy (select name from people order by id) to stdout`.readable()
    await expect.poll(() => codeOf(sql`select name from people`), PATIENT).toBe('ok')
    expect(await textOf(unread)).toBe('Ada\nAlan\nGrace\n')
    const large = "copy (select repeat('x', 1000) from people, generate_series(1, 3000)) to stdout"
    const abandoned = await sql.unsafe(large).readable()
    expect(await codeOf(sql`select 1`)).toBe(COPY)
    abandoned.destroy()
    await expect.poll(() => codeOf(sql`select name from people`), PATIENT).toBe('ok')
  })

  test('COPY FROM that is given up, or whose connection is lost, leaves the pool usable', async () => {
    await using fixture = await open({ max: 1, ...options })
    const { sql } = fixture
    const given = await sql`copy notes (body) from stdin`.writable()
    given.once('error', () => undefined)
    given.write('one\n')
    given.destroy(new Error('mine'))
    await expect.poll(() => codeOf(sql`select name from people`), PATIENT).toBe('ok')
    const lost = await sql`copy notes (body) from stdin`.writable()
    const told = once(lost, 'close').catch(() => undefined)
    lost.once('error', () => undefined)
    await fixture.bare(`select pg_terminate_backend(pid) from (${running('copy notes')}) as it`)
    await told
    await expect.poll(() => codeOf(sql`select name from people`), PATIENT).toBe('ok')
    expect(await fixture.bare('select from notes')).toEqual([])
  })
})
