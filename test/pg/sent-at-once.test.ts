import { renameColumn } from '@expand-contract/core'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture } from './engine-fixture.ts'

const SQL = `
create table users (id int primary key, name text, full_name text constraint users_full_name_key unique);
insert into users values (1, 'ann', 'ann'), (2, 'bob', 'bob')`
const MIGRATIONS = [
  renameColumn({
    table: 'users',
    from: 'name',
    to: 'full_name',
    flag: 'name',
    constraints: { users_name_key: 'users_full_name_key' },
  }),
]

const READ = 'select id, name from users where name = $1'
const CLASH = 'update users set name = $1 where id = 1'

type Answer = Pick<pg.QueryResult, 'rows'>
type Call = (client: pg.Client, text: string, values: readonly string[]) => Promise<Answer>

const called = (send: (done: (error: Error | null, result: Answer) => void) => void): Promise<Answer> =>
  new Promise((resolve, reject) => send((error, result) => (error ? reject(error) : resolve(result))))

/** An object that is not a literal: pg keeps its prototype, so it is not copied by us. */
class Config {
  readonly text: string
  readonly values: readonly string[]
  constructor(text: string, values: readonly string[]) {
    this.text = text
    this.values = values
  }
}

const CALLS: Readonly<Record<string, Call>> = {
  'text and values': (client, text, values) => client.query(text, [...values]),
  'a config': (client, text, values) => client.query({ text, values: [...values] }),
  'a config, its values apart': (client, text, values) => client.query({ text }, [...values]),
  'a named config': (client, text, values) => client.query({ name: text, text, values: [...values] }),
  'a config with an empty name': (client, text, values) => client.query({ name: '', text, values: [...values] }),
  'a config with types': (client, text, values) =>
    client.query({ text, values: [...values], types: { getTypeParser: () => (value: string) => value } as never }),
  'a named config with a timeout': (client, text, values) =>
    client.query({ name: `${text} `, text, values: [...values], query_timeout: 60_000 } as pg.QueryConfig),
  'a config of a class': (client, text, values) => client.query(new Config(text, values) as never),
  'a callback': (client, text, values) => called((done) => client.query(text, [...values], done)),
  'a config and a callback': (client, text, values) =>
    called((done) => client.query({ text, values: [...values] }, done)),
  'a named config and a callback': (client, text, values) =>
    called((done) => client.query({ name: text, text, values: [...values] }, done)),
}

/** Whether the statement is sent before `query` returns, or waits for its turn. */
const TURNS: Readonly<Record<string, (client: pg.Client) => void>> = {
  'the client is idle': () => {},
  'the client is busy': (client) => void client.query('select 1'),
}

describe.each(postgresMajors())('PostgreSQL %i', (major) => {
  let fixture: EngineFixture
  let client: pg.Client

  beforeEach(async () => {
    fixture = await EngineFixture.open(major, { sql: SQL, migrations: MIGRATIONS, catalogRefreshMs: 60_000 })
    fixture.flags.set('name', true)
    client = await fixture.client()
    await client.query('select name from users')
  })
  afterEach(async () => {
    await fixture?.close()
  })

  describe.each(Object.entries(TURNS))('%s', (_, busy) => {
    test.each(Object.entries(CALLS))('%s', async (name, call) => {
      const id = name === 'a config with types' ? '2' : 2
      fixture.statements.length = 0
      for (let time = 0; time < 2; time++) {
        busy(client)
        expect((await call(client, READ, ['bob'])).rows).toEqual([{ id, name: 'bob' }])
      }
      expect(fixture.statements.map(({ outcome, reads }) => [outcome, reads['users.full_name']])).toEqual([
        ['rewritten', 'new'],
        ['rewritten', 'new'],
      ])

      for (let time = 0; time < 2; time++) {
        busy(client)
        await expect(call(client, CLASH, ['bob'])).rejects.toMatchObject({
          code: '23505',
          constraint: 'users_name_key',
          message: expect.stringContaining('users_name_key'),
        })
      }
      const unknown = 'select name, nothing from users where name = $1'
      busy(client)
      await expect(call(client, unknown, ['bob'])).rejects.toMatchObject({
        code: '42703',
        position: String(unknown.indexOf('nothing') + 1),
      })

      // The column goes without a word: nothing was answered, so the statement is planned and sent again.
      await fixture.bare.query('alter table users drop name')
      busy(client)
      expect((await call(client, READ, ['bob'])).rows).toEqual([{ id, name: 'bob' }])
      const write = 'update users set name = $1 where id = 2 returning name'
      busy(client)
      expect((await call(client, write, ['cyd'])).rows).toEqual([{ name: 'cyd' }])
    })
  })

  test.each(Object.keys(TURNS))('rows as arrays, values as the config has them: %s', async (turn) => {
    const types = { getTypeParser: () => (value: string) => `<${value}>` } as never
    const config = { text: READ, values: ['bob'], rowMode: 'array' as const }
    for (const [query, row] of [
      [config, [2, 'bob']],
      [{ ...config, types }, ['<2>', '<bob>']],
      [{ ...config, types, name: 'n' }, ['<2>', '<bob>']],
      [{ ...config, types: undefined, name: undefined }, [2, 'bob']],
    ] as const) {
      TURNS[turn]?.(client)
      const { rows, fields, rowCount }: pg.QueryResult = await client.query(query as pg.QueryArrayConfig)
      expect([rows, rowCount, fields.map(({ name }) => name)]).toEqual([[row], 1, ['id', 'name']])
    }
  })

  test.each([
    "select id, name as role, name as schema from users where name <> 'reset role; begin'",
    '(select name from users) union (select name from users) -- ; discard',
    '/* a /* b /* c */ d */ e */ select name from users /* ; */;',
  ])('words that only look like those that change the session: %s', async (text) => {
    const underWay = (): unknown => (client as unknown as { _activeQuery: object | null })._activeQuery?.constructor
    await client.query(text)
    const answer = client.query(text)
    expect(underWay()).toBe(pg.Query)
    await answer
    await fixture.bare.query('alter table users drop name')
    expect((await client.query(text)).rowCount).toBe(2)
  })

  test('a named statement whose column goes is sent again under another name, and stays so', async () => {
    const named = { name: 'n', text: "update users set name = 'dee' where id = 2 returning name" }
    await client.query(named)
    await fixture.bare.query('alter table users drop name')
    for (let time = 0; time < 2; time++) expect((await client.query(named)).rows).toEqual([{ name: 'dee' }])
    await expect(client.query({ ...named, text: 'select name from users' })).rejects.toThrow(
      "'n' was used for a different statement",
    )
  })

  test('the end of the connection is told as pg tells it', async () => {
    const lost = await fixture.client()
    lost.on('error', () => {})
    await lost.query('select name from users')
    const { rows } = await lost.query('select pg_backend_pid() as pid')
    const told = expect(lost.query('select name from users, pg_sleep(20)')).rejects.toMatchObject({ code: '57P01' })
    await fixture.bare.query('select pg_terminate_backend($1)', [rows[0].pid])
    await told
    await expect(lost.query('select name from users')).rejects.toThrow()
  })
})
