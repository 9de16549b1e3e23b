import { changeColumnType, createRuntime, defineMigration, type Migration } from '@expand-contract/core'
import { instrumentedClient } from '@expand-contract/pg'
import type pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { databaseForTests } from '../support/database-for-tests.ts'
import { postgresMajors } from '../support/postgres.ts'

const SCHEMA = `
  create table users (id int primary key, name text);
  insert into users values (1, 'Ada');
  create function slug(text) returns text language sql as $f$ select lower($1) $f$;
`

const mapped = (forward: string, backward = 'slug', type: string | undefined = 'text'): Migration =>
  defineMigration({
    table: 'users',
    old: { name: undefined },
    new: { slug: type },
    forward: { slug: forward },
    backward: { name: backward },
  })

/** Each is wrong in a way that nothing but the database, or its grammar, can tell. */
const WRONG: readonly (readonly [string, Migration])[] = [
  ['a function that is not there', mapped('no_such(name)')],
  ['a function of a schema that is not there', mapped('nowhere.no_such(name)')],
  ['a way back by a function that is not there', mapped('name', 'no_such(slug)')],
  ['a function of other arguments', mapped('slug(name, 1)')],
  ['types that do not go together', mapped('name + 1', 'slug * 2')],
  ['a VOLATILE function', mapped('slug(name)')],
  ['a type that is not there', mapped('name::nowhere.kind', 'slug::text', 'nowhere.kind')],
  ['a length that the type cannot have', mapped('name', 'slug', 'varchar(0)')],
  [
    'a precision that the type cannot have',
    changeColumnType({ table: 'users', from: 'name', fromType: 'text', to: 'slug', type: 'numeric(2000,3)' }),
  ],
  ['a modifier that the type has not', mapped('name', 'slug', 'text(3)')],
  ['no expression', mapped('name +')],
  ['an expression that raises', mapped("(1 / length('')) || name")],
]

describe.each(postgresMajors())('PostgreSQL %i: a mapping that is wrong, while the old column is alone', (major) => {
  const database = databaseForTests(major, SCHEMA)
  const opened: pg.Client[] = []

  afterEach(async () => {
    for (const client of opened.splice(0)) await client.end()
  })

  async function connect(migration: Migration) {
    const warnings: string[] = []
    const onWarning = ({ code }: { readonly code: string }) => void warnings.push(code)
    const runtime = await createRuntime({ migrations: [migration], observer: { onWarning } })
    const client = new (instrumentedClient(runtime, { catalogRefreshMs: 0 }))(database.url)
    await client.connect()
    opened.push(client)
    return { client, warnings }
  }

  const STATEMENTS = [
    'select * from users',
    "insert into users values (2, 'Bob') on conflict (id) do update set name = excluded.name returning name",
    "update users set name = name || '!' where id = 2 returning id, name",
    'delete from users where id = 2',
    'do $$ begin perform from users; end $$',
  ]

  test.each(WRONG)('%s fails no statement', async (_, migration) => {
    const { client } = await connect(migration)
    for (const text of STATEMENTS) {
      await expect(client.query(text), text).resolves.toBeDefined()
      await client.query('begin')
      await expect(client.query(text), text).resolves.toBeDefined()
      await client.query('commit')
    }
    const later = await connect(migration)
    await later.client.query('begin')
    await expect(later.client.query(STATEMENTS[0] ?? '')).resolves.toMatchObject({ rows: [{ id: 1, name: 'Ada' }] })
    await later.client.query('rollback')
  })

  test.each(WRONG)('%s, where the application has the new column', async (_, migration) => {
    const own = defineMigration({
      table: 'users',
      old: { name: undefined },
      new: { slug: migration.new[0]?.type },
      forward: { slug: sqlOf(migration, 'forward', 'slug', 'name') },
      backward: { name: sqlOf(migration, 'backward', 'name', 'slug') },
      app: 'new',
    })
    for (const begin of ['select 1', 'begin']) {
      const { client } = await connect(own)
      await client.query(begin)
      await expect(client.query('select id from users')).resolves.toMatchObject({ rows: [{ id: 1 }] })
      await expect(client.query('update users set id = id')).resolves.toMatchObject({ rowCount: 1 })
      await client.query('commit')
    }
  })

  test('a type is known in a transaction, too, where the application has the new column', async () => {
    const { client } = await connect(
      defineMigration({
        table: 'users',
        old: { name: undefined },
        new: { initial: 'varchar(3)', size: undefined },
        forward: { initial: 'left(name, 1)', size: 'length(name)' },
        backward: { name: 'initial' },
        app: 'new',
      }),
    )
    await client.query('begin')
    const { fields, rows } = await client.query({ text: 'select initial, size from users', rowMode: 'array' })
    expect(rows).toEqual([['A', 3]])
    expect(fields.map(({ dataTypeID }) => dataTypeID)).toEqual([1043, 23])
    await client.query('rollback')
  })

  test('it is told, and once the new column is there no statement is sent', async () => {
    for (const [name, code] of [
      ['a VOLATILE function', 'EC_VOLATILE_FUNCTION'],
      ['no expression', 'EC_EXPRESSION'],
    ] as const) {
      const migration = WRONG.find(([each]) => each === name)?.[1]
      if (migration === undefined) throw new Error(name)
      const { client, warnings } = await connect(migration)
      await client.query('select name from users')
      expect(warnings).toEqual([code])
      await database.client.query('alter table users add slug text')
      try {
        for (const text of ['select name from users', "insert into users (id, name) values (3, 'x')"])
          await expect(client.query(text)).rejects.toMatchObject({ code })
        await expect(client.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] })
      } finally {
        await database.client.query('alter table users drop slug')
      }
      expect((await database.client.query('select id from users')).rows).toEqual([{ id: 1 }])
    }
  })
})

function sqlOf(migration: Migration, way: 'forward' | 'backward', target: string, source: string): string {
  const mapping = migration[way][target]
  return mapping?.kind === 'sql' ? mapping.sql : source
}
