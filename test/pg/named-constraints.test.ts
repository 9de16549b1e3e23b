import { createRuntime, fixedPhases, type Phase, renameColumn } from '@expand-contract/core'
import { instrumentedClient } from '@expand-contract/pg'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'

/** Two migrations of one table: one has constraints on its column, and the other one none. */
const TABLES = `
  create table owners (code text primary key);
  insert into owners values ('x'), ('y');
  create table t (id int primary key, a text constraint "t_A_key" unique deferrable, b text,
    o text constraint t_o_fkey references owners deferrable, n int constraint t_n_key unique,
    constraint t_n_excl exclude (n with =));
  insert into t values (1, 'a1', 'b1', 'x', 1), (2, 'a2', 'b2', 'y', 2)`
const ADDED = `
  alter table t add a_ec text constraint t_a_ec_key unique deferrable, add b_ec text,
    add o_ec text constraint t_o_ec_fkey references owners deferrable;
  update t set a_ec = a, b_ec = b, o_ec = o`
const DROPPED = 'alter table t drop a, drop b, drop o'

const MIGRATIONS = [
  renameColumn({ table: 't', from: 'a', to: 'a_ec', type: 'text', constraints: { t_A_key: 't_a_ec_key' } }),
  renameColumn({ table: 't', from: 'b', to: 'b_ec', type: 'text' }),
  renameColumn({ table: 't', from: 'o', to: 'o_ec', type: 'text', constraints: { t_o_fkey: 't_o_ec_fkey' } }),
]

const STATES: readonly (readonly [name: string, sql: string, phase: Phase])[] = [
  ['the old columns alone', TABLES, 'off'],
  ['both', [TABLES, ADDED].join(';'), 'expand'],
  ['both, of which the new ones are written', [TABLES, ADDED].join(';'), 'contract'],
  ['the new columns alone', [TABLES, ADDED, DROPPED].join(';'), 'contract'],
]

describe.each(postgresMajors())('PostgreSQL %i', (major) => {
  describe.each(STATES)('constraints by name, with %s', (_, sql, phase) => {
    let database: TestDatabase
    let client: pg.Client

    beforeAll(async () => {
      database = await createDatabase(major, { sql })
      const phases = fixedPhases(Object.fromEntries(MIGRATIONS.map(({ id }) => [id, phase])))
      const runtime = await createRuntime({ migrations: MIGRATIONS, phases })
      client = new (instrumentedClient(runtime))({ connectionString: database.url })
      await client.connect()
    })
    afterAll(async () => {
      await client?.end()
      await database?.drop()
    })

    async function inTransaction(...texts: readonly string[]): Promise<pg.QueryResult | undefined> {
      await client.query('begin')
      try {
        let last: pg.QueryResult | undefined
        for (const text of texts) last = await client.query(text)
        return last
      } finally {
        await client.query('rollback')
      }
    }

    const SWAP = ["update t set a = 'a2' where id = 1", "update t set a = 'a1' where id = 2"]
    const LOST = ["update t set o = 'z' where id = 1", "update t set o = 'x' where id = 1"]

    test.each([
      'set constraints "t_A_key" deferred',
      'set constraints public."t_A_key", t_o_fkey deferred',
      'SET CONSTRAINTS /* a */ t_o_fkey, U&"t_!0041_key" UESCAPE \'!\' /* b */ DEFERRED;',
      'set constraints all deferred',
    ])('defers both: %s', async (text) => {
      expect(await inTransaction(text)).toMatchObject({ command: 'SET' })
      await inTransaction(text, ...SWAP, 'set constraints "t_A_key" immediate')
      if (text.includes('t_o_fkey')) await inTransaction(text, ...LOST, 'set constraints t_o_fkey immediate')
    })

    test('says what is wrong by the name that the application knows', async () => {
      const immediate = 'set constraints "t_A_key" immediate'
      const [first = ''] = SWAP
      await expect(inTransaction('set constraints all deferred', first, immediate)).rejects.toMatchObject({
        code: '23505',
        constraint: 't_A_key',
      })
      await expect(inTransaction('set constraints nothing deferred')).rejects.toMatchObject({ code: '42704' })
      await expect(inTransaction('set constraints t_n_key deferred')).rejects.toMatchObject({ code: '42809' })
    })

    test('ON CONFLICT takes that of another column, whatever migrates beside it', async () => {
      const insert = (constraint: string, action = 'do nothing') =>
        inTransaction(
          `insert into t (id, a, b, n) values (3, 'a3', 'b3', 1) on conflict on constraint ${constraint} ${action}`,
        )
      expect(await insert('t_n_key')).toMatchObject({ rowCount: 0 })
      expect(await insert('t_n_key', "do update set b = 'b4'")).toMatchObject({ rowCount: 1 })
      expect(await insert('t_n_excl')).toMatchObject({ rowCount: 0 })
      await expect(insert('nothing')).rejects.toMatchObject({
        code: '42704',
        message: 'constraint "nothing" for table "t" does not exist',
      })
    })
  })

  test('ON CONFLICT by the constraint of one migration is no business of another', async () => {
    const unique = TABLES.replace('"t_A_key" unique deferrable', '"t_A_key" unique')
    const database = await createDatabase(major, {
      sql: [unique, ADDED.replace('unique deferrable', 'unique')].join(';'),
    })
    const phases = fixedPhases(Object.fromEntries(MIGRATIONS.map(({ id }) => [id, 'contract'])))
    const runtime = await createRuntime({ migrations: MIGRATIONS, phases })
    const client = new (instrumentedClient(runtime))({ connectionString: database.url })
    await client.connect()
    for (const sql of ['select 1', DROPPED]) {
      await client.query(sql)
      const text = `insert into t (id, a, b) values (3, 'a1', 'b3') on conflict on constraint "t_A_key" do update set b = 'new' returning id, b`
      expect((await client.query(text)).rows).toEqual([{ id: 1, b: 'new' }])
    }
    await client.end()
    await database.drop()
  })
})
