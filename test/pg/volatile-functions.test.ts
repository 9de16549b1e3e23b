import { createRuntime, defineMigration, type WarningEvent } from '@expand-contract/core'
import { instrumentedClient } from '@expand-contract/pg'
import { describe, expect, test } from 'vitest'
import { databaseForTests } from '../support/database-for-tests.ts'
import { postgresMajors } from '../support/postgres.ts'
import { loadCatalog } from './load-catalog.ts'

const SCHEMA = `
  create schema crm;
  create table users (id int primary key, name text, slug text);
  create function slug(text) returns text language sql as $$ select lower($1) $$;
  create function crm.unslug(text) returns text language sql immutable as $$ select upper($1) $$;
`

const migration = defineMigration({
  id: 'users.slug',
  table: 'users',
  old: { name: 'text' },
  new: { slug: 'text' },
  forward: { slug: 'slug(name)' },
  backward: { name: 'crm.unslug(slug)' },
})

describe.each(postgresMajors())('PostgreSQL %i: what the functions of a mapping promise', (major) => {
  const database = databaseForTests(major, SCHEMA)

  async function connect() {
    const warnings: WarningEvent[] = []
    const observer = { onWarning: (warning: WarningEvent) => warnings.push(warning) }
    const runtime = await createRuntime({ migrations: [migration], observer })
    const client = new (instrumentedClient(runtime, { catalogRefreshMs: 0 }))({ connectionString: database.url })
    await client.connect()
    return { client, warnings }
  }

  test('a VOLATILE one is refused at first, and told of later', async () => {
    const { client, warnings } = await connect()
    const insert = (id: number) => client.query('insert into users (id, name) values ($1, $2)', [id, 'Ada'])
    await expect(insert(1)).rejects.toMatchObject({
      code: 'EC_VOLATILE_FUNCTION',
      migration: 'users.slug',
      message: expect.stringContaining('The mapping of "slug" in the migration users.slug calls slug'),
      hint: expect.stringContaining('ALTER FUNCTION slug ... IMMUTABLE'),
    })
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])

    await database.client.query('alter function slug(text) immutable')
    await insert(1)
    expect((await database.client.query('select name, slug from users')).rows).toEqual([{ name: 'Ada', slug: 'ada' }])

    const before = warnings.length
    await database.client.query('alter function crm.unslug(text) volatile')
    await insert(2)
    expect(warnings.slice(before)).toMatchObject([
      { code: 'EC_VOLATILE_FUNCTION', message: expect.stringContaining('calls crm.unslug'), migration: 'users.slug' },
    ])
    await database.client.query('alter function crm.unslug(text) immutable')
    await client.end()
  })

  test('of overloads that differ nothing is said', async () => {
    await database.client.query(`create function slug(int) returns text volatile language sql as $$ select 'x' $$`)
    const { client } = await connect()
    await client.query(`insert into users (id, name) values (3, 'Bob')`)
    await client.end()
    await database.client.query('drop function slug(int)')
  })

  test('own volatile functions with the name of one of PostgreSQL’s are known, and seen when they come', async () => {
    const { snapshot, renew } = await loadCatalog(database.client, [migration])
    expect(snapshot.catalog.volatileFunctions).toEqual(new Set())
    await renew()
    await database.client.query(`create function initcap(int) returns text volatile language sql as $$ select 'x' $$`)
    await database.client.query(`create function surely_mine() returns text volatile language sql as $$ select 'x' $$`)
    expect(await renew()).toBe(true)
    expect(snapshot.catalog.volatileFunctions).toEqual(new Set(['initcap']))
    await database.client.query('drop function initcap(int)')
    expect(await renew()).toBe(true)
    expect(snapshot.catalog.volatileFunctions).toEqual(new Set())
  })
})
