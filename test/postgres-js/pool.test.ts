import { text as textOf } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { newestMajor } from '../support/postgres.ts'
import { openSql, PATIENT, running } from './open-sql.ts'
import { BOTH, PEOPLE } from './people.ts'

const major = newestMajor()

test('statements at once keep the column of their request', async () => {
  await using fixture = await openSql(major, {
    ...{ script: BOTH, migrations: PEOPLE, max: 3, catalogRefreshMs: 0 },
    source: { isEnabled: (_, { userId }) => userId === 'new' },
  })
  const { sql, runtime } = fixture
  const nameOf = (id: number) => sql`select name from people where id = ${id}`.then(([row]) => row?.name)
  const request = (on: boolean) =>
    runtime.withContext({ userId: on ? 'new' : 'old' }, async () => {
      const first = await nameOf(1)
      await sql`select pg_sleep(0.01)`
      return [first, ...(await Promise.all([nameOf(2), nameOf(3)]))]
    })
  const seen = await Promise.all(Array.from({ length: 20 }, (_, index) => request(index % 2 === 0)))
  const whole = [
    ['Ada', 'Alan', 'Grace'],
    ['Ada*', 'Alan*', 'Grace*'],
  ]
  expect(new Set(seen.map(String))).toEqual(new Set(whole.map(String)))
})

test('a lazy query is sent when it is awaited, and planned for the request that awaits it', async () => {
  await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE })
  const { sql, runtime, flags, statements } = fixture
  const query = sql`select name from people where id = 1`
  const text = sql.unsafe('select name from people where id = 2')
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(statements).toEqual([])
  flags.set('name', true)
  expect([...(await runtime.withContext({}, async () => query))]).toEqual([{ name: 'Ada*' }])
  expect([...(await text.values())]).toEqual([['Alan*']])
  expect(statements).toHaveLength(2)
  expect(await Promise.all([query, query.then((rows) => rows.count)])).toEqual([[{ name: 'Ada*' }], 1])
})

test('cursors, forEach, raw, describe and simple', async () => {
  await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE, max: 2 })
  const { sql, flags } = fixture
  flags.set('name', true)
  const people = () => sql`select name from people order by id`
  const seen: unknown[] = []
  for await (const rows of people().cursor(2)) seen.push(rows.map(({ name }) => name))
  expect(seen).toEqual([['Ada*', 'Alan*'], ['Grace*']])
  for await (const [row] of people().cursor()) {
    expect(row).toEqual({ name: 'Ada*' })
    break
  }
  const each: unknown[] = []
  await people().forEach(({ name }) => void each.push(name))
  expect(each).toEqual(['Ada*', 'Alan*', 'Grace*'])
  const raw = await people().raw()
  expect(raw.map(([value]) => String(value))).toEqual(['Ada*', 'Alan*', 'Grace*'])
  const { columns } = await sql`select name, cents from people where name = ${'Ada'}`.describe()
  expect(columns.map(({ name, type }) => [name, type])).toEqual([
    ['name', 1043],
    ['cents', 23],
  ])
  const several = await sql.unsafe('update people set cents = 1; select name, cents from people where id = 1').simple()
  expect(several.at(-1)).toEqual([{ name: 'Ada*', cents: 1 }])
})

test("after a cursor's function has failed, the next statement is answered as postgres-js does it", async () => {
  const after = async (options: { readonly migrations: typeof PEOPLE }): Promise<unknown> => {
    await using fixture = await openSql(major, { script: BOTH, max: 1, ...options })
    const people = () => fixture.sql`select name from people order by id`
    const failing = people().cursor(1, () => Promise.reject(new Error('mine')))
    await expect(failing).rejects.toThrow('mine')
    return [[...(await people())], [...(await people())]]
  }
  // postgres-js 3.4.9 itself gives it a row too many.
  expect(await after({ migrations: PEOPLE })).toEqual(await after({ migrations: [] }))
})

test('COPY is streamed, and its connection comes back', async () => {
  await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE, max: 2 })
  const { sql, flags } = fixture
  flags.set('name', true)
  for (let round = 0; round < 4; round++) {
    const stream = await sql`copy (select name, cents from people order by id) to stdout`.readable()
    expect(await textOf(stream)).toBe('Ada*\t1250\nAlan*\t999\nGrace*\t-5\n')
  }
  const writable = await sql`copy notes (body) from stdin`.writable()
  await new Promise<void>((resolve, reject) => {
    writable.once('finish', resolve).once('error', reject)
    writable.end('one\ntwo\n')
  })
  expect((await sql`select body from notes order by id`).map(({ body }) => body)).toEqual(['one', 'two'])
})

test('a query that is cancelled, before it is sent and while it runs', async () => {
  await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE, max: 1 })
  const { sql } = fixture
  const early = sql`select name from people`.execute()
  const refused = expect(early).rejects.toMatchObject({ code: '57014' })
  await Promise.resolve()
  early.cancel()
  await refused
  const long = sql`select name, pg_sleep(30) from people`.execute()
  const cancelled = expect(long).rejects.toMatchObject({ code: '57014' })
  await expect.poll(() => fixture.bare(running('pg_sleep(30)')), PATIENT).toHaveLength(1)
  long.cancel()
  await cancelled
  expect(await sql`select name from people`).toHaveLength(3)
})

test('end waits for what is being planned, and nothing is sent after it', async () => {
  await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE, max: 2 })
  const { sql } = fixture
  const inserts = [1, 2, 3, 4].map((id) => sql`insert into people (name) values (${`Number ${id}`})`.execute())
  const ended = sql.end()
  const late = expect(sql`insert into people (name) values ('late')`).rejects.toMatchObject({
    code: 'CONNECTION_ENDED',
  })
  await Promise.all([...inserts, ended, late])
  expect(await fixture.bare('select from people where full_name like $$Number%$$')).toHaveLength(4)
})

test('a long wait for a connection does not let a statement be sent as it was planned before', async () => {
  await using fixture = await openSql(major, {
    script: BOTH.replace(/alter table people add[^;]*;[^;]*;/u, ''),
    migrations: PEOPLE,
    max: 1,
    catalogRefreshMs: 100,
  })
  const { sql } = fixture
  await sql`select name from people`
  const busy = sql.begin((tx) => tx`select pg_sleep(600)`).catch(({ code }) => code)
  await expect.poll(() => fixture.bare(running('pg_sleep(600)')), PATIENT).toHaveLength(1)
  const waiting = sql`insert into people (name) values ('Waited')`.execute()
  await fixture.bare('alter table people add full_name text')
  await new Promise((resolve) => setTimeout(resolve, 300))
  await fixture.bare(`select pg_cancel_backend(pid) from (${running('pg_sleep(600)')}) as it`)
  expect(await busy).toBe('57014')
  await waiting
  expect(await fixture.bare("select full_name from people where name = 'Waited'")).toEqual([{ full_name: 'Waited' }])
})
