import { readFile, writeFile } from 'node:fs/promises'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { changeColumnType, renameColumn } from '@expand-contract/core'
import { takeOwnBackup } from '@expand-contract/runner'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupCopy } from '../../packages/cli/src/backup/backup-copy.ts'
import { postgresMajors } from '../support/postgres.ts'
import { BackupLife } from './backup-life.ts'

const lossy = changeColumnType({
  ...{ table: 'things', from: 'label', to: 'tidy', fromType: 'text', type: 'varchar(40)', id: 'lossy' },
  ...{ forward: "nullif(btrim(label), 'none')", backward: "tidy || ''" },
})
const marked = changeColumnType({
  ...{ table: 'marked', from: 'label', to: 'tidy', fromType: 'text', type: 'text', id: 'marked' },
  ...{ forward: 'btrim(label)', backward: 'tidy' },
})
const named = renameColumn({ table: 'names', from: 'name', to: 'title', type: 'json' })

/** More columns than a function has parameters; `price` is the one that others change. */
const WIDE = Array.from({ length: 120 }, (_, index) => `c${index} int default ${index}`).join(', ')

const SQL = `create table things (note text, label text, ${WIDE}, twice int generated always as (c2 * 2) stored);
  insert into things (note, label) values ('many', ' m'), ('many', ' m'), ('many', ' m'), ('many', 'm'), ('same', ' a '), ('same', 'a'), ('same', 'a'), ('touched', ' b '), ('deleted', ' b '), ('written', ' c '),
    ('alone', ' d'), ('alone', 'd '), ('seldom', '  e'), ('kept', 'none'), ('kept', null), ('plenty', ' f'), ('plenty', ' f');
  create table names (nr int, name json, at timestamptz default '2024-05-05Z'); insert into names select n % 3, json_build_object('n', n % 5) from generate_series(1, 60) n;
  create table marked (label text, changes int default 0); insert into marked select case n % 3 when 0 then ' a' when 1 then 'a' else repeat(' ', n) || 'b' end from generate_series(1, 90) n;
  create function mark() returns trigger language plpgsql as $$ begin
    if old.tidy = 'stuck' then return null; end if; new.changes := new.changes + 1; return new; end $$;
  create trigger mark before update on marked for each row execute function mark()`

describe.each(postgresMajors())('PostgreSQL %i: a drill without a key', (major) => {
  let life: BackupLife
  let path: string
  beforeAll(async () => {
    life = await BackupLife.open(major, SQL)
    for (const migration of [lossy, named, marked]) {
      await life.switched(migration)
      await life.stage(migration, 'contract')
    }
    path = (await life.backup(lossy)).path
  })
  afterAll(() => life?.[Symbol.asyncDispose]())
  const labels = () => life.rows('select note, label, tidy from things order by 1, 2, 3')

  test('rows that a command of the operator gives back need a key, and the answer says what needs none', async () => {
    const { client } = life
    const own = { format: 'text', evidence: 'a test', make: async () => undefined } as const
    const rows = (): never => {
      throw new Error('nobody asks for them')
    }
    await expect(
      takeOwnBackup({
        ...{ migration: lossy, client, copy: backupCopy(client), operator: { who: 'test' } },
        own: { ...own, rows },
      }),
    ).rejects.toMatchObject({ code: 'EC_BACKUP_KEY', hint: expect.stringContaining('it needs no key') })
  })

  test('a later comparison tells what came and went from an old value that is another one', async () => {
    const taken = await life.backup(lossy)
    expect(taken.comparison.uncertain).toBe(4 + 3 + 2 + 2)
    await life.client.query(
      "begin; update things set note = 'moved' where note = 'touched'; delete from things where note = 'deleted'",
    )
    await life.client.query("insert into things (note, label) values ('added', 'g'); commit")
    expect((await life.check(lossy, taken)).comparison).toMatchObject({
      same: 15,
      other: 0,
      changed: 0,
      added: 2,
      gone: 2,
    })
    await life.client.query(
      "update things set label = 'f' where ctid = (select ctid from things where note = 'plenty' limit 1)",
    )
    const checked = await life.check(lossy, taken)
    expect([checked.comparison.other, checked.record.equal]).toEqual([1, false])
    await life.client.query(`update things set label = ' f' where note = 'plenty'; update things set note = 'touched' where note = 'moved';
      delete from things where note = 'added'; insert into things (note, label) values ('deleted', ' b ')`)
  })

  test('damage and other files are found before anything is changed', async () => {
    await life.stage(lossy, 'hold', 'drop')
    const whole = await readFile(path)
    const text = zstdDecompressSync(whole).toString('utf8')
    expect(text).toMatch(/^expand-contract backup 2\n/u)
    const damaged: readonly (readonly [Buffer, string, RegExp])[] = [
      [whole.subarray(0, whole.length / 2), 'EC_BACKUP_DAMAGED', /damaged/u],
      [zstdCompressSync(text.slice(0, -100)), 'EC_BACKUP_DAMAGED', /ends in its/u],
      [zstdCompressSync(text.replace('none', 'nome')), 'EC_BACKUP_DAMAGED', /checksum/u],
      [zstdCompressSync(text.replace('backup 2', 'backup 1')), 'EC_BACKUP_DAMAGED', /first line/u],
      [zstdCompressSync(text.replace('backup 2', 'backup 3')), 'EC_BACKUP_DAMAGED', /later version/u],
      [zstdCompressSync(text.replace('backup 2', 'backup x')), 'EC_BACKUP_DAMAGED', /no backup of expand-contract/u],
      [Buffer.concat([whole, whole]), 'EC_BACKUP_OTHER', /is not one that is recorded/u],
    ]
    for (const [index, [content, code, why]] of damaged.entries()) {
      const file = `${path}.damaged-${index}`
      await writeFile(file, content)
      const said = { code, message: expect.stringMatching(why) }
      await expect(life.forecast(lossy, file)).rejects.toMatchObject(said)
      await expect(life.restore(lossy, file)).rejects.toMatchObject(said)
    }
    const { path: foreign } = await life.backup(named)
    await expect(life.restore(lossy, foreign)).rejects.toMatchObject({ code: 'EC_BACKUP_OTHER' })
    for (const [change, back] of [
      ['drop column c7', 'add column c7 int default 7'],
      ['alter c7 type bigint', 'alter c7 type int'],
      ['rename c7 to moved', 'rename moved to c7'],
    ]) {
      await life.client.query(`alter table things ${change}`)
      await expect(life.restore(lossy, path)).rejects.toMatchObject({ code: 'EC_RESTORE_KEY' })
      await life.client.query(`alter table things ${back}`)
    }
    // One that has come since tells nothing.
    await life.client.query("alter table things add later text default 'later'")
    expect(await life.phase(lossy)).toBe('dropped')
    expect(await life.rows("select relname from pg_class where relname like '~restore%'")).toEqual([])
  })

  test('what can and cannot come back is said ahead, and is what comes', async () => {
    await life.client.query(`update things set note = 'again' where note = 'touched'; delete from things where note = 'deleted';
      update things set tidy = 'other' where note = 'written'; delete from things where ctid = (select ctid from things where note = 'alone' limit 1);
      update things set c119 = 0 where note = 'seldom'; delete from things where ctid = (select ctid from things where note = 'many' limit 1); insert into things (note, tidy) values ('rare', 'e'), ('plenty', 'f'), ('new', 'a'), ('new', 'q'), ('kept', null)`)
    const told = await life.forecast(lossy, path)
    // Exact: 3 same, 2 kept, 2 plenty, and 2 of 3 many that one of 4 has left, of which at least two had blanks. One was touched and one deleted, which said the same and had one old value: alike. Of two alone, nobody knows which went;
    // of two that say what one has said that is gone, which it is. New ones that say what others say of which none is missing are new.
    expect(told).toEqual({ rows: 19, exact: 9, alike: 1, ambiguous: 4, mapped: 5, gone: 6 })
    const restored = await life.restore(lossy, path)
    expect(restored).toMatchObject({
      rows: 19,
      exact: 9,
      alike: 1,
      ambiguous: 4,
      mapped: 4,
      empty: 1,
      gone: 6,
      failed: 0,
    })
    expect(await labels()).toEqual([
      { note: 'again', label: ' b ', tidy: 'b' },
      { note: 'alone', label: 'd', tidy: 'd' },
      { note: 'kept', label: 'none', tidy: null },
      ...Array.from({ length: 2 }, () => ({ note: 'kept', label: null, tidy: null })),
      ...Array.from({ length: 2 }, () => ({ note: 'many', label: ' m', tidy: 'm' })),
      { note: 'many', label: 'm', tidy: 'm' },
      { note: 'new', label: 'a', tidy: 'a' },
      { note: 'new', label: 'q', tidy: 'q' },
      ...Array.from({ length: 2 }, () => ({ note: 'plenty', label: ' f', tidy: 'f' })),
      { note: 'plenty', label: 'f', tidy: 'f' },
      { note: 'rare', label: 'e', tidy: 'e' },
      { note: 'same', label: ' a ', tidy: 'a' },
      ...Array.from({ length: 2 }, () => ({ note: 'same', label: 'a', tidy: 'a' })),
      { note: 'seldom', label: 'e', tidy: 'e' },
      { note: 'written', label: 'other', tidy: 'other' },
    ])
    const events = await life.rows("select figures from expand_contract.events where kind = 'restored'")
    expect(events).toEqual([{ figures: expect.objectContaining({ exact: 9, alike: 1, ambiguous: 4, rowsLost: 0 }) }])
  })

  test('a rename loses nothing, whatever has become of the rows', async () => {
    const { path: file } = await life.backup(named)
    await life.stage(named, 'hold', 'drop')
    await life.client.query(`update names set nr = 7 where nr = 0; delete from names where nr = 1 and title ->> 'n' = '2'; update names set title = '{"n":9}' where nr = 2;
      insert into names (nr, title) select 1, json_build_object('n', n) from generate_series(1, 4) n; insert into names values (8, null)`)
    const told = await life.forecast(named, file)
    expect(told).toMatchObject({ alike: 0, ambiguous: 0 })
    expect(await life.restore(named, file)).toMatchObject({
      rows: told?.rows,
      exact: told?.exact,
      alike: 0,
      ambiguous: 0,
      failed: 0,
    })
    expect(await life.rows('select from names where name::text is distinct from title::text')).toEqual([])
  })

  test('no trigger of the application sees it, and each value is given once, without the replica role', async () => {
    await life.client.query("update marked set changes = 0; insert into marked (label) values (' stuck')")
    const before = await life.rows('select label, tidy, changes from marked order by 1, 2, 3')
    const { path: file } = await life.backup(marked)
    await life.stage(marked, 'hold', 'drop')
    const role = `keyless_operator_${major}_${life.db.database.name}`
    await life.client.query(`create role "${role}" login; grant "${role}" to current_user;
      grant all on schema public, expand_contract to "${role}"; grant all on all tables in schema expand_contract to "${role}";
      grant all on all sequences in schema expand_contract to "${role}"; alter table marked owner to "${role}"`)
    const client = await life.db.connect()
    await client.query(`set session authorization "${role}"`)
    expect(await life.restore(marked, file, { client })).toMatchObject({ exact: 90, empty: 1, failed: 1 })
    expect(await life.rows('select label, tidy, changes from marked order by 1, 2, 3')).toEqual([
      ...before.filter(({ tidy }) => tidy !== 'stuck'),
      { label: null, tidy: 'stuck', changes: 0 },
    ])
    await life.client.query(`drop owned by "${role}" cascade; drop role "${role}"`)
  })
})
