import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors } from './postgres.ts'

describe.each(postgresMajors())('a database on PostgreSQL %i', (major) => {
  const sql = 'create table notes (id int primary key, body text); insert into notes values (1, $$ein Gruß$$)'

  test('starts with its script, apart from every other', async () => {
    const [one, other] = await Promise.all([createDatabase(major, { sql }), createDatabase(major, { sql })])
    const client = new pg.Client({ connectionString: one.url })
    await client.connect()
    await client.query('delete from notes')
    const version = await client.query('show server_version_num')
    expect(Math.floor(version.rows[0].server_version_num / 10_000)).toBe(major)
    await client.end()

    const second = new pg.Client({ connectionString: other.url })
    await second.connect()
    expect((await second.query('select body from notes')).rows).toEqual([{ body: 'ein Gruß' }])
    await second.end()
    await Promise.all([one.drop(), other.drop()])
  })

  test('clones another database', async () => {
    const original = await createDatabase(major, { sql })
    const clone = await createDatabase(major, { template: original.name, sql: 'insert into notes values (2, null)' })
    const client = new pg.Client({ connectionString: clone.url })
    await client.connect()
    expect((await client.query('select id from notes order by id')).rows).toEqual([{ id: 1 }, { id: 2 }])
    await client.end()
    await clone.drop()
    await original.drop()
  })

  test('tells of a connection that was left open', async () => {
    const database = await createDatabase(major, { patienceMs: 500 })
    const client = new pg.Client({ connectionString: database.url, application_name: 'forgotten' })
    client.on('error', () => {})
    await client.connect()
    await expect(database.drop()).rejects.toThrow(/left open: forgotten/u)
  })
})
