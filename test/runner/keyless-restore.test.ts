import { changeColumnType } from '@expand-contract/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { BackupLife } from './backup-life.ts'

/** Blanks go and are never told again; and 'none' has no counterpart. */
const lossyOf = (table: string) =>
  changeColumnType({
    ...{ table, from: 'label', to: 'tidy', fromType: 'text', type: 'varchar(40)', id: table },
    ...{ forward: "nullif(btrim(label), 'none')", backward: "tidy || ''" },
  })
const SHAPES = {
  plain: 'create table plain (nr int, label text, note text, price numeric, at timestamptz)',
  full: 'create table "full" (nr int unique, label text, note text, price numeric, at timestamptz); alter table "full" replica identity full',
  odd: `create table odd (nr int not null unique deferrable, label text, note text, price numeric, at timestamptz);
    create unique index on odd (nr) where nr > 0; create unique index on odd (abs(nr))`,
  parted: `create table parted (nr int, label text, note text, price numeric, at timestamptz) partition by list (note);
    create table parted_1 partition of parted default; create table parted_2 (at timestamptz, gone int, price numeric, note text, label text, nr int);
    alter table parted_2 drop column gone; alter table parted attach partition parted_2 for values in ('moved', 'b')`,
} as const
type Name = keyof typeof SHAPES
const quoted = (name: string): string => `"${name}"`

describe.each(postgresMajors())('PostgreSQL %i: rows that no key tells', (major) => {
  let life: BackupLife
  beforeAll(async () => {
    life = await BackupLife.open(major, Object.values(SHAPES).join(';'))
  })
  afterAll(() => life?.[Symbol.asyncDispose]())

  const all = (name: Name, columns: string): Promise<readonly Record<string, unknown>[]> =>
    life.rows(`select ${columns} from ${quoted(name)} order by nr, note, label, tidy`)

  test.each(['plain', 'parted'] as const)(
    '%s: an untouched table is what it was, with duplicates and NULL',
    async (name) => {
      const migration = lossyOf(name)
      const table = quoted(name)
      await life.client.query(`insert into ${table} select n % 7, case n % 5 when 0 then ' x ' when 1 then 'x' when 2 then 'none' when 3 then null else ' y' || n % 3 end,
      case n % 2 when 0 then 'a' else null end, n % 2, '2024-05-05 12:00Z' from generate_series(1, 280) n`)
      if (name === 'plain')
        await life.client.query("insert into plain (label) select ' twice ' from generate_series(1, 3)")
      await life.switched(migration)
      await life.stage(migration, 'contract')
      const before = await all(name, '*')
      const taken = await life.backup(migration)
      expect(taken).toMatchObject({
        record: { equal: true, rows: before.length },
        comparison: { same: before.length, other: 0, changed: 0, added: 0, gone: 0 },
        summary: {
          header: { key: [], whole: expect.arrayContaining([{ name: 'tidy', type: 'character varying(40)' }]) },
        },
      })
      expect(taken.comparison.uncertain).toBeGreaterThan(100)
      await life.stage(migration, 'hold')
      expect((await life.check(migration, taken)).comparison).toMatchObject({ same: before.length, other: 0, gone: 0 })
      await life.stage(migration, 'drop')
      const figures = { rows: before.length, exact: before.length, alike: 0, ambiguous: 0, mapped: 0, gone: 0 }
      expect(await life.forecast(migration, taken.path)).toEqual(figures)
      expect(await life.restore(migration, taken.path)).toMatchObject({ ...figures, empty: 0, failed: 0 })
      expect(await all(name, 'nr, label, note, price, at, tidy')).toEqual(
        before.map(({ nr: key, label, note, price, at, tidy }) => ({ nr: key, label, note, price, at, tidy })),
      )
      expect(await life.rows("select relname from pg_class where relname ~ '^~restore|touch'")).toEqual([])
      expect(await life.rows("select proname from pg_proc where proname ~ '^~restore|touch'")).toEqual([])
      await life.stage(migration, 'rollback')
      expect(await life.phase(migration)).toBe('switch')
    },
  )

  test.each(['full', 'odd'] as const)('%s: an index that tells not every row is no key', async (name) => {
    const migration = lossyOf(name)
    await life.client.query(`insert into ${quoted(name)} (nr, label) select n, ' y' from generate_series(1, 10) n`)
    await life.switched(migration)
    await life.stage(migration, 'contract')
    const { record, summary } = await life.backup(migration)
    expect(record).toMatchObject({ equal: true, rows: 10 })
    expect(summary.header).toMatchObject({ key: [], whole: expect.arrayContaining([{ name: 'nr', type: 'integer' }]) })
  })
})
