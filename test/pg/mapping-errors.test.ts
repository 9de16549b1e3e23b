import {
  changeColumnType,
  createRuntime,
  defineMigration,
  fixedPhases,
  type Migration,
  type Phase,
} from '@expand-contract/core'
import { instrumentedClient } from '@expand-contract/pg'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'

const SCHEMA = `
  create table t (id int primary key, a text, n int, a_ec int, b text, b_ec text, c text, c_ec bigint);
  create function checked(text) returns text language plpgsql immutable as $$ begin
    if $1 = 'bad' then raise exception 'no bad ones' using errcode = '22023'; end if; return $1; end $$`

const mapping = (column: 'a' | 'b', type: string, forward: string, backward = `${column}_ec::text`): Migration =>
  defineMigration({
    table: 't',
    old: { [column]: 'text' },
    new: { [`${column}_ec`]: type },
    forward: { [`${column}_ec`]: forward },
    backward: { [column]: backward },
  })

describe.each(postgresMajors())('PostgreSQL %i: an error of a mapping', (major) => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createDatabase(major, { sql: SCHEMA })
  })
  afterAll(async () => {
    await database?.drop()
  })

  async function failure(migration: Migration, text: string, values: readonly unknown[] = [], phase: Phase = 'expand') {
    const runtime = await createRuntime({ migrations: [migration], phases: fixedPhases({ [migration.id]: phase }) })
    const client = new (instrumentedClient(runtime))({ connectionString: database.url })
    await client.connect()
    try {
      return await client.query(text, [...values]).then(
        () => undefined,
        (error: unknown) => error,
      )
    } finally {
      await client.end()
    }
  }

  const insert = "insert into t (id, a) values (1, 'x')"

  test('has its type and code, and names the mapping and the migration in its message', async () => {
    const wrong = await failure(mapping('a', 'int', 'nosuch(a)'), insert)
    expect(wrong).toBeInstanceOf(pg.DatabaseError)
    expect(wrong).toMatchObject({
      code: '42883',
      message: 'function nosuch(text) does not exist (in the mapping of "a_ec", migration t.a_ec)',
      where: 'mapping of "a_ec" (migration t.a_ec)',
      position: undefined,
    })
  })

  test('is not what the statement itself says of the column beside another value', async () => {
    const cases = mapping('b', 'text', "case b when 'x' then 'on' end", "case b_ec when 'on' then 'x'::text end")
    for (const text of ['select true union all select b from t', 'select coalesce(true, b) from t']) {
      const message = /^(?:UNION|COALESCE) types (?:boolean and text|text and boolean) cannot be matched$/u
      expect(await failure(cases, text, [], 'contract')).toMatchObject({
        code: '42804',
        message: expect.stringMatching(message),
      })
    }
  })

  test('of the wrong type keeps the name of the column that could not take it', async () => {
    expect(await failure(mapping('a', 'int', 'upper(a)'), insert)).toMatchObject({
      code: '42804',
      message:
        'column "a_ec" is of type integer but expression is of type text (in the mapping of "a_ec", migration t.a_ec)',
    })
    expect(await failure(mapping('a', 'int', 'upper(a)'), "update t set a = 'x' where id = 1")).toMatchObject({
      code: '42804',
      message: expect.stringContaining('(in the mapping of "a_ec", migration t.a_ec)'),
    })
  })

  test('in a function that it calls', async () => {
    expect(
      await failure(mapping('b', 'text', 'checked(b)', 'b_ec'), "insert into t (id, b) values (1, 'bad')"),
    ).toMatchObject({
      code: '22023',
      message: 'no bad ones (in the mapping of "b_ec", migration t.b_ec)',
      where: expect.stringMatching(/^PL\/pgSQL function checked\(text\).*\nmapping of "b_ec" \(migration t\.b_ec\)$/su),
    })
  })

  test('of a value is as it is, and its context says what may have raised it', async () => {
    const migration = mapping('a', 'int', 'a::int')
    const message = 'invalid input syntax for type integer: "x"'
    const where = 'statement that was sent with the mapping of "a_ec" (migration t.a_ec), '
    expect(await failure(migration, insert)).toMatchObject({
      code: '22P02',
      message,
      where: expect.stringContaining(where),
    })
    expect(await failure(migration, 'insert into t (id, a) values (1, $1)', ['x'])).toMatchObject({
      ...{ code: '22P02', message },
      where: expect.stringContaining(where),
    })
    const widened = changeColumnType({ table: 't', from: 'c', fromType: 'text', to: 'c_ec', type: 'bigint' })
    expect(await failure(widened, "insert into t (id, c) values (1, 'x')")).toMatchObject({
      code: '22P02',
      where: expect.stringContaining('mapping of "c_ec" (migration t.c_ec)'),
    })
  })

  test('is not looked for where the error points into the text of the application', async () => {
    const migration = mapping('a', 'int', 'length(a)')
    expect(await failure(migration, "insert into t (id, a) values (nosuch(1), 'x')")).toMatchObject({
      code: '42883',
      message: 'function nosuch(integer) does not exist',
      where: undefined,
    })
    expect(await failure(migration, "insert into t (id, a) values (1, 'x'), (1, 'x')")).toMatchObject({
      code: '23505',
      where: undefined,
    })
  })
})

describe.each(postgresMajors())('PostgreSQL %i: a mapping that the database cannot describe', (major) => {
  test('is named with its migration, among those that it can', async () => {
    const database = await createDatabase(major, { sql: 'create table t (id int, a_ec text, b_ec text)' })
    const backward = (column: string, sql: string): Migration =>
      defineMigration({
        table: 't',
        old: { [column]: undefined },
        new: { [`${column}_ec`]: 'text' },
        forward: { [`${column}_ec`]: `${column}::text` },
        backward: { [column]: sql },
      })
    const runtime = await createRuntime({ migrations: [backward('a', 'upper(a_ec)'), backward('b', 'nosuch(b_ec)')] })
    const client = new (instrumentedClient(runtime))({ connectionString: database.url })
    await client.connect()
    await expect(client.query('select a, b from t')).rejects.toMatchObject({
      code: 'EC_CATALOG',
      migration: 't.b_ec',
      message: expect.stringContaining(
        'the mapping of "b" in the migration t.b_ec fails in this database: function nosuch(text) does not exist',
      ),
      cause: expect.objectContaining({ code: '42883' }),
    })
    await client.end()
    await database.drop()
  })
})

describe.each(postgresMajors())('PostgreSQL %i: a role without a privilege on the sequence', (major) => {
  test('is told which one a migrating identity column needs, and needs none for any other', async () => {
    const role = `writer_${major}`
    const database = await createDatabase(major, {
      sql: `create table keyed (id int generated always as identity, id_ec bigint, n int);
        create table plain (id int generated always as identity, a text, a_ec text, n int)`,
    })
    const migrations = [
      changeColumnType({ table: 'keyed', from: 'id', fromType: 'integer', to: 'id_ec', type: 'bigint' }),
      changeColumnType({ table: 'plain', from: 'a', fromType: 'text', to: 'a_ec', type: 'text' }),
    ]
    const runtime = await createRuntime({
      migrations,
      phases: fixedPhases({ 'keyed.id_ec': 'expand', 'plain.a_ec': 'expand' }),
    })
    const client = new (instrumentedClient(runtime))({ connectionString: database.url })
    await client.connect()
    await client.query(`create role ${role}; grant all on keyed, plain to ${role}`)
    await client.query(`set role ${role}`)

    await client.query("insert into plain (a) values ('x'), (random()::text)")
    await client.query("insert into plain (a) select 'x'")
    await client.query("insert into plain (id, a) values (default, 'x') returning *")
    await client.query('update plain set id = default, a = random()::text')
    await client.query('update plain set (id, n, a) = (default, default, random()::text) where n is null')
    await client.query('insert into keyed (id, n) overriding system value values (7, 1)')
    await client.query('update keyed set n = 2')
    for (const text of [
      'insert into keyed (n) values (1)',
      'insert into keyed default values',
      'update keyed set id = default',
    ])
      await expect(client.query(text), text).rejects.toMatchObject({
        code: '42501',
        message: 'permission denied for sequence keyed_id_seq',
        hint: expect.stringMatching(/keyed\.id_ec.*GRANT USAGE/su),
      })
    await client.query('reset role')
    await client.query(`grant usage on sequence keyed_id_seq to ${role}`)
    await client.query(`set role ${role}`)
    await client.query('insert into keyed (n) values (1)')
    await client.query('update keyed set id = default')
    // A role is of the whole server.
    await client.query(`reset role; drop owned by ${role}; drop role ${role}`)
    await client.end()
    await database.drop()
  })
})
