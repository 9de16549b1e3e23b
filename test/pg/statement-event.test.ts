import { defineMigration, renameColumn } from '@expand-contract/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newestMajor } from '../support/postgres.ts'
import { EngineFixture } from './engine-fixture.ts'

const NAME = renameColumn({ table: 'users', from: 'name', to: 'full_name' })
const BODY = defineMigration({
  table: 'crm.notes',
  old: { body: 'text' },
  new: { content: 'text' },
  forward: { content: 'body' },
  backward: { body: 'content' },
})

/** The text is the application's own, whatever the driver, so one major and one driver tell. */
describe('what an observer is told of a statement', () => {
  let fixture: EngineFixture
  beforeAll(async () => {
    const sql = `create schema crm; create table crm.notes (id int, body text, content text);
      create table users (id int primary key, name text, full_name text)`
    fixture = await EngineFixture.open(newestMajor(), { sql, migrations: [NAME, BODY] })
  })
  afterAll(() => fixture?.close())

  const last = () => {
    const event = fixture.statements.at(-1)
    if (event === undefined) throw new Error('no statement was told')
    return event
  }

  test('the tables, the text without values and the fingerprint', async () => {
    const client = await fixture.client()
    await client.query("insert into users (id, name) values (1, 'secret') -- secret")
    expect(last()).toMatchObject({
      outcome: 'rewritten',
      tables: ['users'],
      text: 'insert into users (id, name) values ($1, $2)',
      fingerprint: expect.stringMatching(/^[\da-f]{16}$/u),
    })
    const { fingerprint } = last()
    await client.query('insert into users (id, name) values ($1, $2)', [2, 'secret'])
    expect(last()).toMatchObject({ text: 'insert into users (id, name) values ($1, $2)', fingerprint })

    await client.query("select * from users u join crm.notes n using (id) where n.body = 'secret'")
    expect(last().tables.toSorted()).toEqual(['crm.notes', 'users'])
    expect(last().text).toBe('select * from users u join crm.notes n using (id) where n.body = $1')

    await client.query("prepare found as select id from users where name = 'secret' or name = $1")
    await client.query("execute found('secret')")
    expect(last()).toMatchObject({ command: 'EXECUTE', tables: ['users'], text: 'execute found($1)' })
  })

  test('of what was refused, too', async () => {
    const client = await fixture.client()
    await expect(client.query("do $$ begin update users set name = 'secret'; end $$")).rejects.toThrow('EC_REFUSED')
    expect(last()).toMatchObject({ outcome: 'refused', text: 'do $1' })
    expect(last().tables).toContain('users')
    const text = "set search_path = crm; insert into notes values (1, 'secret')"
    await expect(client.query(text)).rejects.toThrow('EC_REFUSED')
    expect(last()).toMatchObject({
      outcome: 'refused',
      text: 'set search_path = crm; insert into notes values ($1, $2)',
    })
    expect(last().tables).toContain('crm.notes')
  })

  test('no text where the session reads strings in another way', async () => {
    const client = await fixture.client()
    await client.query('set standard_conforming_strings = off')
    const text = String.raw`select 'it\'s', ' or secret', id from users`
    await expect(client.query(text)).rejects.toThrow('EC_REFUSED')
    expect(last()).toMatchObject({ outcome: 'refused', text: undefined })
  })

  test('JSON has all of it, and no value', async () => {
    const client = await fixture.client()
    await fixture.runtime.withContext({ userId: 'secret' }, () => client.query("select 'secret' from users"))
    const { reads, fingerprint } = last()
    expect(JSON.parse(JSON.stringify(last()))).toEqual({
      ...{ outcome: last().outcome, command: 'SELECT', tables: ['users'], text: 'select $1 from users' },
      ...{ fingerprint, reads, reasons: [] },
    })
    expect(JSON.stringify(fixture.statements)).not.toContain('secret')
  })

  test('it is computed once for each plan, when it is asked for', async () => {
    const client = await fixture.client()
    for (const value of ['a', 'b']) await client.query('select id from users where name = $1', [value])
    const [one, other] = fixture.statements.slice(-2)
    expect(one?.fingerprint).toBe(other?.fingerprint)
    expect(Object.keys(one ?? {})).toEqual(['outcome', 'command', 'reads', 'reasons', 'scope', 'transaction'])
  })
})
