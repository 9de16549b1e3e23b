import {
  createRuntime,
  fixedPhases,
  type Migration,
  type Phase,
  renameColumn,
  splitColumn,
} from '@expand-contract/core'
import { instrumentedClient } from '@expand-contract/pg'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'

/** `fresh` was made without the old column, `finished` has dropped it, `begun` has no new one, `parts` is partitioned. */
const SCHEMA = `
  create schema crm;
  create table fresh (id int primary key, title text, full_name text);
  create table finished (id int primary key, title text, name text, full_name text);
  alter table finished drop column name;
  create table begun (id int primary key, title text, name text);
  create table crm.elsewhere (id int primary key, name text, full_name text);
  create table parts (id int, name text, full_name text) partition by list (id);
  alter table parts drop column name;
  create table parts_1 partition of parts for values in (1);
  create schema one; create table one.users (id int primary key, name text, full_name text);
  create schema two; create table two.users (id int primary key, full_name text);
  create schema three; create table three.old (id int, gone text); alter table three.old drop column gone;
  create schema four; create table four.old (id int, full_name text);
  create view fresh_view as select id, full_name from fresh;
  create table split (id int primary key, first_name text, last_name text, gone text);
  alter table split drop column gone;
`

const rename = (table: string, from = 'name', to = 'full_name'): Migration => renameColumn({ table, from, to })

describe.each(postgresMajors())('PostgreSQL %i: names that the database does not have', (major) => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createDatabase(major, { sql: SCHEMA })
  })
  afterAll(() => database?.drop())

  interface Declared {
    readonly migrations: readonly Migration[]
    readonly phase?: Phase
  }

  /** What is refused of the statements, by reason, and the codes of warnings. */
  async function outcome({ migrations, phase }: Declared, ...statements: readonly string[]) {
    const warnings: string[] = []
    const messages: string[] = []
    const runtime = await createRuntime({
      migrations,
      phases: fixedPhases(phase === undefined ? {} : Object.fromEntries(migrations.map(({ id }) => [id, phase]))),
      observer: {
        onWarning: ({ code, message }) => {
          warnings.push(code)
          messages.push(message)
        },
      },
    })
    const client = new (instrumentedClient(runtime))({ connectionString: database.url })
    await client.connect()
    const errors: unknown[] = []
    for (const text of statements)
      await client
        .query('begin')
        .then(() => client.query(text))
        .then(
          () => errors.push(undefined),
          (error: unknown) => errors.push(error),
        )
        .finally(() => client.query('rollback'))
    await client.end()
    return { errors, warnings, messages }
  }

  const REFUSED = expect.objectContaining({
    code: 'EC_REFUSED',
    reasons: [expect.objectContaining({ code: 'never-had-column' })],
  })

  test('an old column that the table never had is refused at first use, read or write', async () => {
    const { errors, warnings } = await outcome(
      { migrations: [rename('fresh', 'nmae')] },
      'select id from fresh',
      "insert into fresh (id, title) values (1, 'x')",
      "update fresh set title = 'y'",
      'select * from fresh_view',
      'copy fresh to stdout',
      'select 1',
    )
    expect(errors).toEqual([REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, undefined])
    expect(warnings).toEqual([])
    expect(errors[0]).toMatchObject({
      message: expect.stringContaining('The table "fresh" has "full_name" and not "nmae", and never had'),
      hint: expect.stringContaining(`phases: fixedPhases({ "fresh.full_name": 'contract' })`),
    })
  })

  test('nothing of it has been sent', async () => {
    await outcome({ migrations: [rename('fresh', 'nmae')] }, 'insert into fresh (id) values (2); commit')
    const bare = new pg.Client(database.url)
    await bare.connect()
    expect((await bare.query('select id from fresh')).rows).toEqual([])
    await bare.end()
  })

  test.each(['off', 'expand', 'switch'] as const)('the phase %s does not make it right', async (phase) => {
    const { errors } = await outcome({ migrations: [rename('fresh')], phase }, 'select id from fresh')
    expect(errors).toEqual([REFUSED])
  })

  test('a database that was made anew behind the end of a migration says contract', async () => {
    const insert = "insert into fresh (id, name) values (1, 'x') returning name"
    expect(await outcome({ migrations: [rename('fresh')], phase: 'contract' }, insert)).toEqual({
      ...{ errors: [undefined], warnings: [], messages: [] },
    })
  })

  test('a dropped column may have been the one: a warning, unless contract is recorded', async () => {
    const insert = "insert into finished (id, name) values (1, 'x')"
    const { errors, warnings, messages } = await outcome({ migrations: [rename('finished')] }, insert, insert)
    expect({ errors, warnings }).toEqual({ errors: [undefined, undefined], warnings: ['old-column-gone'] })
    expect(messages[0]).toContain('"finished.full_name": \'contract\'')
    const recorded = await outcome({ migrations: [rename('finished')], phase: 'contract' }, insert)
    expect(recorded).toMatchObject({ errors: [undefined], warnings: [] })
  })

  test('a table without a schema is every one of the name: another one that has the column will do', async () => {
    const insert = "insert into two.users (id, name) values (1, 'x')"
    expect(await outcome({ migrations: [rename('users')] }, insert)).toMatchObject({
      ...{ errors: [undefined], warnings: ['missing-table'] },
    })
    expect(await outcome({ migrations: [rename('users', 'nmae')] }, 'select id from two.users')).toMatchObject({
      errors: [REFUSED],
    })
    expect(await outcome({ migrations: [rename('two.users')] }, 'select id from two.users')).toMatchObject({
      errors: [REFUSED],
    })
    expect(await outcome({ migrations: [rename('old')] }, 'select id from four.old')).toMatchObject({
      errors: [undefined],
    })
  })

  test('partitions go by the table that they belong to', async () => {
    const insert = "insert into parts_1 (id, name) values (1, 'x')"
    const good = await outcome({ migrations: [rename('parts')] }, insert)
    expect(good).toMatchObject({ errors: [undefined], warnings: ['old-column-gone'] })
  })

  test('of several old columns as many as were dropped may be missing', async () => {
    const merged = (from: Record<string, string>): Migration =>
      splitColumn({
        table: 'split',
        from: Object.keys(from)[0] ?? '',
        to: { first_name: 'text', last_name: 'text' },
        forward: { first_name: Object.keys(from)[0] ?? '', last_name: "''" },
        backward: 'first_name',
      })
    expect(await outcome({ migrations: [merged({ gone: 'text' })] }, 'select id from split')).toMatchObject({
      errors: [undefined],
      warnings: ['old-column-gone'],
    })
    await expect(
      outcome({ migrations: [rename('fresh'), rename('finished')] }, 'select id from finished'),
    ).resolves.toMatchObject({ errors: [undefined] })
  })

  test.each([
    [
      'a table',
      rename('fersh'),
      'select id from fresh',
      'missing-table',
      '"fersh", which is not there on the search path',
    ],
    ['a schema', rename('public.elsewhere'), 'select 1', 'missing-table', '"public"."elsewhere", which is not there.'],
    [
      'both columns',
      rename('begun', 'nmae', 'ful_name'),
      'select id from begun',
      'missing-columns',
      '"nmae", "ful_name" are missing',
    ],
  ])('%s that is not there: a warning, once', async (_, migration, statement, code, message) => {
    const { errors, warnings, messages } = await outcome({ migrations: [migration] }, statement, statement)
    expect({ errors, warnings }).toEqual({ errors: [undefined, undefined], warnings: [code] })
    expect(messages[0]).toContain(message)
  })

  test('a new column that is not there: a warning once a phase says that it is', async () => {
    const migration = rename('begun', 'name', 'ful_name')
    expect(await outcome({ migrations: [migration] }, 'select id from begun')).toMatchObject({ warnings: [] })
    for (const phase of ['expand', 'switch', 'contract'] as const)
      expect(await outcome({ migrations: [migration], phase }, 'select id from begun')).toMatchObject({
        ...{ errors: [undefined], warnings: ['missing-new-column'] },
      })
  })
})
