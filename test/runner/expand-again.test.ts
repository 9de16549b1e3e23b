import { beginMigration, openControl, readEvents, readMigration } from '@expand-contract/control'
import { changeColumnType, renameColumn } from '@expand-contract/core'
import {
  describeActions,
  executeActions,
  expand,
  installTrigger,
  type RunnerEvent,
  readSyncTrigger,
  rollback,
  syncTriggerProblems,
} from '@expand-contract/runner'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'

const RENAME = renameColumn({ table: 'users', from: 'name', to: 'full_name' })
const USERS = `create table users (id int, more int, name text not null default 'd') partition by range (id);
  create table users_1 (name text not null default 'e', id int, more int);
  alter table users attach partition users_1 for values from (0) to (100);
  insert into users (id, name) values (1, 'Ada');`

describe.each(postgresMajors())('PostgreSQL %i: expand, from its plan to its way back', (major) => {
  let db: ExpandedDatabase
  beforeAll(async () => {
    db = await ExpandedDatabase.open(major, USERS)
  })
  afterAll(() => db.close())

  const schema = async () =>
    (
      await db.rows(`select 'column', attrelid::regclass::text || '.' || attname as name from pg_attribute where attrelid in
          ('users'::regclass, 'users_1'::regclass) and attnum > 0 and not attisdropped
        union all select 'trigger', tgname from pg_trigger where not tgisinternal
        union all select 'function', proname from pg_proc where pronamespace = 'expand_contract'::regnamespace
        union all select 'relation', relname from pg_class where relnamespace = 'expand_contract'::regnamespace
        order by 1, 2`)
    ).map((row) => Object.values(row).join(' '))

  test('the plan is data: statements with lock, transaction and reason, and nothing happens', async () => {
    const before = await schema()
    const actions = expand.plan(RENAME, await db.facts(RENAME), {})
    expect(actions.map(({ kind, lock, transaction }) => [kind, lock, transaction])).toEqual([
      ['sql', 'none', 'expand'],
      ['sql', 'none', 'expand'],
      ['sql', 'none', 'expand'],
      ['sql', 'none', 'expand'],
      ['sql', 'ACCESS EXCLUSIVE', 'expand'],
      ['sql', 'SHARE ROW EXCLUSIVE', 'expand'],
      ['sql', 'SHARE ROW EXCLUSIVE', 'expand'],
      ['record-phase', 'none', 'expand'],
    ])
    expect(JSON.parse(JSON.stringify(actions))).toEqual(actions.map((action) => ({ ...action })))
    expect(actions[4]).toMatchObject({
      sql: 'ALTER TABLE "public"."users" ADD COLUMN "full_name" text',
      tables: ['"public"."users"'],
    })
    expect(await schema()).toEqual(before)
  })

  test('start, check, roll back, check, start again: nothing is left, and nothing is lost', async () => {
    const before = await schema()
    await db.expand(RENAME)
    const record = await readMigration(openControl(db.client), RENAME.id)
    expect(record).toMatchObject({
      ...{ phase: 'expand', epoch: 1, changedBy: 'test' },
      oldPositions: { 'public.users': { name: 3 }, 'public.users_1': { name: 1 } },
    })
    await db.client.query(
      "update users set full_name = 'Grace'; insert into users (id) values (2); insert into users_1 (id) values (3)",
    )
    // A partition has a default of its own, which is told from a value that was given as well.
    await db.client.query("insert into users_1 (id, full_name) values (4, 'own')")
    expect(await db.rows('select id, name, full_name from users order by id')).toEqual([
      { id: 1, name: 'Grace', full_name: 'Grace' },
      { id: 2, name: 'd', full_name: 'd' },
      { id: 3, name: 'e', full_name: 'e' },
      { id: 4, name: 'own', full_name: 'own' },
    ])
    await db.rollback(RENAME)
    expect(db.waits).toEqual(['acknowledged', 'replayed', 'leases-ended'])
    expect(await schema()).toEqual(before)
    expect(await db.rows('select name from users order by id')).toEqual(
      ['Grace', 'd', 'e', 'own'].map((name) => ({ name })),
    )
    expect(rollback.plan(RENAME, await db.facts(RENAME), { phase: 'off' })).toEqual([])
    await db.expand(RENAME)
    const events = await readEvents(openControl(db.client), { migration: RENAME.id })
    expect(events.map(({ figures }) => `${figures.from}-${figures.to}`).sort()).toEqual([
      'expand-off',
      'off-expand',
      'off-expand',
    ])
  })

  test('the plan as a script for psql does the same, and the command finds it done', async () => {
    await db.rollback(RENAME)
    const script = describeActions(expand.plan(RENAME, await db.facts(RENAME), {}))
    expect(script).toContain("SET LOCAL lock_timeout = '200ms';")
    expect(script).toContain('-- The phase expand is recorded by the command')
    await db.client.query(script)
    expect(expand.plan(RENAME, await db.facts(RENAME), {}).map(({ kind }) => kind)).toEqual(['record-phase'])
    await db.expand(RENAME)
    expect(describeActions(rollback.plan(RENAME, await db.facts(RENAME), { phase: 'expand' }))).toMatch(
      /^-- The phase off .*\n-- Wait until acknowledged: .*\n-- Wait until replayed: .*\n-- Wait until leases ended: .*\nBEGIN;\n/u,
    )
  })

  test('goes on from whatever is there', async () => {
    const shape = await db.shape(RENAME)
    const [{ tgname: trigger } = {}] = await db.rows(
      "select tgname from pg_trigger where tgrelid = 'users'::regclass and not tgisinternal",
    )
    const broken = [
      `drop trigger "${trigger}" on users`,
      `drop trigger "${trigger}" on users; alter table users drop full_name`,
      `alter table users disable trigger "${trigger}"`,
      `alter table users alter name set default 'another'`,
    ]
    for (const sql of broken) {
      await db.client.query(sql)
      const state = await readSyncTrigger(db.client, RENAME)
      const problems = state && syncTriggerProblems(await db.shape(RENAME), state)
      expect(problems?.length, sql).toBeGreaterThan(0)
      await db.expand(RENAME)
      const after = await readSyncTrigger(db.client, RENAME)
      expect(after && syncTriggerProblems(await db.shape(RENAME), after), sql).toEqual([])
      expect(expand.plan(RENAME, await db.facts(RENAME), { phase: 'expand' })).toEqual([])
    }
    expect(shape.migration.id).toBe('users.full_name')
  })

  test('installTrigger makes right what was changed in a later phase, where expand has no place any more', async () => {
    const [{ tgname: trigger } = {}] = await db.rows(
      "select tgname from pg_trigger where tgrelid = 'users'::regclass and not tgisinternal",
    )
    for (const phase of ['switch', 'contract', 'expand'] as const) {
      await db.enter(RENAME, phase)
      expect(installTrigger.plan(RENAME, await db.facts(RENAME), { phase })).toEqual([])
      await db.client.query(
        `alter table users disable trigger "${trigger}"; alter table users enable trigger "${trigger}"`,
      )
      await executeActions(db.client, installTrigger.plan(RENAME, await db.facts(RENAME), { phase }), {
        ...{ operation: 'repair', handlers: { recordPhase: () => Promise.reject(new Error('no phase is recorded')) } },
      })
      const state = await readSyncTrigger(db.client, RENAME)
      expect(state && syncTriggerProblems(await db.shape(RENAME), state, phase)).toEqual([])
      expect(state?.phase).toBe(phase)
    }
  })

  test('a connection that is lost in the middle leaves nothing behind, and the next attempt is whole', async () => {
    await db.rollback(RENAME)
    const before = await schema()
    const lost = await db.connect()
    lost.on('error', () => undefined)
    const attempt = db.expand(RENAME, {
      by: lost,
      onEvent: (event: RunnerEvent) => {
        if (event.type === 'done' && event.action.lock === 'ACCESS EXCLUSIVE')
          (lost as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
      },
    })
    await expect(attempt).rejects.toThrow()
    expect(await schema()).toEqual(before)
    await db.expand(RENAME)
    expect(await db.phase(RENAME)).toBe('expand')
  })

  test('another operator has been faster: the transaction is taken back', async () => {
    const migration = changeColumnType({ table: 'users', from: 'more', fromType: 'int4', to: 'more_big', type: 'int8' })
    const before = await schema()
    const other = await db.connect()
    let begun = false
    // When the plan has been made, and before its transaction begins.
    const late = new Proxy(db.client, {
      get: (client, name) =>
        name !== 'query'
          ? Reflect.get(client, name)
          : async (text: string, values?: unknown[]) => {
              if (text === 'BEGIN' && !begun) {
                begun = true
                await beginMigration(openControl(other), { migration, oldPositions: {}, who: 'other' })
              }
              return client.query(text, values)
            },
    })
    await expect(db.expand(migration, { by: late })).rejects.toMatchObject({ code: 'EC_CONTROL_MOVED' })
    expect(begun).toBe(true)
    expect(await schema()).toEqual(before)
  })

  test('a change of phase takes no lock on the table, and counts in transactions that are open', async () => {
    await db.rollback(RENAME)
    await db.client.query("truncate users; insert into users (id, name) values (1, 'a')")
    await db.expand(RENAME)
    const writer = await db.connect()
    await writer.query("begin; update users set name = 'b'")
    await db.enter(RENAME, 'contract')
    await writer.query("update users set name = 'c', full_name = 'd'")
    await writer.query('commit')
    expect(await db.rows('select name, full_name from users')).toEqual([{ name: 'd', full_name: 'd' }])
    expect((await readSyncTrigger(db.client, RENAME))?.phase).toBe('contract')
  })
})
