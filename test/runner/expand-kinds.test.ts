import { finished } from 'node:stream/promises'
import { changeColumnType, defineMigration, type Migration, renameColumn } from '@expand-contract/core'
import { expand, readSyncTrigger, syncTriggerProblems } from '@expand-contract/runner'
import { from as copyFrom } from 'pg-copy-streams'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'

const LONG = 'x'.repeat(63)

/** A table `name (id, <old>)`, with literals of the old column and of the new one that stand for each other: the first two differ. */
interface KindOfType {
  readonly table: string
  readonly column: string
  readonly type: string
  readonly values: readonly [string, string]
  readonly newValues?: readonly [string, string]
  readonly migration?: Migration
}

const TYPES: readonly KindOfType[] = [
  { table: 'plain', column: 'a', type: 'varchar(10)', values: ["'x'", "'y'"] },
  { table: 'json_is_without_equality', column: 'a', type: 'json', values: [`'{"a": 1}'`, `'{"a":  1}'`] },
  { table: 'xml_too', column: 'a', type: 'xml', values: ["'<a/>'", "'<b/>'"] },
  { table: 'numeric_scale', column: 'a', type: 'numeric', values: ['1.0', '1.00'] },
  { table: 'zeros', column: 'a', type: 'float8', values: ["'0'", "'-0'"] },
  { table: 'arrays', column: 'a', type: 'text[]', values: ["'{a,null}'", "'[2:3]={a,b}'"] },
  { table: 'enums', column: 'a', type: 'app.mood', values: ["'calm'", "'glad'"] },
  { table: 'composites', column: 'a', type: 'app.address', values: ["'(Main,)'", "'(,3)'"] },
  { table: 'domains', column: 'a', type: 'app.label', values: ["'x'", "'y'"] },
  { table: 'checked_domains', column: 'a', type: 'app.percent', values: ['10', '20'] },
  { table: 'case_folded', column: 'a', type: 'app.citext', values: ["'Ada'", "'ADA'"] },
  { table: 'padded', column: 'a', type: 'char(4)', values: ["'a'", "'b'"] },
  { table: 'collated', column: 'a', type: 'text collate "C"', values: ["'a'", "'B'"] },
  { table: 'nondeterministic', column: 'a', type: 'text collate app.loose', values: ["'a'", "'A'"] },
  { table: 'ranges', column: 'a', type: 'int4range', values: ["'[1,2)'", "'empty'"] },
  { table: 'Odd "Table"', column: 'Odd "Column" $sync$', type: 'text', values: ["'x'", "'y'"] },
  { table: LONG, column: LONG, type: 'timestamptz(3)', values: ["'2026-01-01 12:00+00'", "'2026-01-02 12:00+00'"] },
  { table: 'identity_column', column: 'a', type: 'int8 generated always as identity', values: ['-1', '-2'] },
  { table: 'serial_column', column: 'a', type: 'serial', values: ['-1', '-2'] },
  ...(
    [
      ['widened', 'int4', 'int8', ['1', '2'], ['1', '2']],
      ['to_text', 'varchar(5)', 'text', ["'a'", "'b'"], ["'a'", "'b'"]],
      ['to_numeric', 'text', 'numeric(6,2)', ["'1.50'", "'2.00'"], ['1.5', '2']],
      ['to_enum', 'text', 'app.mood', ["'calm'", "'glad'"], ["'calm'", "'glad'"]],
      ['to_jsonb', 'text', 'jsonb', [`'{"a": 1}'`, "'[]'"], [`'{"a":1}'`, "'[]'"]],
      ['to_domain', 'int4', 'app.percent', ['1', '2'], ['1', '2']],
      ['to_array', 'text', 'int4[]', ["'{1}'", "'{2}'"], ["'{1}'", "'{2}'"]],
      ['to_timestamptz', 'int8', 'timestamptz', ['0', '60'], ["'epoch'", "'1970-01-01 00:01+00'"]],
    ] as const
  ).map(([table, fromType, type, values, newValues]) => ({
    ...{ table, column: 'a', type: fromType, values, newValues },
    migration: changeColumnType({
      ...{ table, from: 'a', fromType, to: 'b', type },
      ...(table === 'to_timestamptz' && { forward: 'to_timestamp(a)', backward: 'extract(epoch from b)::int8' }),
    }),
  })),
  {
    ...{
      table: 'quoted_mapping',
      column: 'a',
      type: 'text',
      values: ["'$sync$x'", "'y'"],
      newValues: ["'$sync$x$sync$'", "'y$sync$'"],
    },
    migration: defineMigration({
      ...{ table: 'quoted_mapping', old: { a: 'text' }, new: { b: 'text' } },
      forward: { b: "a || '$sync$'" },
      backward: { a: 'left(b, -6)' },
    }),
  },
]

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
const migrationOf = ({ table, column, migration }: KindOfType): Migration =>
  migration ?? renameColumn({ table: quote(table), from: column, to: 'b' })

const SCHEMA = `create schema app; create type app.mood as enum ('calm', 'glad'); create type app.address as (street text, number int);
  create domain app.label as text; create domain app.percent as int check (value between 0 and 100);
  create extension citext schema app;
  create collation app.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  ${TYPES.map(({ table, column, type }) => `create table ${quote(table)} (id int primary key, ${quote(column)} ${type});`).join('\n')}`

describe.each(postgresMajors())('PostgreSQL %i: expand', (major) => {
  let db: ExpandedDatabase
  beforeAll(async () => {
    db = await ExpandedDatabase.open(major, SCHEMA)
  })
  afterAll(() => db.close())

  test.each(TYPES)('$table: $type, in both directions and every phase', async (kind) => {
    const migration = migrationOf(kind)
    const shape = await db.expand(migration, { confirmed: ['rewrite'] })
    const state = await readSyncTrigger(db.client, migration)
    expect(state && syncTriggerProblems(shape, state)).toEqual([])
    expect(expand.plan(migration, await db.facts(migration), { phase: 'expand' })).toEqual([])

    const [table, a] = [quote(kind.table), quote(kind.column)]
    const [v, w] = kind.values
    const [nv, nw] = kind.newValues ?? kind.values
    // What each is stored as, by tables without a trigger.
    await db.client.query(`drop table if exists stored; create table stored as select ${a}, b from ${table} limit 0;
      insert into stored values (${v}, ${nv}), (${w}, ${nw})`)
    const [first, second] = await db.rows(`select ${a}::text as old, b::text as new from stored`)
    const rows = () => db.rows(`select ${a}::text as old, b::text as new from ${table} order by id`)
    for (const phase of ['expand', 'switch', 'contract'] as const) {
      if (phase === 'contract') {
        const [identity] = await db.rows(
          'select attidentity from pg_attribute where attrelid = $1::regclass and attnum = 2',
          [table],
        )
        if (identity?.attidentity !== '') await db.client.query(`alter table ${table} alter ${a} drop identity`)
        await db.client.query(`alter table ${table} alter ${a} drop default, alter ${a} drop not null`)
      }
      await db.enter(migration, phase)
      await db.client.query(`delete from ${table}`)
      await db.client.query(`insert into ${table} (id, ${a}) overriding system value values (1, ${v})`)
      await db.client.query(`insert into ${table} (id, b) values (2, ${nv})`)
      await db.client.query(`insert into ${table} (id, ${a}, b) overriding system value values (3, ${v}, ${nv})`)
      expect(await rows(), phase).toEqual([first, first, first])
      await db.client.query(`update ${table} set ${a} = ${w} where id = 1`).catch(async (error: unknown) => {
        // GENERATED ALWAYS takes no other value in an UPDATE.
        if (!String(error).includes('can only be updated to DEFAULT')) throw error
        await db.client.query(`update ${table} set b = ${nw} where id = 1`)
      })
      await db.client.query(`update ${table} set b = ${nw} where id = 2`)
      await db.client.query(`update ${table} set b = ${nw} where id = 3`)
      expect(await rows(), phase).toEqual([second, second, second])
    }
  })

  test('several migrations of one table, each with its trigger', async () => {
    await db.client.query('create table several (id int primary key, a text, b int)')
    const migrations = [
      renameColumn({ table: 'several', from: 'a', to: 'c' }),
      changeColumnType({ table: 'several', from: 'b', fromType: 'int4', to: 'd', type: 'text' }),
    ]
    for (const migration of migrations) await db.expand(migration)
    await db.client.query("insert into several (id, c, b) values (1, 'x', 2); update several set d = '3', a = 'y'")
    expect(await db.rows('select * from several')).toEqual([{ id: 1, a: 'y', b: 3, c: 'y', d: '3' }])
    for (const migration of migrations) await db.rollback(migration)
    expect(await db.rows('select * from several')).toEqual([{ id: 1, a: 'y', b: 3 }])
  })

  test('takes what a writer may write: COPY, upsert, MERGE, a function, INSERT of a query', async () => {
    await db.client.query(`create table written (id int primary key, a text);
      create function write() returns void language sql as $$ update written set a = 'f' where id = 1 $$`)
    const migration = renameColumn({ table: 'written', from: 'a', to: 'b' })
    await db.expand(migration)
    await db.client.query(`insert into written (id, a) values (1, 'x'), (2, 'y') on conflict (id) do update set a = excluded.a;
      insert into written (id, b) values (1, 'n') on conflict (id) do update set b = excluded.b;
      insert into written (id, a) select id + 10, a from written; select write();
      create temp table source as select 2 as id, 'm' as a;
      ${major >= 15 ? 'merge into written w using source s on w.id = s.id when matched then update set a = s.a' : "update written set a = 'm' where id = 2"}`)
    const copy = db.client.query(copyFrom('copy written (id, a) from stdin'))
    copy.end('3\tc\n')
    await finished(copy)
    expect(await db.rows('select * from written where a is distinct from b')).toEqual([])
    expect(await db.rows('select id, b from written order by id')).toEqual([
      { id: 1, b: 'f' },
      { id: 2, b: 'm' },
      { id: 3, b: 'c' },
      { id: 11, b: 'n' },
      { id: 12, b: 'y' },
    ])
  })

  test('another schema than that of the search path, and one of the control schema', async () => {
    await db.client.query(
      'create schema crm; create table crm.people (id int primary key, a text); create table people (id int)',
    )
    const migration = renameColumn({ table: 'crm.people', from: 'a', to: 'b' })
    await db.expand(migration)
    await db.client.query("insert into crm.people (id, a) values (1, 'x')")
    expect(await db.rows('select b from crm.people')).toEqual([{ b: 'x' }])
    await db.rollback(migration)
    expect(await db.rows('select * from crm.people')).toEqual([{ id: 1, a: 'x' }])
  })
})
