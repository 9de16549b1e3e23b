import { renameColumn } from '@expand-contract/core'
import type pg from 'pg'
import Cursor from 'pg-cursor'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture, pause, sentBy } from './engine-fixture.ts'

const SQL = `create table users (id int primary key, name text, full_name text); create table other (id int);
insert into users values (1, 'old', 'new'); insert into other values (1)`
const MIGRATIONS = [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'read-new' })]
const READ = 'select name from users'
const PIPELINE = { pipeline: true }

describe.each(postgresMajors())('PostgreSQL %i: a pipeline', (major) => {
  let fixture: EngineFixture

  beforeEach(async () => {
    fixture = await EngineFixture.open(major, { sql: SQL, migrations: MIGRATIONS, catalogRefreshMs: 60_000 })
  })
  afterEach(async () => {
    await fixture?.close()
  })

  const namesOf = (results: readonly pg.QueryResult[]) => results.map(({ rows }) => rows[0]?.name)

  test('keeps the order of statements, on migrating tables and others', async () => {
    const client = await fixture.client(PIPELINE)
    const done: number[] = []
    const texts = [
      'select 1 as name',
      READ,
      'select 2 as name',
      READ,
      'select 3 as name from other',
      'select 4 as name',
    ]
    const results = await Promise.all(
      texts.map(async (text, index) => {
        const result = await client.query(text)
        done.push(index)
        return result
      }),
    )
    expect(namesOf(results)).toEqual([1, 'old', 2, 'old', 3, 4])
    expect(done).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('sends everything at once when the catalog is known', async () => {
    const client = await fixture.client(PIPELINE)
    await client.query(READ)
    const sent = sentBy(client)
    const results = [READ, 'select 1', READ].map((text) => client.query(text))
    expect(sent).toHaveLength(3)
    await Promise.all(results)
  })

  test('holds a statement, and what is behind it, until the catalog is there', async () => {
    const client = await fixture.client(PIPELINE)
    const sent = sentBy(client)
    const results = [READ, READ, 'select 1 as name', READ].map((text) => client.query(text))
    expect(sent).toEqual(['<content>'])
    expect(namesOf(await Promise.all(results))).toEqual(['old', 'old', 1, 'old'])
    expect(sent.filter((text) => text.startsWith('<'))).toEqual(['<content>'])
  })

  test('works before the connection is there', async () => {
    const client = fixture.unconnected(PIPELINE)
    const connected = client.connect()
    const results = [READ, 'select 1 as name', READ].map((text) => client.query(text))
    await connected
    expect(namesOf(await Promise.all(results))).toEqual(['old', 1, 'old'])
  })

  test.each([
    [
      ['begin', READ, READ, 'commit', READ],
      ['old', 'old', 'new'],
    ],
    [
      ['begin', READ, 'savepoint a', 'rollback to a', READ, 'rollback', READ],
      ['old', 'old', 'new'],
    ],
    [
      ['begin', READ, 'commit and chain', READ, READ, 'commit'],
      ['old', 'new', 'new'],
    ],
    [
      [`begin; ${READ}`, READ, `${READ}; end`, READ],
      ['old', 'old', 'old', 'new'],
    ],
    [
      [READ, 'start transaction', READ, READ, 'abort'],
      ['old', 'new', 'new'],
    ],
  ])('pins the side per transaction: %s', async (texts, sides) => {
    const client = await fixture.client(PIPELINE)
    await client.query(READ)
    fixture.statements.length = 0
    const results = texts.map((text) => {
      const result = client.query(text)
      if (text.includes(READ)) fixture.flags.set('read-new', true)
      return result
    })
    await Promise.all(results)
    expect(fixture.statements.map(({ reads }) => reads['users.full_name'])).toEqual(sides)
  })

  test('a failed transaction fails as it does without', async () => {
    const client = await fixture.client(PIPELINE)
    await client.query(READ)
    const results = await Promise.allSettled(
      ['begin', 'select 1/0', READ, 'rollback', READ].map((text) => client.query(text)),
    )
    expect(results.map((result) => (result.status === 'rejected' ? result.reason.code : 'ok'))).toEqual([
      'ok',
      '22012',
      '25P02',
      'ok',
      'ok',
    ])
  })

  const INSERT = "insert into users (id, name) values (2, 'bob') returning name"
  const bob = async () =>
    (await fixture.bare.query("select to_jsonb(users) - 'id' as bob from users where id = 2")).rows[0]?.bob

  test.each(['rollback', 'commit', 'rollback to a', 'rollback; begin'])(
    'what is sent behind %s, which ends a failed transaction, is planned',
    async (end) => {
      const client = await fixture.client(PIPELINE)
      await client.query(READ)
      await client.query('begin')
      await client.query('savepoint a')
      await expect(client.query('select 1/0')).rejects.toMatchObject({ code: '22012' })
      await Promise.all([end, INSERT, 'commit'].map((text) => client.query(text)))
      expect(await bob()).toEqual({ name: 'bob', full_name: 'bob' })
    },
  )

  test.each(['rollback', 'rollback to a'])('what is sent behind %s, which undoes DDL, sees it undone', async (end) => {
    const client = await fixture.client(PIPELINE)
    await client.query('begin')
    await client.query('savepoint a')
    await client.query('alter table users drop name')
    await client.query(READ)
    await Promise.all([end, INSERT, 'commit'].map((text) => client.query(text)))
    expect(await bob()).toEqual({ name: 'bob', full_name: 'bob' })
  })

  test('a statement that is refused does not stop the others', async () => {
    const client = await fixture.client(PIPELINE)
    const results = await Promise.allSettled(
      [READ, 'copy users (id, name) from stdin', READ].map((text) => client.query(text)),
    )
    expect(results.map((result) => (result.status === 'rejected' ? result.reason.code : 'ok'))).toEqual([
      'ok',
      'EC_REFUSED',
      'ok',
    ])
    await client.end()
  })

  test('follows SET search_path and DDL that were sent just before', async () => {
    await fixture.bare.query(
      'create schema two; create table two.users (id int, full_name text); insert into two.users values (2, $$two$$)',
    )
    const client = await fixture.client(PIPELINE)
    await client.query(READ)
    const texts = [
      'set search_path = two',
      READ,
      'reset search_path',
      'alter table users drop full_name',
      READ,
      'select * from users',
    ]
    const results = await Promise.all(texts.map((text) => client.query(text)))
    expect(namesOf([results[1], results[4]].flatMap((result) => result ?? []))).toEqual(['two', 'old'])
    expect(results[5]?.rows).toEqual([{ id: 1, name: 'old' }])
  })

  test('named statements, values, array rows and callbacks', async () => {
    const client = await fixture.client(PIPELINE)
    fixture.flags.set('read-new', true)
    const named = {
      name: 'by id',
      text: 'select name from users where id = $1',
      values: [1],
      rowMode: 'array' as const,
    }
    const results = await Promise.all([
      client.query(named),
      client.query(named),
      new Promise((resolve, reject) =>
        client.query(READ, (error, { rows }) => (error ? reject(error) : resolve(rows))),
      ),
      client.query(named),
    ])
    expect(results.map((result) => (Array.isArray(result) ? result : (result as pg.QueryResult).rows))).toEqual([
      [['new']],
      [['new']],
      [{ name: 'new' }],
      [['new']],
    ])
  })

  test.each([false, true])(
    'a name without its text, behind the statement that names it, the columns known: %s',
    async (known) => {
      const client = await fixture.client(PIPELINE)
      if (known) await client.query(READ)
      const named = { name: 'by id', text: 'select name from users where id = $1', values: [1] }
      const again = { name: 'by id', values: [1] } as unknown as pg.QueryConfig
      expect(namesOf(await Promise.all([named, again, again].map((each) => client.query(each))))).toEqual(
        Array(3).fill('old'),
      )
    },
  )

  test('cursors are refused, as by pg', async () => {
    const client = await fixture.client(PIPELINE)
    await expect(client.query(new Cursor(READ)).read(1)).rejects.toThrow(/not supported in pipeline mode/u)
  })

  test('end waits for what was held', async () => {
    const client = await fixture.client(PIPELINE)
    const results = Promise.all([
      client.query('select 1 as name'),
      client.query(READ),
      client.query('select 2 as name'),
    ])
    const ended = client.end()
    expect(namesOf(await results)).toEqual([1, 'old', 2])
    await ended
  })

  test('a lost connection fails everything that was held', async () => {
    const client = await fixture.client(PIPELINE)
    client.on('error', () => {})
    const blocker = await fixture.another()
    await blocker.query('begin; lock table pg_catalog.pg_inherits in access exclusive mode')
    const results = Promise.allSettled([READ, 'select 1', READ].map((text) => client.query(text)))
    await pause(50)
    await fixture.bare.query('select pg_terminate_backend($1)', [
      (client as unknown as { processID: number }).processID,
    ])
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    await blocker.query('rollback')
  })

  test('drain is emitted once everything is answered, not while statements are held', async () => {
    const client = await fixture.client(PIPELINE)
    let open = 0
    const drains: number[] = []
    client.on('drain', () => drains.push(open))
    const results = [READ, 'select 1', READ].map((text) => {
      open++
      return new Promise<void>((resolve) =>
        client.query(text, () => {
          open--
          resolve()
        }),
      )
    })
    await Promise.all(results)
    await expect.poll(() => drains.length, { timeout: 60_000 }).toBeGreaterThan(0)
    await pause(10)
    expect(drains).toEqual([0])
  })
})
