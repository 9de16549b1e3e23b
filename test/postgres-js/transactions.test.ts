import { describe, expect, test } from 'vitest'
import { newestMajor } from '../support/postgres.ts'
import { openSql } from './open-sql.ts'
import { BOTH, EXPAND, OLD, PEOPLE } from './people.ts'

const major = newestMajor()
const ALL = 'select name, full_name from people order by id'

/** postgres-js refuses it before anything is sent, so the transaction goes on. */
const UNSENT = { code: 'UNDEFINED_VALUE' }

describe('a value that the driver refuses', () => {
  test.each(['insert into people (name) values ($1)', 'insert into notes (body) values ($1)'])(
    'leaves a transaction as it is, and what follows is planned: %s',
    async (text) => {
      await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE, max: 1 })
      const reserved = await fixture.sql.reserve()
      for (const [name, on] of [
        ['Reserved', reserved],
        ['Alone', fixture.sql],
      ] as const) {
        // Twice: what has been seen once may pass at once.
        for (const again of ['', ' again']) {
          await on.unsafe('begin')
          await on.unsafe(text, ['sent']).catch(() => undefined)
          await on.unsafe('rollback')
          await on.unsafe('begin')
          await expect(on.unsafe(text, [undefined as never])).rejects.toMatchObject(UNSENT)
          await on.unsafe(`insert into people (name) values ('${name}${again}')`)
          await on.unsafe('commit')
        }
        if (on === reserved) reserved.release()
      }
      const names = ['Reserved', 'Reserved again', 'Alone', 'Alone again']
      expect((await fixture.bare(ALL)).slice(3)).toEqual(names.map((name) => ({ name, full_name: name })))
    },
  )

  test('ends nothing in begin but what it is in', async () => {
    await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE })
    await fixture.sql.begin(async (tx) => {
      const inner = tx.savepoint((nested) =>
        nested.unsafe('insert into people (name) values ($1)', [undefined as never]),
      )
      await expect(inner).rejects.toMatchObject(UNSENT)
      await tx`insert into people (name) values ('After')`
    })
    expect((await fixture.bare(ALL)).slice(3)).toEqual([{ name: 'After', full_name: 'After' }])
  })
})

describe('begin', () => {
  test('keeps the column that it began to read, and savepoints with it', async () => {
    await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE })
    const { sql, flags } = fixture
    const seen = await sql.begin(async (tx) => {
      const name = async (on: typeof tx) => (await on`select name from people where id = 1`)[0]?.name
      const before = await name(tx)
      flags.set('name', true)
      return [before, await name(tx), await tx.savepoint(name), await tx.savepoint('nested', name)]
    })
    expect(seen).toEqual(['Ada', 'Ada', 'Ada', 'Ada'])
    expect((await sql`select name from people where id = 1`)[0]?.name).toBe('Ada*')
  })

  test('takes what was not awaited in its order, and commits it', async () => {
    await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE })
    await fixture.sql.begin((tx) => {
      void tx`insert into notes (body) values ('first')`.execute()
      void tx`insert into people (name) select 'Note ' || id from notes`.execute()
      void tx`insert into notes (body) select name from people where name like 'Note%'`.execute()
      return [tx`select 1`, tx`update notes set body = body || '!'`]
    })
    expect(await fixture.bare('select body from notes order by id')).toEqual([{ body: 'first!' }, { body: 'Note 1!' }])
    expect((await fixture.bare(ALL)).slice(3)).toEqual([{ name: 'Note 1', full_name: 'Note 1' }])
  })

  test('is rolled back when a statement fails or is refused, caught or not', async () => {
    await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE })
    const { sql } = fixture
    const failed = sql.begin(async (tx) => {
      await tx`insert into people (name) values ('Lost')`
      await tx`insert into people (name) values ('Ada')`.catch(() => 'caught')
    })
    await expect(failed).rejects.toMatchObject({ code: '23505', constraint_name: 'people_name_key' })
    const refused = sql.begin(async (tx) => {
      await tx`insert into people (name) values ('Lost')`
      void tx.unsafe('copy people (name) from stdin').execute()
    })
    await expect(refused).rejects.toMatchObject({ code: 'EC_REFUSED' })
    const thrown = sql.begin(async (tx) => {
      void tx`insert into people (name) values ('Lost')`.execute()
      throw new Error('mine')
    })
    await expect(thrown).rejects.toThrow('mine')
    expect(await fixture.bare(ALL)).toHaveLength(3)
  })

  test('goes on after a savepoint that failed', async () => {
    await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE, catalogRefreshMs: 0 })
    await fixture.sql.begin(async (tx) => {
      await tx`insert into people (name) values ('Before')`
      const nested = tx.savepoint(async (inner) => {
        await inner`insert into people (name) values ('Lost')`
        await inner`insert into people (name) values ('Ada')`
      })
      await expect(nested).rejects.toMatchObject({ code: '23505' })
      await tx`insert into people (name) values ('After')`
      await expect(tx.savepoint((inner) => inner`select 1 / 0`)).rejects.toMatchObject({ code: '22012' })
      await tx`update people set name = name || '+' where name = 'After'`
    })
    expect((await fixture.bare(ALL)).slice(3)).toEqual([
      { name: 'Before', full_name: 'Before' },
      { name: 'After+', full_name: 'After+' },
    ])
  })

  test('sees its own DDL, and others when it is committed', async () => {
    await using fixture = await openSql(major, { script: OLD, migrations: PEOPLE, catalogRefreshMs: 600_000 })
    const { sql } = fixture
    await sql`insert into people (name) values ('Before')`
    await sql.begin(async (tx) => {
      await tx.unsafe(EXPAND)
      await tx`insert into people (name) values ('Within')`
    })
    await sql`insert into people (name) values ('After')`
    expect((await fixture.bare(ALL)).slice(3)).toEqual([
      { name: 'Before', full_name: null },
      { name: 'Within', full_name: 'Within' },
      { name: 'After', full_name: 'After' },
    ])
  })

  test('forgets the DDL that a savepoint takes back', async () => {
    await using fixture = await openSql(major, { script: OLD, migrations: PEOPLE, catalogRefreshMs: 600_000 })
    await fixture.sql.begin(async (tx) => {
      await tx`insert into people (name) values ('Before')`
      const nested = tx.savepoint(async (inner) => {
        await inner.unsafe(EXPAND)
        await inner`insert into people (name) values ('Lost')`
        throw new Error('mine')
      })
      await expect(nested).rejects.toThrow('mine')
      await tx`insert into people (name) values ('After')`
      await tx.unsafe('savepoint again')
      await tx.unsafe(EXPAND)
      await tx`insert into people (name) values ('Lost')`
      await tx.unsafe('rollback to again')
      await tx`insert into people (name) values ('Last')`
      await tx.unsafe(EXPAND)
      await tx`insert into people (name) values ('Expanded')`
    })
    expect((await fixture.bare(ALL)).slice(3)).toEqual([
      ...['Before', 'After', 'Last'].map((name) => ({ name, full_name: null })),
      { name: 'Expanded', full_name: 'Expanded' },
    ])
  })

  test('with an isolation level, and read only', async () => {
    await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE, catalogRefreshMs: 0 })
    const { sql } = fixture
    const seen = await sql.begin('isolation level repeatable read read only', async (tx) => {
      const count = async () => (await tx`select count(name)::int as n from people`)[0]?.n
      const before = await count()
      await sql`insert into people (name) values ('Another')`
      return [before, await count()]
    })
    expect(seen).toEqual([3, 3])
    const written = sql.begin('read only', (tx) => tx`insert into people (name) values ('No')`)
    await expect(written).rejects.toMatchObject({ code: '25006' })
  })
})

describe('reserve', () => {
  test('follows transactions that are begun by hand', async () => {
    await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE })
    const { sql, flags } = fixture
    const reserved = await sql.reserve()
    const name = async () => (await reserved`select name from people where id = 1`)[0]?.name
    await reserved`begin`
    const seen = [await name()]
    flags.set('name', true)
    seen.push(await name())
    await expect(reserved`insert into people (name) values ('Alan')`).rejects.toMatchObject({ code: '23505' })
    await expect(name()).rejects.toMatchObject({ code: '25P02' })
    await reserved`rollback`
    seen.push(await name())
    reserved.release()
    expect(seen).toEqual(['Ada', 'Ada', 'Ada*'])
  })

  test('follows its search path, and the pool asks for it from then on', async () => {
    await using fixture = await openSql(major, {
      ...{ script: `${BOTH}; create schema other; create table other.people (name text)`, migrations: PEOPLE, max: 2 },
    })
    const { sql } = fixture
    await sql`select name from people`
    const reserved = await sql.reserve()
    await reserved`set search_path = other, public`
    await reserved`insert into people (name) values ('in the other')`
    reserved.release()
    await Promise.all([1, 2, 3, 4].map((key) => sql`insert into people (name) values (${`Number ${key}`})`))
    const unwritten =
      "select 1 from public.people where full_name is null union all select 1 from other.people where name = ''"
    expect(await fixture.bare(unwritten)).toEqual([])
    const [both] = (await fixture.bare(
      'select (select count(*) from other.people) + (select count(*) from public.people) as n',
    )) as [{ n: string }]
    expect(Number(both.n)).toBe(8)
  })
})

test('a pool of one connection keeps its order, and transactions by hand', async () => {
  await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE, max: 1 })
  const { sql } = fixture
  await Promise.all([
    sql`begin`,
    sql`insert into people (name) values ('Lost')`,
    sql`insert into notes (body) values ('lost')`,
    sql`rollback`,
    sql`insert into people (name) values ('Kept')`,
  ])
  await sql.begin((tx) => tx`insert into people (name) values ('Kept, too')`)
  expect((await fixture.bare(ALL)).slice(3)).toEqual([
    { name: 'Kept', full_name: 'Kept' },
    { name: 'Kept, too', full_name: 'Kept, too' },
  ])
  expect(await fixture.bare('select * from notes')).toEqual([])
})

test('a pool does not begin a transaction on whatever connection', async () => {
  await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE, max: 2 })
  const begun = fixture.sql.unsafe("begin; insert into people (name) values ('No'); commit")
  await expect(begun).rejects.toMatchObject({ code: 'UNSAFE_TRANSACTION' })
  expect(await fixture.bare(ALL)).toHaveLength(3)
})
