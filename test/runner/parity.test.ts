import { renameColumn } from '@expand-contract/core'
import { readParity, runParity } from '@expand-contract/runner'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'
import { bothSides, fill } from './parity-life.ts'

const RENAME = renameColumn({ table: 'users', from: 'name', to: 'zz_name_2' })

/** Of every kind; `twin` has all of it, and is never migrated. */
const kindsOf = (table: string): string => `
  create table ${table} (id int primary key, name text not null, kind int default 1, note text);
  alter table ${table} add constraint towns_fk foreign key (name) references towns on update cascade on delete restrict;
  create index ${table}_name_idx on ${table} (name);
  create unique index ${table}_lower_name on ${table} (lower(name) desc nulls last, kind) include (note) with (fillfactor = 70) where name <> 'name';
  create index ${table}_pattern on ${table} (name text_pattern_ops, kind desc);
  create index "${table} other collation" on ${table} using btree (name collate "C", (name || note));
  create index ${table}_hash on ${table} using hash (name);
  create index ${table}_brin on ${table} using brin (name) with (pages_per_range = 4);
  create index ${table}_gin on ${table} using gin (to_tsvector('english', name));
  alter table ${table} add constraint ${table}_name_key unique (name);
  alter table ${table} add constraint zz_check check (length(name) > 1 and name <> 'lower(name)');
  alter table ${table} add constraint a_check check (name is not null) no inherit;
  alter table ${table} add constraint unvalidated check (name <> 'n1') not valid;
  create statistics ${table}_stats (ndistinct, dependencies) on name, kind from ${table};
  create statistics ${table}_expression on (lower(name)) from ${table};
  create statistics ${table}_both on lower(name), name, kind from ${table};
  alter statistics ${table}_stats set statistics 77;
  comment on column ${table}.name is 'It''s a \\ name';
  comment on index ${table}_name_idx is 'an index';
  comment on constraint zz_check on ${table} is 'a check';
  comment on constraint ${table}_name_key on ${table} is 'a key';
  comment on statistics ${table}_stats is 'statistics';
  grant select (id, name), update (name), insert (id, name) on ${table} to parity_writer;
  grant references (name) on ${table} to parity_writer with grant option;
  alter table ${table} alter name set statistics 321, alter name set storage external, alter name set (n_distinct = -0.5), alter name set compression pglz;
  alter index ${table}_lower_name alter column 1 set statistics 500;
  insert into ${table} select g, 'n' || g, 1, 'x' from generate_series(2, 50) g;`

const TABLES = `
  do $$ begin create role parity_writer; exception when duplicate_object then null; end $$;
  create table towns (name text primary key);
  insert into towns select 'n' || g from generate_series(1, 60) g;
  ${kindsOf('users')} ${kindsOf('twin')}`

const COLUMN = `select a.attstattarget as target, a.attstorage as storage, a.attcompression as compression, a.attoptions as options,
    a.attnotnull as filled, (select array_agg(x.privilege_type || x.is_grantable order by 1) from aclexplode(a.attacl) x) as grants,
    col_description(a.attrelid, a.attnum) as comment
  from pg_attribute a where a.attrelid = 'users'::regclass and a.attname = $1`

describe.each(postgresMajors())('PostgreSQL %i: the new column gets what the old one has', (major) => {
  let db: ExpandedDatabase
  beforeAll(async () => {
    db = await ExpandedDatabase.open(major, TABLES)
  })
  afterAll(() => db.close())

  test('with the column come grants, comment, settings and checks; the rest waits for the backfill', async () => {
    const writer = await db.connect()
    await writer.query('set role parity_writer')
    const write = () => writer.query('update users set name = name where id = 2')
    await write()
    await db.expand(RENAME)
    // An application that names both columns, as it does from the moment on in which they are there.
    await writer.query("update users set name = 'n2', zz_name_2 = 'n2' where id = 2")
    const [old] = await db.rows(COLUMN, ['name'])
    const [added] = await db.rows(COLUMN, ['zz_name_2'])
    expect({ ...added, filled: true }).toEqual(old)
    const { old: olds, new: news } = await bothSides(db, 'users', { old: 'name', new: 'zz_name_2' })
    expect(news).toEqual(
      olds
        .filter((text) => text.startsWith('CHECK'))
        .map((text) => (text.includes('NOT VALID') ? text : `${text} NOT VALID`))
        .sort(),
    )
    const { missing, withColumns, afterBackfill, backfilled } = await readParity(db.client, RENAME)
    expect([withColumns, backfilled]).toEqual([[], false])
    expect(missing).toContain('index users_zz_name_2_idx')
    expect(afterBackfill.length).toBeGreaterThan(10)
    expect((await runParity(db.client, RENAME)).actions).toEqual([])
  })

  test('RUNNER 5: behind it, every definition is that of the old column with its name', async () => {
    await fill(db, RENAME)
    await runParity(db.client, RENAME)
    const { old, new: made } = await bothSides(db, 'users', { old: 'name', new: 'zz_name_2' })
    expect(made).toEqual(old)
    expect(old.length).toBeGreaterThanOrEqual(16)
    const after = await readParity(db.client, RENAME)
    expect(after).toMatchObject({ missing: [], forPeople: [], withColumns: [], afterBackfill: [] })
    expect(after.met).toEqual({
      ...{ grant: 4, comment: 1, 'statistics target': 2, storage: 2, check: 3, index: 6, unique: 2 },
      ...{ 'not null': 1, 'foreign key': 1, statistics: 3 },
    })
    const [old_, new_] = [await db.rows(COLUMN, ['name']), await db.rows(COLUMN, ['zz_name_2'])]
    expect(new_).toEqual(old_)
    const comments =
      await db.rows(`select obj_description(c.oid) as text from pg_class c where relname in ('users_name_idx', 'users_zz_name_2_idx')
        union all select obj_description(oid, 'pg_constraint') from pg_constraint
          where conrelid = 'users'::regclass and obj_description(oid, 'pg_constraint') is not null
        union all select obj_description(oid, 'pg_statistic_ext') from pg_statistic_ext where stxname = 'users_stats_zz_name_2'
        order by 1`)
    expect(comments.map(({ text }) => text)).toEqual([
      ...['a check', 'a check', 'a key', 'a key', 'an index', 'an index', 'statistics'],
    ])
    expect(
      await db.rows(
        "select attstattarget as n from pg_attribute where attrelid = 'users_lower_zz_name_2'::regclass and attnum = 1",
      ),
    ).toEqual([{ n: 500 }])
    expect(
      await db.rows(
        "select tablename from pg_stats where attname = 'zz_name_2' or tablename = 'users_lower_zz_name_2' order by 1",
      ),
    ).toContainEqual({ tablename: 'users_lower_zz_name_2' })
    expect((await runParity(db.client, RENAME)).actions).toEqual([])
  })

  test('what a statement violates is reported as on the untouched twin, and writers that name one column alone go on', async () => {
    const tell = async (client: pg.Client, text: string): Promise<unknown> =>
      client.query(text).then(
        ({ rowCount }) => rowCount,
        ({ code, constraint, column }: pg.DatabaseError) => ({
          code,
          constraint: constraint?.replace('twin', 'users'),
          column,
        }),
      )
    const statements = [
      "insert into T (id, name) values (70, 'n3')",
      "insert into T (id, name) values (70, 'nowhere')",
      "insert into T (id, name) values (70, 'N4')",
      "insert into T (id, name) values (70, 'x')",
      "insert into T (id, name) values (70, 'n1')",
      "insert into T (id, name) values (70, 'lower(name)')",
      'insert into T (id, name) values (70, null)',
      'insert into T (id) values (70)',
      "update T set name = 'n5' where id = 6",
      'update T set name = null where id = 6',
      "update T set name = 'n55' where id = 6",
      "insert into T (id, name) values (71, 'n56') on conflict (name) do nothing",
      "insert into T (id, name) values (72, 'n56') on conflict (name) do update set note = 'again'",
      "insert into T (id, name) values (73, 'n56') on conflict do nothing",
      "delete from towns where name = 'n7'",
      "update towns set name = 'n60x' where name = 'n8'",
    ]
    await db.client.query('begin')
    for (const text of statements) {
      await db.client.query('savepoint one')
      const users = await tell(db.client, text.replaceAll(/\bT\b/gu, 'users'))
      await db.client.query('rollback to savepoint one')
      const twin = await tell(db.client, text.replaceAll(/\bT\b/gu, 'twin'))
      await db.client.query('rollback to savepoint one')
      expect([text, users]).toEqual([text, twin])
    }
    await db.client.query('rollback')
    expect(await db.rows('select * from users where name is distinct from zz_name_2')).toEqual([])
  })

  test('rollback leaves nothing of it', async () => {
    await db.rollback(RENAME)
    const { old, new: left } = await bothSides(db, 'users', { old: 'name', new: 'zz_name_2' })
    expect(left).toEqual([])
    const { old: twin } = await bothSides(db, 'twin', { old: 'name', new: 'zz_name_2' })
    expect(old).toEqual(twin.map((text) => text.replaceAll('twin', 'users')))
  })
})
