import { changeColumnType, defineMigration, renameColumn } from '@expand-contract/core'
import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { openBackfillDatabase } from './backfill-database.ts'

const label = renameColumn({ table: 'items', from: 'name', to: 'label', type: 'text' })

const ITEMS = `
  create table items (id int primary key, name text, touched_at timestamptz not null default 'epoch', label text);
  insert into items (id, name) select n, 'item ' || n from generate_series(1, 3000) n;`

const TOUCHES = `
  create function touch() returns trigger language plpgsql as $f$
    begin new.touched_at := now(); new.name := new.name || '!'; return new; end $f$;
  create trigger touch before update on items for each row execute function touch();`

const AUDITS = `
  create table audit (id int);
  create function audit() returns trigger language plpgsql as $f$ begin insert into audit values (new.id); return null; end $f$;`

/** A role that owns the table and may work with the control schema, for as long as the test runs. */
const owner = (name: string): string => `
  create role ${name};
  grant all on schema public to ${name};
  alter table items owner to ${name};
  grant usage on schema expand_contract to ${name};
  grant all on all tables in schema expand_contract to ${name};
  grant all on all sequences in schema expand_contract to ${name};`

describe.each(postgresMajors())('PostgreSQL %i: a backfill and its surroundings', (major) => {
  const role = `ec_owner_${major}_${process.pid}`

  test('a superuser fires no trigger of the application', async () => {
    await using database = await openBackfillDatabase(
      major,
      `${ITEMS} ${TOUCHES} ${AUDITS} create trigger audits after update on items for each row execute function audit();`,
      [label],
    )
    await database.run({ migration: label })
    expect(await database.count("items where touched_at <> 'epoch' or name like '%!'")).toBe(0)
    expect(await database.count('audit')).toBe(0)
    expect(await database.count('items where label is distinct from name')).toBe(0)
  })

  test('a superuser keeps what a BEFORE trigger would have changed that is ENABLE ALWAYS, and fires no other', async () => {
    await using database = await openBackfillDatabase(
      major,
      `${ITEMS} ${TOUCHES} ${AUDITS} alter table items enable always trigger touch;
       create trigger audits after update on items for each row execute function audit();`,
      [label],
    )
    await database.run({ migration: label })
    expect(await database.count("items where touched_at <> 'epoch' or name like '%!'")).toBe(0)
    expect(await database.count('audit')).toBe(0)
    expect(await database.count('items where label is distinct from name')).toBe(0)
    expect(await database.count("pg_trigger where tgname like '%keep%'")).toBe(0)
  })

  test('an AFTER trigger that is ENABLE ALWAYS is a refusal for a superuser as well', async () => {
    await using database = await openBackfillDatabase(
      major,
      `${ITEMS} ${AUDITS} create trigger audits after update on items for each row execute function audit();
       alter table items enable always trigger audits;`,
      [label],
    )
    await expect(database.run({ migration: label })).rejects.toMatchObject({
      code: 'EC_BACKFILL_TRIGGERS',
      message: expect.stringContaining('"audits" of public.items'),
      hint: expect.stringContaining('ENABLE ALWAYS'),
    })
    expect(await database.count('items where label is not null')).toBe(0)
  })

  test('PEERS 11, RUNNER 3: another role keeps what a BEFORE trigger would have changed, and leaves no trigger behind', async () => {
    await using database = await openBackfillDatabase(major, `${ITEMS} ${TOUCHES}`, [label])
    await database.client.query(owner(role))
    try {
      const client = await database.connect({ role })
      const { result } = await database.run({ migration: label, client })
      expect(result.ended).toBe('done')
      expect(await database.count("items where touched_at <> 'epoch' or name like '%!'")).toBe(0)
      expect(await database.count('items where label is distinct from name')).toBe(0)
      expect(await database.count("pg_trigger where tgname like '%keep%'")).toBe(0)
      expect(await database.count("pg_proc where proname like '%keep%'")).toBe(0)
      await database.client.query("update items set name = 'mine' where id = 1")
      expect(
        await database.count("items where id = 1 and name = 'mine!' and touched_at <> 'epoch' and label = name"),
      ).toBe(1)
    } finally {
      await database.client.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`)
    }
  })

  test('another role is refused where AFTER triggers or rules would fire, unless they are about other columns', async () => {
    await using database = await openBackfillDatabase(
      major,
      `${ITEMS} ${AUDITS} create trigger audits after update on items for each row execute function audit();`,
      [label],
    )
    await database.client.query(owner(role))
    try {
      const client = await database.connect({ role })
      await expect(database.run({ migration: label, client })).rejects.toMatchObject({
        code: 'EC_BACKFILL_TRIGGERS',
        message: expect.stringContaining('"audits"'),
        hint: expect.stringContaining('session_replication_role'),
      })
      await client.query('drop trigger audits on items')
      await client.query('create trigger audits after update of name on items for each row execute function audit()')
      expect((await database.run({ migration: label, client })).result.ended).toBe('done')
      expect(await database.count('audit')).toBe(0)
    } finally {
      await database.client.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`)
    }
  })

  test('RUNNER 3: row security raises instead of hiding rows', async () => {
    await using database = await openBackfillDatabase(
      major,
      `${ITEMS} alter table items enable row level security; alter table items force row level security;
       create policy few on items using (id < 10);`,
      [label],
    )
    await database.client.query(owner(role))
    try {
      const client = await database.connect({ role })
      await expect(database.run({ migration: label, client })).rejects.toMatchObject({ code: '42501' })
    } finally {
      await database.client.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`)
    }
    expect((await database.run({ migration: label })).result.ended).toBe('done')
    expect(await database.count('items where label is distinct from name')).toBe(0)
  })

  test('fills every partition, and what inherits, without a key', async () => {
    await using database = await openBackfillDatabase(
      major,
      `create table items (id int, name text, label text) partition by range (id);
       create table "items Low" partition of items for values from (0) to (100);
       create table items_high partition of items for values from (100) to (1000) partition by list (id);
       create table items_rest partition of items_high default;
       insert into items select n, 'item ' || n from generate_series(1, 500) n;`,
      [label],
    )
    const { result, events } = await database.run({ migration: label })
    expect(events[0]).toMatchObject({ members: ['public."items Low"', 'public.items_rest'] })
    expect(result.progress).toMatchObject({ rows: 500, done: true })
    expect(await database.count('items where label is distinct from name')).toBe(0)
  })

  test('types without equality, and several new columns', async () => {
    const json = changeColumnType({
      ...{ table: 'items', from: 'doc', fromType: 'text', to: 'doc_json', type: 'json' },
      ...{ forward: 'doc::json', backward: 'doc_json::text' },
    })
    const split = defineMigration({
      ...{ table: 'items', old: { name: 'text' }, new: { first: 'text', last: 'text[]' } },
      forward: { first: "split_part(name, ' ', 1)", last: "array[split_part(name, ' ', 2)]" },
      backward: { name: "first || ' ' || last[1]" },
    })
    await using database = await openBackfillDatabase(
      major,
      `create table items (id int, doc text, name text, doc_json json, first text, last text[]);
       insert into items select n, '{"n":' || n || '}', 'a b' || n from generate_series(1, 500) n;`,
      [json, split],
    )
    expect((await database.run({ migration: json })).result.progress.rows).toBe(500)
    // Each of those updates has filled the columns of the other migration as well.
    expect((await database.run({ migration: split })).result.progress.rows).toBe(0)
    expect(await database.count("items where doc_json::text = doc and first = 'a' and last[1] = 'b' || id")).toBe(500)
  })

  test('PEERS 13, RUNNER 3: gives up a batch rather than make a transaction of the application a deadlock’s victim', async () => {
    await using database = await openBackfillDatabase(major, ITEMS, [label])
    const clients = await Promise.all(Array.from({ length: 4 }, () => database.connect()))
    const stop = new AbortController()
    let transactions = 0
    const work = Promise.all(
      clients.map(async (client) => {
        while (!stop.signal.aborted) {
          await client.query('begin')
          for (let row = 0; row < 4; row++)
            await client.query('update items set touched_at = now() where id = $1', [
              // In ascending order, so that they never wait for each other in a circle.
              1 + row * 750 + Math.floor(Math.random() * 700),
            ])
          await client.query('commit')
          transactions++
        }
      }),
    )
    const { result } = await database.run({ migration: label, batchMs: 400, profile: 'fast' })
    stop.abort()
    await work
    expect(result.ended).toBe('done')
    expect(transactions).toBeGreaterThan(3)
    expect(await database.count('items where label is distinct from name')).toBe(0)
  })
})
