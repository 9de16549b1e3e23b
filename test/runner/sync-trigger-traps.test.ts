import { changeColumnType, renameColumn } from '@expand-contract/core'
import { expand, readBypassSamples, readSyncTrigger, syncNames, syncTriggerProblems } from '@expand-contract/runner'
import { syncTriggerName } from '@expand-contract/sql'
import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'

/** Each seems right and is not; they were run before the trigger was built. The numbers are those of the rows in RUNNER.md 1. */

const RENAME = renameColumn({ table: 'users', from: 'name', to: 'full_name' })
const RETYPE = changeColumnType({ table: 'users', from: 'code', fromType: 'text', to: 'code_int', type: 'int4' })
const USERS = `create table users (id int primary key, name text, code text, x int, updated_at timestamptz);
  insert into users (id, name, code) values (1, 'Ada', '12'), (2, 'Grace', '12abc'), (3, null, null);`

const bypassed = async (db: ExpandedDatabase, migration = RENAME): Promise<number> =>
  Number((await readSyncTrigger(db.client, migration))?.bypassed)

describe.each(postgresMajors())('PostgreSQL %i: traps of the sync trigger', (major) => {
  test('RUNNER 1, row 1: WHEN has a value for a row that the mapping fails for', async () => {
    const db = await ExpandedDatabase.open(major, USERS)
    await db.expand(RETYPE)
    await db.client.query('update users set x = 1')
    await db.client.query("insert into users (id, code) values (4, 'none')")
    await db.client.query("update users set code = 'twelve' where id = 1")
    expect(await db.rows('select id, code, code_int, x from users order by id')).toEqual([
      { id: 1, code: 'twelve', code_int: null, x: 1 },
      { id: 2, code: '12abc', code_int: null, x: 1 },
      { id: 3, code: null, code_int: null, x: 1 },
      { id: 4, code: 'none', code_int: null, x: null },
    ])
    await db.client.query("update users set code = '7' where id = 1")
    expect(await db.rows('select code_int from users where id = 1')).toEqual([{ code_int: 7 }])
    await db.close()
  })

  test.each(['normalize', 'set_updated_at', 'trg_lower', 'update_users', 'zz', '_x', 'Z'])(
    'RUNNER 1, row 2: a trigger %s of the table that changes the old column comes before it',
    async (name) => {
      const db = await ExpandedDatabase.open(
        major,
        `${USERS} create function lowered() returns trigger language plpgsql as
           $$ begin new.name := lower(new.name); return new; end $$;
         create trigger "${name}" before insert or update on users for each row execute function lowered();`,
      )
      await db.expand(RENAME)
      const { trigger, firstTrigger } = syncNames(RENAME)
      expect(
        await db.rows('select tgname from pg_trigger where tgrelid = \'users\'::regclass order by tgname collate "C"'),
      ).toEqual([firstTrigger, name, trigger].map((tgname) => ({ tgname })))
      for (const phase of ['expand', 'switch', 'contract'] as const) {
        await db.enter(RENAME, phase)
        const before = await bypassed(db)
        await db.client.query(`delete from users; insert into users (id, name) values (1, 'OLD');
          insert into users (id, full_name) values (2, 'NEW'); insert into users (id, name, full_name) values (3, 'BOTH', 'BOTH')`)
        await db.client.query(`update users set name = 'UP' where id = 1; update users set full_name = 'UP' where id = 2;
          update users set name = 'UP', full_name = 'UP' where id = 3`)
        expect(await db.rows('select id, name, full_name from users order by id'), phase).toEqual(
          [1, 2, 3].map((id) => ({ id, name: 'up', full_name: 'up' })),
        )
        // What the table's own trigger did is nobody's bypass: in contract those of the old column alone are one, else those of one column.
        expect(await bypassed(db)).toBe(before + (phase === 'contract' ? 2 : 4))
      }
      await db.close()
    },
  )

  test('RUNNER 1, row 2: a trigger whose name sorts behind it is refused, unless it has nothing to do with the columns', async () => {
    const db = await ExpandedDatabase.open(
      major,
      `${USERS} create function lowered() returns trigger language plpgsql as
         $$ begin new.name := lower(new.name); return new; end $$;
       create function touched() returns trigger language plpgsql as $$ begin new.updated_at := now(); return new; end $$;
       create trigger "~touched" before insert or update on users for each row execute function touched();`,
    )
    expect(expand.plan(RENAME, await db.facts(RENAME), {}).length).toBeGreaterThan(3)
    await db.client.query('create trigger "énde" before insert on users for each row execute function lowered()')
    const facts = await db.facts(RENAME)
    expect(() => expand.plan(RENAME, facts, {})).toThrow('EC_TRIGGER_ORDER: The trigger "énde" of public.users')
    await db.close()
  })

  test('RUNNER 1, row 3: a writer of both is not counted, be the row filled or not, nor is fill on touch, nor a writer of the new column in contract', async () => {
    const db = await ExpandedDatabase.open(major, USERS)
    await db.expand(RENAME)
    const dualWriters = `update users set name = 'A', full_name = 'A' where id = 1;
      insert into users (id, name, full_name) values (10, 'B', 'B'); update users set name = name, full_name = name where id = 2`
    await db.client.query(`${dualWriters}; update users set x = 2`)
    await db.client.query(dualWriters.replace('10', '11'))
    expect(await bypassed(db)).toBe(0)
    await db.client.query("update users set name = 'C' where id = 1")
    await db.client.query("update users set full_name = 'D' where id = 1")
    await db.client.query("insert into users (id, name) values (12, 'E')")
    expect(await bypassed(db)).toBe(3)

    await db.enter(RENAME, 'contract')
    await db.client.query(
      "insert into users (id, full_name) values (20, 'F'); update users set full_name = 'G'; update users set x = 3",
    )
    expect(await bypassed(db)).toBe(3)
    await db.client.query("insert into users (id, name) values (21, 'H'); update users set name = 'I' where id = 21")
    expect(await bypassed(db)).toBe(5)
    expect(await db.rows('select * from users where name is distinct from full_name')).toEqual([])
    await db.close()
  })

  test('RUNNER 1, row 3: who bypasses the application is sampled once a minute and session, without values', async () => {
    const db = await ExpandedDatabase.open(major, USERS)
    await db.client.query(`create role ec_web_${major}; grant all on users to ec_web_${major}`)
    await db.expand(RENAME)
    const other = await db.connect({ application_name: 'nightly-job' })
    await other.query(`set role ec_web_${major}`)
    for (let n = 1; n <= 3; n += 1) await other.query('update users set name = $1 where id = 1', [`secret ${n}`])
    await other.query("begin; update users set name = 'secret 4'; rollback")
    expect(await bypassed(db)).toBe(6)
    const samples = await readBypassSamples(db.client, RENAME)
    expect(samples).toEqual([
      {
        ...{ sessionUser: 'postgres', role: `ec_web_${major}`, application: 'nightly-job' },
        ...{ operation: 'UPDATE', wrote: 'old', relation: 'users', lastSeen: expect.any(Date) },
        clientAddress: expect.stringMatching(/\S/u),
        samples: expect.any(Number),
      },
    ])
    // The minute may have turned in between.
    expect(samples[0]?.samples).toBeLessThanOrEqual(2)
    expect(await readBypassSamples(db.client, RENAME, { since: new Date(Date.now() + 3_600_000) })).toEqual([])
    expect(JSON.stringify(samples)).not.toContain('secret')
    await other.query('reset role')
    await db.client.query(`drop owned by ec_web_${major}; drop role ec_web_${major}`)
    await db.close()
  })

  test('RUNNER 1, row 3: what happens to the counter never fails a statement', async () => {
    const db = await ExpandedDatabase.open(major, USERS)
    await db.expand(RENAME)
    const { counter, samples } = syncNames(RENAME)
    await db.client.query(`drop table expand_contract.${samples}`)
    await db.client.query("update users set name = 'A' where id = 1")
    await db.client.query(`drop sequence expand_contract.${counter}`)
    await db.client.query("update users set name = 'B' where id = 1")
    expect(await db.rows('select full_name from users where id = 1')).toEqual([{ full_name: 'B' }])
    const shape = await db.shape(RENAME)
    const state = await readSyncTrigger(db.client, RENAME)
    expect(state && syncTriggerProblems(shape, state).map(({ code }) => code)).toEqual(['no-counter'])
    expect(await readBypassSamples(db.client, RENAME)).toEqual([])
    await db.close()
  })

  test('RUNNER 1, row 4: the column is added without a default, and one that has a default is refused', async () => {
    const db = await ExpandedDatabase.open(major, `${USERS} alter table users alter name set default 'd';`)
    await db.expand(RENAME)
    expect(await db.rows('select full_name from users')).toEqual([1, 2, 3].map(() => ({ full_name: null })))
    await db.client.query("alter table users alter full_name set default 'd'")
    const facts = await db.facts(RENAME)
    expect(() => expand.plan(RENAME, facts, {})).toThrow('EC_NEW_DEFAULT')
    await db.close()
  })

  test('RUNNER 1, row 5: a trigger of the table that changes the old column in a statement that does not name it', async () => {
    const db = await ExpandedDatabase.open(
      major,
      `${USERS} create function renamed() returns trigger language plpgsql as
         $$ begin if new.x = 5 then new.name := 'five'; end if; return new; end $$;
       create trigger renamed before update on users for each row execute function renamed();`,
    )
    await db.expand(RENAME)
    await db.client.query('update users set x = 5 where id = 1')
    expect(await db.rows('select name, full_name from users where id = 1')).toEqual([
      { name: 'five', full_name: 'five' },
    ])
    await db.close()
  })

  test('RUNNER 1, row 6: it runs for a role without rights in the control schema, with an empty search path', async () => {
    const role = `ec_poor_${major}`
    const db = await ExpandedDatabase.open(
      major,
      `create schema crm;
       alter default privileges revoke execute on functions from public;
       create table crm.people (id int primary key, code text);
       create function crm.tidy(text) returns text language sql immutable as $$ select btrim($1) $$;`,
    )
    await db.client.query(
      `create role ${role}; grant usage on schema crm to ${role}; grant all on crm.people to ${role}`,
    )
    const migration = changeColumnType({
      ...{ table: 'crm.people', from: 'code', fromType: 'text', to: 'tidied', type: 'text' },
      ...{ forward: 'tidy(code)', backward: 'tidied' },
    })
    await db.expand(migration)
    const poor = await db.connect()
    await poor.query(`set role ${role}; set search_path = ''`)
    await poor.query(
      "insert into crm.people (id, code) values (1, ' a '); update crm.people set tidied = 'b ' where id = 1",
    )
    expect((await poor.query('select code, tidied from crm.people')).rows).toEqual([{ code: 'b ', tidied: 'b' }])
    await poor.query('reset role')
    await db.client.query(
      `drop owned by ${role}; alter default privileges grant execute on functions to public; drop role ${role}`,
    )
    await db.close()
  })

  test('RUNNER 1, row 7: it fires under session_replication_role = replica, also on a partition that is attached later', async () => {
    const db = await ExpandedDatabase.open(
      major,
      `create table users (id int, name text) partition by range (id);
       create table users_1 partition of users for values from (1) to (10);`,
    )
    const shape = await db.expand(RENAME)
    await db.client.query(`create table users_2 partition of users for values from (10) to (20);
      create table users_3 (full_name text, id int not null, name text);
      alter table users attach partition users_3 for values from (20) to (30)`)
    await db.client.query(`set session_replication_role = replica;
      insert into users (id, name) values (1, 'a'), (11, 'b'), (21, 'c'); update users_3 set full_name = 'C';
      insert into users_2 (id, full_name) values (12, 'B'); reset session_replication_role`)
    expect(await db.rows('select id, name, full_name from users order by id')).toEqual([
      { id: 1, name: 'a', full_name: 'a' },
      { id: 11, name: 'b', full_name: 'b' },
      { id: 12, name: 'B', full_name: 'B' },
      { id: 21, name: 'C', full_name: 'C' },
    ])
    const state = await readSyncTrigger(db.client, RENAME)
    expect(state?.members.map(({ table, triggers }) => [table, Object.values(triggers)])).toEqual(
      ['users', 'users_1', 'users_2', 'users_3'].map((table) => [table, ['A']]),
    )
    expect(state && syncTriggerProblems(shape, state)).toEqual([])
    await db.close()
  })

  test('RUNNER 1, row 8: DISABLE and ENABLE TRIGGER USER leaves O, which is told, and what expand makes right', async () => {
    const db = await ExpandedDatabase.open(
      major,
      `create table users (id int, name text); create table users_old (more int) inherits (users);`,
    )
    const shape = await db.expand(RENAME)
    await db.client.query(
      "insert into users_old (id, name) values (1, 'a'); insert into users (id, full_name) values (2, 'b')",
    )
    expect(await db.rows('select id, name, full_name from users order by id')).toEqual([
      { id: 1, name: 'a', full_name: 'a' },
      { id: 2, name: 'b', full_name: 'b' },
    ])
    await db.client.query('alter table users_old disable trigger user; alter table users_old enable trigger user')
    await db.client.query('create table users_new () inherits (users)')
    const problems = async () => {
      const state = await readSyncTrigger(db.client, RENAME)
      return state && syncTriggerProblems(shape, state).map(({ code, table }) => [code, table])
    }
    expect(await problems()).toEqual([
      ['not-always', 'public.users_old'],
      ['missing', 'public.users_new'],
    ])
    await db.expand(RENAME)
    expect(await problems()).toEqual([])
    expect(expand.plan(RENAME, await db.facts(RENAME), { phase: 'expand' })).toEqual([])
    await db.close()
  })

  test('RUNNER 1, row 8: a partition that is detached has lost it', async () => {
    const db = await ExpandedDatabase.open(
      major,
      `create table users (id int, name text) partition by list (id);
       create table users_1 partition of users for values in (1);`,
    )
    await db.expand(RENAME)
    await db.client.query('alter table users detach partition users_1')
    const { trigger } = syncNames(RENAME)
    expect(await db.rows("select tgname from pg_trigger where tgrelid = 'users_1'::regclass")).toEqual([])
    await db.client.query('alter table users attach partition users_1 for values in (1)')
    expect(await db.rows("select tgname, tgenabled from pg_trigger where tgrelid = 'users_1'::regclass")).toEqual([
      { tgname: trigger, tgenabled: 'A' },
    ])
    expect(trigger).toBe(syncTriggerName('users.full_name'))
    await db.close()
  })
  test('RUNNER 1, row 9: an UPDATE that moves a row to another partition is an INSERT there, and no writer of its own', async () => {
    const db = await ExpandedDatabase.open(
      major,
      `create sequence s; create table users (part int, a numeric(6,3) default nextval('s')) partition by list (part);
       create table users_1 partition of users for values in (1); create table users_2 partition of users for values in (2);`,
    )
    const lossy = changeColumnType({
      ...{ table: 'users', from: 'a', fromType: 'numeric(6,3)', to: 'b', type: 'numeric(8,2)' },
      ...{ forward: 'a * 100', backward: 'trunc(b / 100, 1)' },
    })
    await db.client.query('insert into users values (1, 1.234), (1, 2)')
    await db.expand(lossy)
    await db.client.query('update users set part = 2')
    expect(await db.rows('select part, a, b from users order by a')).toEqual([
      { part: 2, a: '1.234', b: '123.40' },
      { part: 2, a: '2.000', b: '200.00' },
    ])
    await db.client.query("alter table users alter a drop default, alter b set default nextval('s')")
    await db.enter(lossy, 'contract')
    await db.client.query('update users set b = 155.5 where b = 200; update users set part = 1')
    // The row that came over is in step by what comes back: 1.5, whatever `a * 100` is.
    expect(await db.rows('select part, a, b from users order by a')).toEqual([
      { part: 1, a: '1.234', b: '123.40' },
      { part: 1, a: '1.500', b: '155.50' },
    ])
    expect(await bypassed(db, lossy)).toBe(0)
    await db.close()
  })
})
