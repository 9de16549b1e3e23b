import { controlSql, databasePhases } from '@expand-contract/control'
import { changeColumnType, createRuntime, type Migration, renameColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import { heldColumnName } from '@expand-contract/sql'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'

/** Columns that were stored as the old one are gone as well, so that its place cannot be told from the catalog. */
const table = (name: string, more = ''): string => `
  create table ${name} (gone1 text, id int not null, name text, gone2 text, email text, gone3 text) ${more};
  ${
    more === ''
      ? ''
      : `create table ${name}_1 (gone0 text, gone1 text, id int not null, name text, gone2 text, email text, gone3 text);
  alter table ${name}_1 drop column gone0; alter table ${name} attach partition ${name}_1 for values from (0) to (100);
  create table ${name}_2 partition of ${name} for values from (100) to (200);`
  }
  alter table ${name} drop column gone1, drop column gone2, drop column gone3;
  insert into ${name} values (1, 'one', 'e1');`

const LONG = `n${'a'.repeat(62)}`
const MIGRATIONS = [
  renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' }),
  renameColumn({ table: 'parted', from: 'name', to: 'full_name', type: 'text', id: 'parted' }),
  changeColumnType({
    ...{ table: 'odd Table', from: LONG, to: 'n"2', fromType: 'int', type: 'text', app: 'new' },
    ...{ forward: `${LONG}::text`, backward: '"n""2"::int' },
  }),
] as const

const SCHEMA = `${controlSql()};
  ${table('users')} ${table('parted', 'partition by range (id)')}
  create table "odd Table" (id int, "${LONG}" int, email text);
  insert into "odd Table" values (1, 7, 'e1');`

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

describe.each(postgresMajors())('PostgreSQL %i: where old columns stood', (major) => {
  let database: TestDatabase
  let owner: pg.Client
  beforeAll(async () => {
    database = await createDatabase(major, { sql: SCHEMA })
    owner = new pg.Client({ connectionString: database.url })
    await owner.connect()
    for (const migration of MIGRATIONS) await expanded(migration)
  })
  afterAll(async () => {
    await owner?.end()
    await database?.drop()
  })

  const tableOf = ({ table: { name } }: Migration): string => quote(name)

  /** As `expand` and `contract` leave it. */
  async function expanded(migration: Migration): Promise<void> {
    const [old, added] = [migration.old[0]?.name ?? '', migration.new[0]?.name ?? '']
    const places = `select jsonb_object_agg('public.' || c.relname, jsonb_build_object(a.attname, a.attnum)) from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attname = '${old}' where c.relname like '${migration.table.name}%' and c.relkind in ('r', 'p')`
    await owner.query(`alter table ${tableOf(migration)} add column ${quote(added)} text;
      update ${tableOf(migration)} set ${quote(added)} = ${quote(old)}::text;
      insert into expand_contract.migrations (id, table_name, phase, declaration_hash, declaration, old_positions, created_by, changed_by)
        values ('${migration.id}', '${migration.table.name}', 'contract', 'x', '{}', (${places}), 'test', 'test')`)
  }

  const phase = (name: string) =>
    owner.query('update expand_contract.migrations set phase = $1, epoch = epoch + 1', [name])

  /** A new process, which has seen nothing before. */
  async function each(work: (pool: pg.Pool) => Promise<void>): Promise<void> {
    const runtime = await createRuntime({ migrations: MIGRATIONS, phases: databasePhases() })
    const pool = instrumentedPool(runtime, { connectionString: database.url, max: 1 })
    try {
      await work(pool)
    } finally {
      await pool.end()
      await runtime.close()
    }
  }

  let id = 1
  /** Whatever goes by places, as on the untouched table. */
  async function goesByPlaces(pool: pg.Pool): Promise<void> {
    // What an attempt has left that was made too early.
    await owner.query(
      'delete from users where id > 1; delete from parted where id > 1; delete from "odd Table" where id > 1',
    )
    for (const name of ['users', 'parted', 'parted_1']) {
      // Of the ids that the first partition takes.
      id = (id % 90) + 2
      const row = { id, name: `n${id}`, email: `e${id}` }
      const inserted = await pool.query(`insert into ${name} values (${id}, 'n${id}', 'e${id}') returning *`)
      expect(inserted.rows).toEqual([row])
      expect(inserted.fields.map((field) => field.name)).toEqual(['id', 'name', 'email'])
      const { rows, fields } = await pool.query(`select * from ${name} where id = ${id}`)
      expect([rows, fields.map((field) => field.name)]).toEqual([[row], ['id', 'name', 'email']])
      expect((await pool.query(`select row_to_json(t) as j from ${name} t where id = $1`, [id])).rows).toEqual([
        { j: row },
      ])
      expect((await pool.query(`select (t).* from ${name} t where id = $1`, [id])).rows).toEqual([row])
      expect((await pool.query(`select u.a, u.b, u.c from ${name} u (a, b, c) where a = $1`, [id])).rows).toEqual([
        { a: id, b: row.name, c: row.email },
      ])
      expect((await pool.query(`update ${name} set name = $2 where id = $1 returning *`, [id, 'x'])).rows).toEqual([
        { ...row, name: 'x' },
      ])
      const deleted = await pool.query(`delete from ${name} where name = 'x' and id = $1 returning *`, [id])
      expect(deleted.rows).toEqual([{ ...row, name: 'x' }])
    }
    const { rows } = await pool.query('insert into parted_2 values (150, $1, $2) returning *', ['n', 'e'])
    expect(Object.entries(rows[0])).toEqual(Object.entries({ id: 150, name: 'n', email: 'e' }))
    await pool.query('delete from parted where id = 150')
    // An application that has the new names knows nothing of an old one, whatever that is called.
    const odd = await pool.query(`select * from "odd Table" natural join (select 1 as id) x`)
    expect(odd.rows).toEqual([{ id: 1, email: 'e1', 'n"2': '7' }])
    expect(
      (await pool.query(`insert into "odd Table" (id, email, "n""2") values (2, 'e2', '8') returning *`)).rows,
    ).toEqual([{ id: 2, email: 'e2', 'n"2': '8' }])
    const bare = await pool.query(`insert into "odd Table" values (3, 'e3', '9') returning *`)
    expect(bare.rows).toEqual([{ id: 3, email: 'e3', 'n"2': '9' }])
    expect((await pool.query(`select t from "odd Table" t where id = 3`)).rows).toEqual([{ t: '(3,e3,9)' }])
    await pool.query(`delete from "odd Table" where id > 1`)
  }

  test('in contract, held, dropped, restored, back in switch, off and begun again: by what was recorded, also per partition, without `after`, and without a restart', async () => {
    await each(async (old) => {
      for (const step of ['contract', 'hold', 'dropped', 'restored', 'switch', 'off', 'expand']) {
        await owner.query('begin')
        for (const migration of MIGRATIONS) {
          const [name] = migration.old.map((column) => column.name)
          if (name === undefined) throw new Error('a migration without an old column')
          const held = heldColumnName(name)
          expect(Buffer.byteLength(held)).toBeLessThan(64)
          if (step === 'hold')
            await owner.query(`alter table ${tableOf(migration)} rename column ${quote(name)} to ${quote(held)}`)
          // It comes back as the last column of the table.
          if (step === 'restored')
            await owner.query(`alter table ${tableOf(migration)} add column ${quote(name)} ${migration.old[0]?.type ?? 'text'};
              update ${tableOf(migration)} set ${quote(name)} = ${quote(migration.new[0]?.name ?? '')}::${migration.old[0]?.type ?? 'text'}`)
          const [added] = migration.new.map((column) => column.name)
          if (step === 'off') await owner.query(`alter table ${tableOf(migration)} drop column ${quote(added ?? '')}`)
          if (step === 'expand')
            await owner.query(`alter table ${tableOf(migration)} add column ${quote(added ?? '')} text;
              update ${tableOf(migration)} set ${quote(added ?? '')} = ${quote(name)}::text`)
          if (step === 'dropped') await owner.query(`alter table ${tableOf(migration)} drop column ${quote(held)}`)
        }
        await phase(step === 'restored' ? 'contract' : step)
        await owner.query('commit')
        await expect
          .poll(() => old.query('select * from "odd Table"').then(({ fields }) => fields.length), { timeout: 60_000 })
          .toBe(3)
        await each(goesByPlaces)
        // The process that was there before has a lease, and then the same answers.
        await expect
          .poll(
            () =>
              goesByPlaces(old).then(
                () => 'right',
                (error: unknown) => String(error),
              ),
            { timeout: 60_000, interval: 250 },
          )
          .toBe('right')
      }
    })
  })

  test('a place that no dropped column can have had is not believed: the table was made anew', async () => {
    await owner.query(`create schema other; create table other.users (id int, full_name text, email text);
      insert into other.users values (1, 'one', 'e1')`)
    const migration = renameColumn({ table: 'other.users', from: 'name', to: 'full_name', type: 'text', id: 'anew' })
    await owner.query(`insert into expand_contract.migrations (id, table_schema, table_name, phase, declaration_hash, declaration, old_positions, created_by, changed_by)
      values ('anew', 'other', 'users', 'dropped', 'x', '{}', '{"other.users": {"name": 2}, "with:colon\\"x.users": {"name": 1}}', 'test', 'test')`)
    const runtime = await createRuntime({ migrations: [migration], phases: databasePhases() })
    const pool = instrumentedPool(runtime, { connectionString: database.url, max: 1 })
    expect((await pool.query('select name, id from other.users')).rows).toEqual([{ name: 'one', id: 1 }])
    await expect(pool.query('insert into other.users values (2, $1, $2)', ['a', 'b'])).rejects.toMatchObject({
      code: 'EC_REFUSED',
    })
    await pool.end()
    await runtime.close()
  })
})
