import { describe, expect, test } from 'vitest'
import { BOTH, CONTRACT, OLD, PEOPLE } from '../postgres-js/people.ts'
import { openPGlite } from './open-pglite.ts'

const FIRST = 'select name from people where id = 1'

describe('the flag', () => {
  test('says which column is read, statement by statement, and once per request', async () => {
    await using fixture = await openPGlite({ script: BOTH, migrations: PEOPLE })
    const { db, flags, runtime } = fixture
    const name = async () => (await db.query<{ name: string }>(FIRST)).rows[0]?.name
    const seen = [await name()]
    const within = await runtime.withContext({}, async () => {
      const before = await name()
      flags.set('name', true)
      return [before, await name(), await db.transaction(async (tx) => (await tx.query(FIRST)).rows)]
    })
    seen.push(await name())
    expect(seen).toEqual(['Ada', 'Ada*'])
    expect(within).toEqual(['Ada', 'Ada', [{ name: 'Ada' }]])
  })

  test('is that of the request for many statements at once, in their order', async () => {
    await using fixture = await openPGlite({
      ...{ script: BOTH, migrations: PEOPLE, catalogRefreshMs: 0 },
      source: { isEnabled: (_, { userId }) => userId === 'new' },
    })
    const { db, runtime } = fixture
    const done: number[] = []
    const nameOf = async (id: number) =>
      (await db.query<{ name: string }>('select name from people where id = $1', [id])).rows[0]?.name
    const request = (index: number) =>
      runtime.withContext({ userId: index % 2 === 0 ? 'new' : 'old' }, async () => {
        const written = db.query('insert into people (name) values ($1)', [`Number ${index}`])
        const within = db.transaction(
          async (tx) => (await tx.sql<{ name: string }>`select name from people where id = 1`).rows[0]?.name,
        )
        written.then(() => done.push(index))
        return [await within, ...(await Promise.all([nameOf(2), nameOf(3)]))]
      })
    const seen = await Promise.all(Array.from({ length: 20 }, (_, index) => request(index)))
    const [whole, starred] = [
      ['Ada', 'Alan', 'Grace'],
      ['Ada*', 'Alan*', 'Grace*'],
    ]
    expect(seen).toEqual(seen.map((_, index) => (index % 2 === 0 ? starred : whole)))
    expect(done).toEqual(seen.map((_, index) => index))
    const written = await fixture.bare(
      "select name from people where name like 'Number%' and full_name = name order by id",
    )
    expect(written).toEqual(seen.map((_, index) => ({ name: `Number ${index}` })))
  })
})

describe('columns', () => {
  test('appear and go while it runs, sent through it or not', async () => {
    await using fixture = await openPGlite({ script: OLD, migrations: PEOPLE, catalogRefreshMs: 0 })
    const { db, driver } = fixture
    await db.sql`insert into people (name) values ('Before')`
    await driver.exec('alter table people add full_name text')
    await db.sql`insert into people (name) values ('Between')`
    await db.exec('alter table people add amount numeric(12,2)')
    await db.sql`update people set cents = 5 where name = 'Between'`
    expect(
      await fixture.bare("select name, full_name, amount::text from people where name like 'Be%' order by id"),
    ).toEqual([
      { name: 'Before', full_name: null, amount: null },
      { name: 'Between', full_name: 'Between', amount: '0.05' },
    ])
    await driver.exec('update people set full_name = name, amount = cents::numeric / 100')
    await driver.exec('alter table people drop name, drop cents')
    const { rows } = await db.query("select name, cents from people where name like 'Be%' order by id")
    expect(rows).toEqual([
      { name: 'Before', cents: 0 },
      { name: 'Between', cents: 5 },
    ])
  })

  test('that this instance adds count at once; one that goes unseen costs one more try, and no error', async () => {
    await using fixture = await openPGlite({ script: OLD, migrations: PEOPLE, catalogRefreshMs: 600_000 })
    const { db, driver } = fixture
    await db.query(FIRST)
    await db.exec('alter table people add full_name text')
    await db.query("insert into people (name) values ('Added')")
    expect(await fixture.bare("select full_name from people where name = 'Added'")).toEqual([{ full_name: 'Added' }])
    await driver.exec('update people set full_name = name')
    await driver.exec('alter table people drop name')
    expect((await db.query('select name from people where name = $1', ['Added'])).rows).toEqual([{ name: 'Added' }])
    expect((await db.exec('select name from people order by id limit 1'))[0]?.rows).toEqual([{ name: 'Ada' }])
  })

  test('are those of the search path', async () => {
    const script = `${BOTH}; create schema other; create table other.people (name text); create table people_of (name text)`
    await using fixture = await openPGlite({ script, migrations: PEOPLE, catalogRefreshMs: 600_000 })
    const { db } = fixture
    await db.query(FIRST)
    await db.exec('set search_path = other')
    await db.query("insert into people (name) values ('Other')")
    await expect(db.exec("reset search_path; insert into people (name) values ('No')")).rejects.toMatchObject({
      code: 'EC_REFUSED',
    })
    await db.exec('reset search_path')
    await db.transaction(async (tx) => {
      await tx.exec('set local search_path = other')
      await tx.query("insert into people (name) values ('Local')")
    })
    await db.query("insert into people (name) values ('Public')")
    expect(await fixture.bare('select * from other.people')).toEqual([{ name: 'Other' }, { name: 'Local' }])
    expect(await fixture.bare('select name, full_name from people where id > 3')).toEqual([
      { name: 'Public', full_name: 'Public' },
    ])
  })
})

test.each([
  { stage: 'both', script: BOTH },
  { stage: 'the new columns alone', script: `${BOTH};${CONTRACT}` },
])('errors have the names and the text of the application: $stage', async ({ script }) => {
  await using fixture = await openPGlite({ script, migrations: PEOPLE })
  const { db } = fixture
  const text = 'insert into people (name) values ($1)'
  const options = { paramTypes: [25] }
  const failed = (work: Promise<unknown>) =>
    work.then(
      () => Promise.reject(new Error('it did not fail')),
      (error) => error,
    )
  const inQuery = await failed(db.query(text, [null], options))
  expect(inQuery).toMatchObject({ code: '23502', column: 'name', table: 'people', schema: 'public' })
  expect(inQuery).toMatchObject({ query: text, params: [null], queryOptions: options })
  expect(inQuery.message).toContain('"name"')
  const inTemplate = await failed(db.sql`insert into people (name) values (${null})`)
  expect(inTemplate).toMatchObject({ code: '23502', column: 'name', query: text })
  const wrong = 'select 1; select name, nothing from people'
  const inExec = await failed(db.exec(wrong))
  expect(inExec).toMatchObject({ code: '42703', position: String(wrong.indexOf('nothing') + 1), query: wrong })
  const described = await failed(db.describeQuery('select name, nothing from people'))
  expect(described).toMatchObject({ code: '42703', position: '14', query: 'select name, nothing from people' })
  const within = await failed(db.transaction((tx) => tx.query(text, [null])))
  expect(within).toMatchObject({ code: '23502', column: 'name', query: text })
})

test('settings that change what a text means are asked for', async () => {
  await using fixture = await openPGlite({ script: BOTH, migrations: PEOPLE })
  const { db } = fixture
  await db.exec('set standard_conforming_strings = off')
  await expect(db.exec("insert into people (name) values ('it\\'s')")).rejects.toMatchObject({ code: 'EC_REFUSED' })
  await db.exec('reset standard_conforming_strings')
  await db.exec("insert into people (name) values ('a\\b')")
  expect(await fixture.bare('select full_name from people where id > 3')).toEqual([{ full_name: 'a\\b' }])
})

test('a statement that names no migrating table is neither parsed nor reported', async () => {
  await using fixture = await openPGlite({ script: BOTH, migrations: PEOPLE })
  const { db, statements } = fixture
  await db.query('insert into notes (body) values ($1)', ['people'])
  expect((await db.sql`select body from notes where body = ${'people'}`).rows).toEqual([{ body: 'people' }])
  expect(statements).toEqual([])
})
