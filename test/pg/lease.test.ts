import { renameColumn } from '@expand-contract/core'
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture, sentBy } from './engine-fixture.ts'

const SQL = `create table users (id int primary key, name text, full_name text); create table other (id int);
insert into users values (1, 'ann', 'ann'); insert into other values (1)`
const MIGRATIONS = [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })]
const LEASE = 1_000

const ownQueries = (sent: readonly string[]): readonly string[] => sent.filter((text) => text.startsWith('<'))

describe.each(postgresMajors())('PostgreSQL %i: how fresh the catalog is', (major) => {
  let fixture: EngineFixture

  /** The clock of the lease: it stands still unless a test moves it, so that a slow machine changes nothing. */
  let clock = 1_000_000
  const pass = (ms: number): void => {
    clock += ms
  }

  beforeEach(async () => {
    vi.spyOn(Date, 'now').mockImplementation(() => clock)
    fixture = await EngineFixture.open(major, { sql: SQL, migrations: MIGRATIONS, catalogRefreshMs: LEASE })
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await fixture?.close()
  })

  const tapped = async (client?: pg.Client) => {
    const tapping = client ?? (await fixture.client())
    return { client: tapping, sent: sentBy(tapping) }
  }

  /** Whatever is asked of the catalog fails from now on: no timeout of the application reaches it. */
  const failing = (client: pg.Client) => {
    const connection = client.connection as unknown as { query(text: string): void }
    const { query } = connection
    const tries: string[] = []
    connection.query = (text) => {
      const own = text.includes('pg_catalog.current_schemas')
      if (own) tries.push(text)
      query.call(connection, own ? 'select 1/0' : text)
    }
    return { tries, mend: () => Object.assign(connection, { query }) }
  }

  test('it is read once, and not again while the lease runs', async () => {
    const { client, sent } = await tapped()
    for (let index = 0; index < 5; index++) await client.query('select name from users')
    expect(ownQueries(sent)).toEqual(['<content>'])
  })

  test('a second connection asks for its search path alone', async () => {
    const first = await tapped()
    await first.client.query('select name from users')
    const second = await tapped()
    await second.client.query('select name from users')
    expect(ownQueries(second.sent)).toEqual(['<path>'])
  })

  test('a statement that needs another table asks for it once', async () => {
    const { client, sent } = await tapped()
    await client.query('select name from users')
    await client.query('select name from users join other using (id)')
    await client.query('select name from users, other')
    expect(ownQueries(sent)).toEqual(['<content>', '<content>'])
  })

  test('from half of the lease on one client renews it, with the cheap question once it is proven', async () => {
    const [one, two] = [await tapped(), await tapped()]
    await one.client.query('select name from users')
    await two.client.query('select name from users')
    const seen: (readonly string[])[] = []
    for (let round = 0; round < 3; round++) {
      one.sent.length = 0
      two.sent.length = 0
      pass(LEASE / 2 + 10)
      await Promise.all([one.client.query('select name from users'), two.client.query('select name from users')])
      seen.push([...ownQueries(one.sent), ...ownQueries(two.sent)])
    }
    expect(seen).toEqual([['<stamp>', '<content>'], ['<stamp>'], ['<stamp>']])
  })

  test('a transaction begins on a fresh catalog, so it needs no query inside', async () => {
    const { client, sent } = await tapped()
    await client.query('select name from users')
    pass(LEASE + 10)
    sent.length = 0
    await client.query('begin isolation level serializable')
    await client.query('select name from users')
    await client.query('commit')
    expect(sent.map((text) => (text.startsWith('<') ? text : text.split(' ')[0]))).toEqual([
      '<stamp>',
      '<content>',
      'begin',
      'select',
      'commit',
    ])
  })

  test('inside a transaction it is renewed for a migrating table alone', async () => {
    const { client, sent } = await tapped()
    await client.query('select name from users')
    await client.query('begin')
    pass(LEASE + 10)
    sent.length = 0
    await client.query('select 1')
    await client.query('savepoint a')
    expect(ownQueries(sent)).toEqual([])
    await client.query('select name from users')
    expect(ownQueries(sent)).toEqual(['<stamp>', '<content>'])
    await client.query('commit')
  })

  test('a transaction that reads an old snapshot asks once, and does not spoil what others know', async () => {
    const { client, sent } = await tapped()
    await client.query('select name from users')
    await client.query('begin isolation level repeatable read')
    await client.query('select 1')
    pass(LEASE + 10)
    await fixture.bare.query('alter table users add age int')
    sent.length = 0
    await client.query('select name from users')
    pass(LEASE + 10)
    await client.query('select name from users')
    expect(ownQueries(sent)).toEqual(['<stamp>'])
    await client.query('commit')
    expect(Object.keys((await client.query('select * from users')).rows[0])).toEqual(['id', 'name', 'age'])
  })

  test('nothing goes ahead of LOCK and SET TRANSACTION, which must come first', async () => {
    const { client } = await tapped()
    await client.query('select name from users')
    await client.query('begin')
    pass(LEASE + 10)
    await client.query('set transaction isolation level repeatable read; select name from users')
    expect((await client.query('show transaction_isolation')).rows).toEqual([
      { transaction_isolation: 'repeatable read' },
    ])
    await client.query('commit')

    await client.query('begin isolation level repeatable read')
    pass(LEASE + 10)
    await client.query('lock table users in share mode')
    await fixture.bare.query('insert into other values (2)')
    expect((await client.query('select count(*)::int as n from other')).rows).toEqual([{ n: 2 }])
    await client.query('commit')
  })

  test('0 asks before every statement', async () => {
    const client = await fixture.client({}, { catalogRefreshMs: 0, readCatalogOnConnect: false })
    const sent = sentBy(client)
    for (let index = 0; index < 4; index++) await client.query('select name from users')
    expect(ownQueries(sent)).toEqual(['<content>', '<stamp>', '<content>', '<stamp>', '<stamp>'])
  })

  test('a clock that is set back does not make the lease longer', async () => {
    const { client, sent } = await tapped()
    await client.query('select name from users')
    pass(-3_600_000)
    await client.query('select name from users')
    expect(ownQueries(sent)).toEqual(['<content>', '<stamp>', '<content>'])
  })

  test('a change that does not concern the columns leaves the plans as they are', async () => {
    const { client } = await tapped()
    await client.query('select name from users')
    const before = fixture.catalogs.length
    await fixture.bare.query('vacuum full users; ')
    pass(LEASE + 10)
    await client.query('select name from users')
    expect(fixture.catalogs).toHaveLength(before)
  })

  test('a refresh that fails is tried again, then refuses the statement and leaves the client usable', async () => {
    const { client } = await tapped()
    await client.query('select name from users')
    pass(LEASE + 10)
    await client.query("set statement_timeout = '60s'")
    pass(LEASE + 10)
    const { tries, mend } = failing(client)
    await expect(client.query('select name from users')).rejects.toMatchObject({
      code: 'EC_CATALOG',
      cause: { code: '22012' },
    })
    expect(tries).toHaveLength(2)
    expect(client.getTransactionStatus()).toBe('I')
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    mend()
    await client.query("set statement_timeout = '30s'")
    expect((await client.query('select name from users')).rows).toEqual([{ name: 'ann' }])
    expect(fixture.warnings.map(({ code }) => code)).toContain('catalog-refresh')
  })

  test('a refresh that fails within the lease uses what is known, and says so', async () => {
    const { client } = await tapped()
    await client.query('select name from users')
    const { tries } = failing(client)
    pass(LEASE / 2 + 10)
    expect((await client.query('select name from users')).rows).toEqual([{ name: 'ann' }])
    expect(tries.length).toBeGreaterThan(0)
    expect(fixture.warnings.map(({ code }) => code)).toEqual(['catalog-refresh'])
  })
})
