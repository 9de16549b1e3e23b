import { identifier, raw, sql } from '@electric-sql/pglite/template'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BOTH, CONTRACT, OLD, PEOPLE } from '../postgres-js/people.ts'
import { type LivePGlite, livePGlite, type OpenPGlite, openPGlite } from './open-pglite.ts'

const UPPER = (value: string): string => value.toUpperCase()

/** What is called, on the instrumented instance as on the twin. Names and types stay, so results are equal to the last field. */
const SHAPES: Readonly<Record<string, (db: LivePGlite) => Promise<unknown>>> = {
  query: (db) => db.query('select * from people order by id'),
  'query with parameters': (db) => db.query('select name, cents from people where name = $1', ['Ada']),
  'query for arrays': (db) => db.query('select name, cents, name from people order by id', [], { rowMode: 'array' }),
  parsers: (db) => db.query('select name, cents from people where id = 1', [], { parsers: { 1043: UPPER, 23: UPPER } }),
  serializers: (db) =>
    db.query('insert into people (name, cents) values ($1, $2) returning *', ['Shape', 'x'], {
      serializers: { 23: () => '77', 1043: UPPER },
    }),
  paramTypes: (db) => db.query('select id from people where cents = $1', ['999'], { paramTypes: [23] }),
  'an array': (db) => db.query('select name from people where name = any($1) order by id', [['Ada', 'Grace']]),
  'a count of rows': (db) => db.query('update people set cents = cents + 1 where id < $1', [3]),
  'no rows': (db) => db.query('delete from people where name = $1 returning name, cents', ['Nobody']),
  sql: (db) => db.sql`update people set cents = ${5} where name = ${'Alan'} returning ${identifier`name`}, cents`,
  'nested templates': (db) => {
    const order = raw`order by id desc`
    return db.sql`select name from ${identifier`people`} ${sql`where cents > ${-100} and name <> ${'x'}`} ${order}`
  },
  exec: (db) =>
    db.exec(
      "update people set cents = 8 where name = 'Ada'; select name, cents from people order by id; select 1 as one",
    ),
  'exec for arrays': (db) => db.exec('select name, cents from people order by id', { rowMode: 'array' }),
  'exec of nothing': (db) => db.exec('-- people'),
  describeQuery: async (db) => {
    const { queryParams, resultFields } = await db.describeQuery('select * from people where name = $1 and cents > $2')
    return [queryParams.map((each) => each.dataTypeID), resultFields.map((each) => [each.name, each.dataTypeID])]
  },
  'transaction results': (db) =>
    db.transaction(async (tx) => [
      await tx.query('select name from people where id = $1', [1], { rowMode: 'array' }),
      await tx.sql`insert into people (name) values (${'In a transaction'}) returning *`,
      await tx.exec("delete from people where name = 'In a transaction'; select count(name) from people"),
    ]),
  'a notice': async (db) => {
    const notices: unknown[] = []
    const text = "do $$ begin raise notice 'heard'; end $$"
    await db.exec(text, { onNotice: ({ message }) => notices.push(message) })
    await db.query(text, [], { onNotice: ({ message }) => notices.push(message) })
    return notices
  },
  'copy to a blob': async (db) => {
    const { blob } = await db.query("copy (select name, cents from people order by id) to '/dev/blob'")
    return blob?.text()
  },
  'copy of a table to a blob': async (db) => {
    const { blob } = await db.query("copy people (id, name) to '/dev/blob' with (format csv, header)")
    return blob?.text()
  },
  'copy from a blob': (db) => db.query("copy notes (body) from '/dev/blob'", [], { blob: new Blob(['one\ntwo\n']) }),
  'another table': (db) => db.query('select body from notes order by id'),
  'prepared in SQL': async (db) => {
    await db.exec('prepare named (text) as select name, cents from people where name = $1')
    const results = [await db.query("execute named('Ada')"), await db.query("execute named('Nobody')")]
    await db.exec('deallocate named')
    return results
  },
  'a cursor in SQL': (db) =>
    db.transaction(async (tx) => {
      await tx.exec('declare c cursor for select name, cents from people order by id')
      return [await tx.query('fetch 2 from c'), await tx.exec('fetch 1 from c; close c')]
    }),
  'an error': (db) =>
    db.query('select name, nothing from people where id = $1', [1]).catch((error) => ({ ...error, hint: undefined })),
}

const SAME = 'update people set full_name = name, amount = cents::numeric / 100'

const SITUATIONS = [
  { name: 'the old columns alone', script: OLD, on: true },
  { name: 'both, flags off', script: `${BOTH};${SAME}`, on: false },
  { name: 'both, flags on', script: `${BOTH};${SAME}`, on: true },
]

const ROWS = 'select name, cents from people order by id'

describe.each(SITUATIONS)('a call has the results that it always had: $name', ({ script, on }) => {
  let fixture: OpenPGlite
  let twin: LivePGlite

  beforeAll(async () => {
    twin = await livePGlite(OLD)
    fixture = await openPGlite({ script, migrations: PEOPLE })
    for (const flag of ['name', 'amount']) fixture.flags.set(flag, on)
  })

  afterAll(async () => {
    await twin?.close()
    await fixture?.[Symbol.asyncDispose]()
  })

  test.each(Object.entries(SHAPES))('%s', async (_, call) => {
    expect(await call(fixture.db)).toEqual(await call(twin))
    expect(await fixture.bare(ROWS)).toEqual((await twin.query(ROWS)).rows)
    if (script !== OLD)
      expect(
        await fixture.bare('select name from people where (full_name, amount * 100) is distinct from (name, cents)'),
      ).toEqual([])
  })
})

test('what is handed in stays what it is: its type, its extensions, its settings', async () => {
  await using fixture = await openPGlite({ script: `${BOTH};${CONTRACT}`, migrations: PEOPLE })
  const { db, driver } = fixture
  expect(db).toBeInstanceOf(driver.constructor)
  expect(db.constructor).toBe(driver.constructor)
  expect([db.ready, db.closed, db.dataDir, db.debug]).toEqual([true, false, undefined, 0])
  expect(db.parsers).toBe(driver.parsers)
  db.parsers = { ...db.parsers, 23: (value) => `int ${value}` }
  expect((await db.query('select id, cents from people where id = 1')).rows).toEqual([
    { id: 'int 1', cents: 'int 1250' },
  ])
  expect((await db.query('select name from people where id = 1')).rows).toEqual([{ name: 'Ada*' }])
})
