import { renameColumn } from '@expand-contract/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { readSwitch } from '../support/read-switch.ts'
import { EngineFixture } from './engine-fixture.ts'

const SQL = `create table users (id int primary key, name text, full_name text);
insert into users values (1, 'old', 'new')`
const MIGRATION = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'read-new' })
const READ = 'select name from users'

describe.each(postgresMajors())('PostgreSQL %i: the side that is read', (major) => {
  let fixture: EngineFixture
  const phases = readSwitch([MIGRATION])

  beforeEach(async () => {
    phases.set('users.full_name', 'switch')
    fixture = await EngineFixture.open(major, { sql: SQL, migrations: [MIGRATION], phases })
  })
  afterEach(async () => {
    await fixture?.close()
  })

  const flip = (): void =>
    fixture.flags.set('read-new', !(fixture.statements.at(-1)?.reads['users.full_name'] === 'new'))
  const sides = () => fixture.statements.map((statement) => statement.reads['users.full_name'])

  test('follows the flag from statement to statement', async () => {
    const client = await fixture.client()
    const read = async () => (await client.query(READ)).rows[0].name
    expect(await read()).toBe('old')
    flip()
    expect(await read()).toBe('new')
    flip()
    expect(await read()).toBe('old')
  })

  test.each([
    ['begin', 'commit'],
    ['BEGIN ISOLATION LEVEL REPEATABLE READ', 'ROLLBACK'],
    ['/* app */ start transaction', 'end'],
  ])('stays in a transaction: %s ... %s', async (begin, end) => {
    const client = await fixture.client()
    await client.query(begin)
    for (let index = 0; index < 3; index++) {
      expect((await client.query(READ)).rows).toEqual([{ name: 'old' }])
      fixture.flags.set('read-new', true)
    }
    await client.query(end)
    expect((await client.query(READ)).rows).toEqual([{ name: 'new' }])
  })

  test('events carry one identity for the statements of a transaction, and another for every other statement', async () => {
    const client = await fixture.client()
    for (const text of [READ, READ, 'begin', READ, READ, 'commit', READ, 'begin', READ, 'commit', READ])
      await client.query(text)
    const seen: unknown[] = []
    const numbers = fixture.statements.map(({ transaction }) => {
      if (!seen.includes(transaction)) seen.push(transaction)
      return seen.indexOf(transaction)
    })
    expect(numbers).toEqual([0, 1, 2, 2, 3, 4, 5])
  })

  test('stays through savepoints and errors', async () => {
    const client = await fixture.client()
    await client.query('begin')
    await client.query(READ)
    fixture.flags.set('read-new', true)
    await client.query('savepoint one')
    await expect(client.query('select 1/0 from users')).rejects.toThrow()
    await client.query('rollback to savepoint one')
    expect((await client.query(READ)).rows).toEqual([{ name: 'old' }])
    await client.query('rollback')
    expect((await client.query(READ)).rows).toEqual([{ name: 'new' }])
  })

  test.each(['commit and chain', 'ROLLBACK AND CHAIN'])('is decided anew after %s', async (chain) => {
    const client = await fixture.client()
    await client.query('begin')
    await client.query(READ)
    fixture.flags.set('read-new', true)
    expect((await client.query(READ)).rows).toEqual([{ name: 'old' }])
    await client.query(chain)
    expect((await client.query(READ)).rows).toEqual([{ name: 'new' }])
    await client.query('rollback')
  })

  test('is decided once for a text of several statements, and holds in the transaction that it opens', async () => {
    const client = await fixture.client()
    await client.query(`begin; ${READ}`)
    fixture.flags.set('read-new', true)
    expect((await client.query(READ)).rows).toEqual([{ name: 'old' }])
    await client.query(`${READ}; commit`)
    expect((await client.query(READ)).rows).toEqual([{ name: 'new' }])
    expect(sides()).toEqual(['old', 'old', 'old', 'new'])
  })

  test('holds when statements are queued without waiting', async () => {
    const client = await fixture.client()
    const results = [
      client.query('begin'),
      client.query(READ),
      client.query(READ),
      client.query('commit'),
      client.query(READ),
    ]
    fixture.flags.set('read-new', true)
    await Promise.all(results)
    expect(sides()).toEqual(['new', 'new', 'new'])
    expect(new Set(fixture.statements.slice(0, 2).map(({ transaction }) => transaction)).size).toBe(1)
    expect(fixture.statements[2]?.transaction).not.toBe(fixture.statements[0]?.transaction)
  })

  test('holds for a request, over connections', async () => {
    const pool = fixture.pool({ max: 3 })
    await fixture.runtime.withContext({ userId: '1' }, async () => {
      expect((await pool.query(READ)).rows).toEqual([{ name: 'old' }])
      fixture.flags.set('read-new', true)
      const again = await Promise.all([pool.query(READ), pool.query(READ), pool.query(READ)])
      for (const { rows } of again) expect(rows).toEqual([{ name: 'old' }])
    })
    expect((await pool.query(READ)).rows).toEqual([{ name: 'new' }])
  })

  test('is that of the request which asked the pool, also when it had to wait for a connection', async () => {
    const pool = fixture.pool({ max: 1 })
    const { runtime, flags } = fixture
    const first = runtime.withContext({ userId: '1' }, async () => {
      await pool.query(READ)
      flags.set('read-new', true)
      return Promise.all([pool.query(READ), pool.query(READ), pool.query(READ)])
    })
    await first
    const mixed = await Promise.all(
      ['1', '2', '3', '4'].map((userId) =>
        runtime.withContext({ userId }, async () => {
          const before = await pool.query(READ)
          flags.set('read-new', userId !== '2')
          const after = await Promise.all([pool.query(READ), pool.query(READ)])
          return [before, ...after].map(({ rows }) => rows[0].name)
        }),
      ),
    )
    for (const [one, ...others] of mixed) expect(others).toEqual([one, one])
    for (const { rows } of await first) expect(rows).toEqual([{ name: 'old' }])
  })

  test('is that of the request which sent the statement, not of the one that was running when its turn came', async () => {
    const client = await fixture.client()
    const slow = client.query('select pg_sleep(0.05)')
    const { runtime, flags } = fixture
    const flipped = Promise.withResolvers<void>()
    const first = runtime.withContext({ userId: '1' }, async () => {
      await client.query(READ)
      flags.set('read-new', true)
      flipped.resolve()
      return client.query(READ)
    })
    const second = runtime.withContext({ userId: '2' }, async () => {
      await slow
      await flipped.promise
      return client.query(READ)
    })
    expect((await first).rows).toEqual([{ name: 'old' }])
    expect((await second).rows).toEqual([{ name: 'new' }])
  })

  test('keeps being written when the phase moves on under a transaction', async () => {
    const client = await fixture.client()
    phases.set('users.full_name', 'switch')
    await client.query('begin')
    await client.query(READ)
    phases.set('users.full_name', 'contract')
    await client.query("update users set name = 'both'")
    expect((await client.query(READ)).rows).toEqual([{ name: 'both' }])
    await client.query('commit')
    expect((await fixture.bare.query('select name, full_name from users')).rows).toEqual([
      { name: 'both', full_name: 'both' },
    ])
    expect(sides()).toEqual(['old', 'old', 'old'])
  })
})
