import { renameColumn } from '@expand-contract/core'
import { type RunnerClient, type RunnerEvent, type RunParity, readParity, runParity } from '@expand-contract/runner'
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'
import { bothSides, expandAndFill } from './parity-life.ts'

const QUICK = { firstPauseMs: 10, maxPauseMs: 20, lockTimeoutMs: 50 }

const TABLES = `create table towns (name text primary key); insert into towns select 'n' || g from generate_series(1, 40) g;
  create table users (id int primary key, name text not null references towns on update cascade, kind int default 1, note text default 'x',
    constraint users_check check (name <> ''), constraint users_name_key unique (name));
  create index users_name_idx on users (name); create index users_lower on users (lower(name), kind) where name <> 'x';
  create statistics users_both on name, kind from users; alter statistics users_both set statistics 77;
  comment on index users_name_idx is 'an index'; comment on constraint users_check on users is 'a check';
  alter index users_lower alter column 1 set statistics 50; insert into users select g, 'n' || g from generate_series(1, 30) g;
  create table parts (id int, name text not null references towns, part int, unique (name, part)) partition by list (part);
  create index parts_lower on parts (lower(name)); create table parts_1 partition of parts for values in (1);
  create table parts_2 partition of parts for values in (2); create index parts_own on parts_2 (name, id);
  insert into parts select g, 'n' || g, 1 + g % 2 from generate_series(1, 30) g;`

/** How many actions a run does, before its session is ended within the next; `EC_CRASH=full`: in small steps, more than once at most points. */
const stepsOf = (run: number): number => (process.env.EC_CRASH === 'full' ? run % 6 : 4 + (run % 3))

const USERS = renameColumn({ table: 'users', from: 'name', to: 'zz_name_2' })
const PARTS = renameColumn({ table: 'parts', from: 'name', to: 'zz_name_2' })

describe.each(postgresMajors())('PostgreSQL %i: parity that is interrupted', (major) => {
  let db: ExpandedDatabase
  beforeEach(async () => {
    db = await ExpandedDatabase.open(major, TABLES)
  })
  afterEach(() => db.close())

  const invalid = async (): Promise<readonly unknown[]> =>
    (
      await db.rows(
        "select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid where not i.indisvalid and c.relkind = 'i' order by 1",
      )
    ).map(({ name }) => name)

  /** All of it is there, once, and nothing is left to do. */
  async function isWhole(tables: readonly string[]): Promise<void> {
    for (const table of tables) {
      const { old, new: made } = await bothSides(db, table, { old: 'name', new: 'zz_name_2' })
      expect([table, made]).toEqual([table, old])
    }
    for (const migration of [USERS, PARTS]) {
      if (!tables.includes(migration.table.name)) continue
      expect(await readParity(db.client, migration)).toMatchObject({ missing: [], withColumns: [], afterBackfill: [] })
      expect((await runParity(db.client, migration)).actions).toEqual([])
    }
    const statistics = await db.rows(
      "select count(*)::int as n from pg_stats_ext where statistics_name like 'users_both%' and dependencies is not null",
    )
    expect(statistics).toEqual([{ n: 2 }])
  }

  test('its session is ended within its actions, one after the other: each run goes on where the last one was, and the end is the same', async () => {
    for (const migration of [USERS, PARTS]) {
      await expandAndFill(db, migration)
      let runs = 0
      for (let left = 1; left > 0; runs++) {
        const client = await db.connect()
        client.on('error', () => undefined)
        const pid = Number((await client.query('select pg_backend_pid() as pid')).rows[0].pid)
        let [started, killing]: [number, Promise<unknown> | undefined] = [0, undefined]
        // The end stands between the event and what the action sends.
        const ending: RunnerClient = {
          async query(text, values) {
            await killing
            return client.query(text, values)
          },
        }
        const onEvent = ({ type }: RunnerEvent): void => {
          if (type === 'started' && started++ === stepsOf(runs))
            killing = db.client.query('select pg_terminate_backend($1, 60000)', [pid])
        }
        await runParity(ending, migration, { ...QUICK, onEvent }).catch(() => undefined)
        await client.end().catch(() => undefined)
        left = (await readParity(db.client, migration)).missing.length
      }
      expect(runs).toBeGreaterThan(3)
    }
    await isWhole(['users', 'parts', 'parts_1', 'parts_2'])
    expect(await invalid()).toEqual([])
  })

  interface Waiting {
    readonly writer: pg.Client
    /** Ends the session that builds, as an operator would; or its client alone, as kill -9 does. */
    readonly end: (how: 'session' | 'client') => Promise<void>
  }

  /** A build that waits for a writer, so that its index is there, invalid, until somebody ends one of them. */
  async function buildThatWaits(): Promise<Waiting> {
    await expandAndFill(db, USERS)
    const before = (await invalid()).length
    const writer = await db.connect({ application_name: 'shop' })
    await writer.query('begin; update users set note = note where id = 1')
    const builder = await db.connect()
    builder.on('error', () => undefined)
    const pid = Number((await builder.query('select pg_backend_pid() as pid')).rows[0].pid)
    const run = runParity(builder, USERS).catch(() => undefined)
    await vi.waitFor(async () => expect((await invalid()).length).toBe(before + 1), { timeout: 60_000, interval: 20 })
    const end = async (how: 'session' | 'client'): Promise<void> => {
      if (how === 'session') await db.client.query('select pg_terminate_backend($1, 60000)', [pid])
      else Object(builder).connection.stream.destroy()
      await run
    }
    return { writer, end }
  }

  test('an index that a build has left behind, invalid, is taken away and built anew; that of somebody else is not', async () => {
    await db.client.query("update users set note = 'x'")
    for (const name of ['others', 'users_zz_name_2_idx'])
      await expect(db.client.query(`create unique index concurrently ${name} on users (note)`)).rejects.toThrow()
    const { writer, end } = await buildThatWaits()
    await end('session')
    expect((await invalid()).length).toBe(3)
    await writer.query('commit')
    // Somebody fails to build something on the new column.
    await expect(
      db.client.query('create unique index concurrently mine on users ((zz_name_2 is null))'),
    ).rejects.toThrow()
    await runParity(db.client, USERS)
    expect(await invalid()).toEqual(['mine', 'others', 'users_zz_name_2_idx'])
    const { forPeople } = await readParity(db.client, USERS)
    expect(forPeople.map(({ what, sql }) => [what, sql])).toEqual([
      ['index mine', 'DROP INDEX CONCURRENTLY "public"."mine";'],
    ])
    await db.client.query(forPeople[0]?.sql ?? '')
    await isWhole(['users'])
  })

  test('a build that goes on behind a runner that is gone is waited for, and what it has built counts', async () => {
    const { writer, end } = await buildThatWaits()
    await end('client')
    expect((await invalid()).length).toBe(1)
    let freed: Promise<unknown> | undefined
    await runParity(db.client, USERS, {
      ...{ ...QUICK, vacuumTimeoutMs: 50, maxTries: 1_000 },
      onEvent: ({ type }) => {
        if (type === 'waiting') freed ??= writer.query('commit')
      },
    })
    expect(freed).toBeDefined()
    await isWhole(['users'])
    expect(await invalid()).toEqual([])
  })

  test('a counterpart that somebody has built meanwhile counts, and what was left behind goes all the same', async () => {
    const { writer, end } = await buildThatWaits()
    await end('session')
    await writer.query('commit')
    const [left] = await invalid()
    const [row] = await db.rows('select pg_get_indexdef($1::regclass) as definition', [left])
    await db.client.query(String(row?.definition).replace(String(left), 'by_hand'))
    await runParity(db.client, USERS)
    expect(await invalid()).toEqual([])
    await isWhole(['users'])
  })

  test('PEERS 10: a writer in the way of an index is named, tries end, and the next run takes away what could not be', async () => {
    await expandAndFill(db, USERS)
    const writer = await db.connect({ application_name: 'shop' })
    await writer.query("begin; update users set note = 'a secret' where id = 1")
    const options: RunParity = { ...QUICK, buildTimeoutMs: 100, vacuumTimeoutMs: 100, maxTries: 2 }
    for (const message of [/left behind, invalid, and the next run takes it away/u, /Nothing was changed/u]) {
      const attempt = runParity(db.client, USERS, options)
      await expect(attempt).rejects.toMatchObject({
        code: 'EC_LOCK_NOT_GRANTED',
        message: expect.stringMatching(message),
      })
      const { message: text } = (await attempt.catch((error: unknown) => error)) as Error
      expect(text).toMatch(/in 2 tries.*In the way: pid \d+ \(app "shop", role postgres, idle in transaction/u)
      expect(text).not.toContain('secret')
    }
    expect((await invalid()).length).toBe(1)
    // Nobody is kept waiting by it.
    await db.client.query('update users set kind = kind where id = 2')
    await writer.query('commit')
    await runParity(db.client, USERS, QUICK)
    await isWhole(['users'])
    expect(await invalid()).toEqual([])
  })

  test('PEERS 10: a reader in the way of a constraint is named, and nothing of that step is left', async () => {
    await expandAndFill(db, USERS)
    const reader = await db.connect({ application_name: 'report' })
    await reader.query('begin; select * from users')
    const attempt = runParity(db.client, USERS, { ...QUICK, maxTries: 3 })
    await expect(attempt).rejects.toMatchObject({
      code: 'EC_LOCK_NOT_GRANTED',
      message: expect.stringMatching(/in 3 tries\. Nothing was changed\. In the way: pid \d+ \(app "report"/u),
    })
    expect(await invalid()).toEqual([])
    await reader.query('commit')
    await runParity(db.client, USERS, QUICK)
    await isWhole(['users'])
  })

  test('a role that may not do all of it is told so before anything is sent', async () => {
    await expandAndFill(db, USERS)
    const role = `parity_${db.database.name}`
    await db.client.query(`create role ${role}; revoke create on schema public from public;
      grant usage on schema public to ${role}; grant all on schema expand_contract to ${role};
      grant all on all tables in schema expand_contract to ${role}; grant all on all sequences in schema expand_contract to ${role}; grant all on users to ${role}`)
    const sent: string[] = []
    const client = await db.connect()
    await client.query(`set role ${role}`)
    const counted = {
      query(text: string, values?: unknown[]) {
        sent.push(text)
        return client.query(text, values)
      },
    }
    const refused = async (message: RegExp, hint: RegExp): Promise<void> => {
      sent.length = 0
      await expect(runParity(counted, USERS)).rejects.toMatchObject({
        ...{ code: 'EC_PRIVILEGE', message: expect.stringMatching(message), hint: expect.stringMatching(hint) },
      })
      expect(sent.filter((text) => /^\s*(?:create|alter|drop|comment|grant|analyze|do)\b/iu.test(text))).toEqual([])
    }
    await refused(/does not own "public\.users"/u, /owner/u)
    await db.client.query(`alter table users owner to ${role}`)
    const grants = `GRANT CREATE ON SCHEMA "public" TO ${role}; GRANT REFERENCES ON TABLE "public"."towns" TO ${role}`
    await refused(/lacks what .* need: CREATE ON SCHEMA "public", REFERENCES ON TABLE/u, new RegExp(`^${grants}$`, 'u'))
    await db.client.query(grants)
    await runParity(counted, USERS)
    await isWhole(['users'])
    await db.client.query(`reassign owned by ${role} to postgres; drop owned by ${role}; drop role ${role}`)
  })
})
