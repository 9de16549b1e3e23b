import {
  changeColumnType,
  createRuntime,
  defineMigration,
  fixedPhases,
  type Migration,
  type MigrationFinding,
  type Phase,
  type Runtime,
  renameColumn,
} from '@expand-contract/core'
import { checkMigrations, instrumentedClient, instrumentedPool } from '@expand-contract/pg'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'

const SCHEMA = `
  create table users (id int primary key, name text, full_name text);
  insert into users select i, 'secret ' || i from generate_series(1, 20) i;
  create table orders (id int primary key, amount bigint, code text, kind int);
  insert into orders values (1, 5000000000, 'secret code', 1), (2, 7, 'ab', 2);
  create table fresh (id int, full_name text);
  create table finished (id int, name text, full_name text); alter table finished drop column name;
  create table computed (id int, name text, full_name text generated always as (upper(name)) stored);
  create table seen (id int, name text, full_name text);
  create table audit (id int);
  create view seen_view as select id, name from seen;
  create view seen_rows as select s from seen s;
  create function lower_name() returns trigger language plpgsql as $f$ begin new.name := lower(new.name); return new; end $f$;
  create trigger lowers before insert on seen for each row execute function lower_name();
  create function touch() returns trigger language plpgsql as
    $f$ begin execute format('update %I set name = name', tg_table_name); return null; end $f$;
  create trigger touches after delete on seen for each row execute function touch();
  create function slug(text) returns text language sql as $f$ select lower($1) $f$;
  create domain label as varchar(80);
`

const rename = (table: string, from = 'name', to = 'full_name', type?: string): Migration =>
  renameColumn({ table, from, to, ...(type !== undefined && { type }) })

const amount = (type: string, forward?: string, backward?: string): Migration =>
  changeColumnType({
    ...{ table: 'orders', from: 'amount', fromType: 'int8', to: 'amount_new', type },
    ...(forward !== undefined && { forward }),
    ...(backward !== undefined && { backward }),
  })

const code = (type: string, forward = 'code', backward = 'code_new'): Migration =>
  defineMigration({
    table: 'orders',
    old: { code: 'text' },
    new: { code_new: type },
    forward: { code_new: forward },
    backward: { code: backward },
  })

describe.each(postgresMajors())('PostgreSQL %i: checkMigrations', (major) => {
  let database: TestDatabase
  let bare: pg.Pool

  beforeAll(async () => {
    database = await createDatabase(major, { sql: SCHEMA })
    bare = new pg.Pool({ connectionString: database.url, max: 1 })
  })
  afterAll(async () => {
    await bare?.end()
    await database?.drop()
  })

  const runtimeOf = (migrations: readonly Migration[], phases: Record<string, Phase> = {}): Promise<Runtime> =>
    createRuntime({ migrations, phases: fixedPhases(phases) })

  async function check(...migrations: readonly Migration[]): Promise<readonly MigrationFinding[]> {
    const findings = await checkMigrations(await runtimeOf(migrations), bare)
    expect(JSON.stringify(findings)).not.toMatch(/secret|5000000000/u)
    return findings
  }

  const codes = (findings: readonly MigrationFinding[]) => findings.map((each) => `${each.severity} ${each.code}`)

  test('nothing is found where all is well', async () => {
    expect(
      await check(
        rename('users', 'name', 'full_name', 'text'),
        amount('numeric', 'amount::numeric', 'amount_new::int8'),
      ),
    ).toEqual([])
  })

  test.each<[string, Migration, string, string]>([
    ['a table that is not there', rename('usres'), 'error missing-table', '"usres"'],
    ['a schema that is not there', rename('crm.users'), 'error missing-table', '"crm"."users"'],
    [
      'columns that are not there',
      rename('users', 'nmae', 'ful_nam'),
      'error missing-columns',
      'Did you mean "name", "full_name"?',
    ],
    ['an old column that never was', rename('fresh'), 'error never-had-column', 'not "name"'],
    ['an old column that may have been', rename('finished'), 'warning old-column-gone', '"name"'],
    ['a type that is not there', amount('nowhere.money'), 'error unknown-type', 'nowhere.money'],
    ['a precision that cannot be', amount('numeric(2000)'), 'error unknown-type', '22023'],
    [
      'another type than that of the column',
      rename('users', 'name', 'full_name', 'varchar(20)'),
      'warning type-differs',
      'is declared as character varying(20), and is text',
    ],
    ['a function that is not there', code('text', 'no_such(code)'), 'error mapping-fails', '"code_new"'],
    [
      'a way back by a function that is not there',
      code('text', 'code', 'no_such(code_new)'),
      'error mapping-fails',
      '"code"',
    ],
    [
      'types that do not fit an operator',
      amount('int8', "amount + date '2020-01-01'", 'amount_new'),
      'error mapping-fails',
      '42883',
    ],
    [
      'a value that cannot be stored',
      code('int4', 'code', 'code_new::text'),
      'error mapping-fails',
      'cannot be stored in a column of the type integer',
    ],
    ['no expression', code('text', 'code ||'), 'error mapping-fails', 'is not one SQL expression'],
    ['a VOLATILE function', code('text', 'slug(code)'), 'error volatile-function', 'slug'],
    ['values out of range', amount('int4'), 'error value-range', '22003'],
    [
      'values that are too long',
      rename('orders', 'code', 'code_new', 'varchar(5)'),
      'error value-range',
      '1 have a value that is too long',
    ],
    [
      'values that do not come back',
      code('text', "split_part(code, ' ', 1)"),
      'error not-reversible',
      'Of the first 2 rows',
    ],
    ['a computed column', rename('computed'), 'error generated-column', '"full_name"'],
  ])('%s', async (_, migration, expected, message) => {
    const findings = await check(migration)
    expect(codes(findings)).toContain(expected)
    const [first] = findings
    expect(`${first?.message} ${first?.hint}`).toContain(message)
    expect(first?.migration).toBe(migration.id)
  })

  test('one that is in order beside those that are not', async () => {
    const findings = await check(rename('users'), code('text', 'no_such(code)'), amount('int4'))
    expect(codes(findings)).toEqual(['error mapping-fails', 'error value-range'])
  })

  test('triggers and views', async () => {
    const findings = await check(rename('seen'))
    expect(codes(findings)).toEqual(['warning unseen-writer', 'warning user-trigger', 'info view'])
    expect(findings[0]?.message).toContain('"touches"')
    expect(findings[1]?.message).toContain('"lowers"')
    expect(findings[2]?.message).toContain('public.seen_rows, public.seen_view')
  })

  test('the phase that is recorded', async () => {
    const fresh = rename('fresh')
    expect(await checkMigrations(await runtimeOf([fresh], { [fresh.id]: 'contract' }), bare)).toEqual([])
    const later = rename('users', 'name', 'not_yet')
    const findings = await checkMigrations(await runtimeOf([later], { [later.id]: 'expand' }), bare)
    expect(codes(findings)).toEqual(['error missing-new-column'])
  })

  test('sessions that may write, as hints', async () => {
    const other = new pg.Client({ connectionString: database.url, application_name: 'old pod' })
    await other.connect()
    try {
      const hint = await check(rename('users'))
      expect(codes(hint)).toEqual(['info other-sessions'])
      const both = await check(code('text'), amount('numeric', 'amount::numeric', 'amount_new::int8'))
      expect(codes(both)).toEqual(['info other-sessions'])
      expect(hint[0]?.message).toMatch(/^A hint: 1 sessions of the role .* "old pod"/u)
      await other.query("update users set full_name = 'secret', name = 'secret' where false")
      expect(codes(await check(rename('users')))).toEqual(['info other-sessions'])
      await other.query("update users set name = 'secret' where false")
      expect(codes(await check(rename('users')))).toEqual(['warning unwrapped-writer'])
    } finally {
      await other.end()
    }
  })

  test('through whatever it is handed, without planning its own queries', async () => {
    const runtime = await createRuntime({
      migrations: [amount('int4')],
      observer: { onStatement: () => expect.unreachable('a query of the check was planned') },
    })
    const pool = instrumentedPool(runtime, { connectionString: database.url, max: 1 })
    const client = new (instrumentedClient(runtime))(database.url)
    const plain = new pg.Client(database.url)
    await Promise.all([client.connect(), plain.connect()])
    for (const connection of [pool, client, plain])
      expect(codes(await checkMigrations(runtime, connection))).toEqual(['error value-range'])
    expect(pool.idleCount).toBe(1)
    await Promise.all([pool.end(), client.end(), plain.end()])
  })

  test('it never rejects', async () => {
    const runtime = await runtimeOf([rename('users')])
    const pool = new pg.Pool({ host: '127.0.0.1', port: 1 })
    expect(codes(await checkMigrations(runtime, pool))).toEqual(['error not-checked'])
    const ended = new pg.Pool({ connectionString: database.url })
    await ended.end()
    expect(codes(await checkMigrations(runtime, ended))).toEqual(['error not-checked'])
  })

  test('with a role that may not read the table', async () => {
    const role = `reader_${database.name}`
    await bare.query(`create role "${role}" login`)
    const client = new pg.Client(database.url)
    await client.connect()
    try {
      await client.query(`set role "${role}"`)
      const findings = await checkMigrations(await runtimeOf([rename('users')]), client)
      expect(codes(findings)).toContain('warning check-failed')
      expect(findings[0]?.message).toContain('42501')
    } finally {
      await client.end()
      await bare.query(`drop role "${role}"`)
    }
  })

  test('of no rows but the sample, and of none where it is told so', async () => {
    const runtime = await runtimeOf([amount('int4')])
    expect(await checkMigrations(runtime, bare, { sampleRows: 0 })).toEqual([])
  })
})
