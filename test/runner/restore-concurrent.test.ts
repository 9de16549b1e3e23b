import { defineMigration } from '@expand-contract/core'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { BackupLife } from './backup-life.ts'

const LONG = `Größe ${'x'.repeat(55)}`

/** Each with a type whose values need care, by the names `a b"1`, ... and as they come. */
const KINDS: readonly (readonly [type: string, ...values: string[]])[] = [
  ['text', String.raw`E'tab\there\\nand\\t \\\\. \\N'`, String.raw`E'line\nfeed\r\n\\.\n'`, "''", `'"q",(x)''ß€𝄞'`],
  ['numeric', "'NaN'", "'0.10'", "'-0.000000000000000000001'", "'12345678901234567890.1234567890'"],
  ['timestamptz', "'infinity'", "'-infinity'", "'2026-03-29 01:30:00.123456+05:30'", "'0044-03-15 12:00 BC'"],
  ['bytea', String.raw`'\x00ff5c09'`, String.raw`'\x'`, "'abc'::bytea"],
  ['text[]', String.raw`array['a,b', null, E'\\"x', '']`, "'{}'", "array[['1','2'],['3','4']]"],
  ['jsonb', `'{"b": [1.10, null], "a": "x\\ty"}'`, "'null'", "'[]'"],
  ['mood', "'so so'", "'ha''ppy'"],
  ['positive', '1', '2147483647'],
  ['float8', "'-0'", "'NaN'", '0.1::float8 + 0.2::float8', "'5e-324'", "'Infinity'"],
  ['float4', '16777217', "'1.1'"],
  ['interval', "'1 year -2 days 03:00:00.5'", "'-1 mon'"],
  ['money', "'1234.56'::numeric::money", "'-0.01'::numeric::money"],
  ['bpchar(5)', "'ab'", "'ab   '"],
  ['varbit', "b'10110'", "b''"],
  ['json', `'{"a" :1,  "a": 2}'`, "'  1'"],
  ['int4range', "'[1,5)'", "'empty'"],
]
const name = (side: string, index: number): string => `${side} "${index}" Ö`
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
const columns = (
  side: 'old' | 'new', // A new column of a domain that checks would have the table written anew.
) =>
  Object.fromEntries(
    KINDS.map(([type], index) => [name(side, index), side === 'new' && type === 'positive' ? 'int4' : qualified(type)]),
  )
const qualified = (type: string): string => (type === 'mood' || type === 'positive' ? `"Sch ""1".${type}` : type)
const mapped = (to: 'old' | 'new', from: 'old' | 'new') =>
  Object.fromEntries(KINDS.map((_, index) => [name(to, index), quoted(name(from, index))]))

/** All of them by one migration that changes their names alone, of a table that has odd names, partitions and a composite key with a generated column. */
const migration = defineMigration({
  ...{ id: 'every value', table: `"Sch ""1".${quoted(LONG)}`, app: 'old', flag: 'f' },
  ...{ old: columns('old'), new: columns('new') },
  ...{ forward: mapped('new', 'old'), backward: mapped('old', 'new') },
})
const TABLE = `"Sch ""1".${quoted(LONG)}`
const all = (side: 'old' | 'new'): string => KINDS.map((_, index) => quoted(name(side, index))).join(', ')
const valueSql = (index: number, turn: number): string => {
  const [type = '', ...values] = KINDS[index] ?? []
  const value = values[turn % (values.length + 1)]
  return value === undefined ? 'null' : `(${value})::${qualified(type)}`
}
const values = (turn: number): string => KINDS.map((_, index) => valueSql(index, turn + index)).join(', ')
const createTable = (
  table: string,
): string => `create table ${table} ("K 1" int not null, "k,2" text collate "C" not null, twice int generated always as ("K 1" * 2) stored not null,
  ${KINDS.map(([type], index) => `${quoted(name('old', index))} ${qualified(type)}`).join(', ')}, primary key ("k,2", "K 1"))`

const KEYS = 240
const WRITERS = 4

describe.each(postgresMajors())('PostgreSQL %i: a restore beside writers', (major) => {
  let life: BackupLife
  const rows = Array.from({ length: KEYS }, (_, key) => `(${key}, 'p' || ${key % 2}, ${values(key)})`)
  const insert = (table: string, side: 'old' | 'new'): string =>
    `insert into ${table} ("K 1", "k,2", ${all(side)}) values`

  beforeAll(async () => {
    life = await BackupLife.open(
      major,
      `create schema "Sch ""1"; create type "Sch ""1".mood as enum ('so so', 'ha''ppy'); create domain "Sch ""1".positive as int4 check (value > 0);
       ${createTable(TABLE)} partition by list ("k,2"); create table "Sch ""1"."part ""0" partition of ${TABLE} for values in ('p0');
       create table "Sch ""1"."part 1" partition of ${TABLE} default; ${createTable('twin')};
       ${insert(TABLE, 'old')} ${rows.join(', ')}; ${insert('twin', 'old')} ${rows.join(', ')}`,
    )
  })
  afterAll(() => life?.[Symbol.asyncDispose]())

  const ours = (side: 'old' | 'new') =>
    life.rows(`select "K 1", "k,2", twice, (row(${all(side)}))::text as values from ${TABLE} order by 2, 1`)
  const twins = () =>
    life.rows(`select "K 1", "k,2", twice, (row(${all('old')}))::text as values from twin order by 2, 1`)

  /** Adds, changes, deletes and uses keys again, on both tables alike; each writer has keys of its own, so that the order does not matter. */
  async function write(client: pg.Client, writer: number, until: () => boolean): Promise<number> {
    let done = 0
    for (let turn = 0; !until() || turn < 12; turn += 1) {
      const key = (turn * 7 * WRITERS + writer) % (KEYS + 40)
      const where = `where "K 1" = ${key}`
      const both = async (sql: (table: string, side: 'old' | 'new') => string): Promise<void> => {
        await client.query(sql(TABLE, 'new'))
        await client.query(sql('twin', 'old'))
      }
      const set = (side: 'old' | 'new'): string => `(${all(side)}) = row(${values(turn + writer)})`
      if (turn % 4 === 0) await both((table) => `delete from ${table} ${where}`)
      else if (turn % 4 === 1)
        await both(
          (table, side) => `${insert(table, side)} (${key}, 'p${turn % 3}', ${values(turn)}) on conflict do nothing`,
        )
      else if (turn % 4 === 2) await both((table, side) => `update ${table} set ${set(side)} ${where}`)
      // Deleted and there again, in one transaction; and a row that moves to another partition.
      else
        await both(
          (
            table,
            side,
          ) => `begin; delete from ${table} ${where}; ${insert(table, side)} (${key}, 'p1', ${values(turn + 1)});
          update ${table} set "k,2" = 'p0' ${where}; commit`,
        )
      done += 1
    }
    return done
  }

  test('every row has what the twin has, whatever was written while batches ran, and however a session spells values', async () => {
    await life.switched(migration)
    await life.stage(migration, 'contract')
    // As a role or a database may have it: nothing of it may matter to what is written and read.
    await life.client.query(`set datestyle = 'SQL, DMY'; set intervalstyle = sql_standard; set extra_float_digits = -15; set bytea_output = escape;
      set timezone = 'Asia/Kathmandu'; set quote_all_identifiers = on; set standard_conforming_strings = off`)
    const { path, record } = await life.backup(migration)
    expect(record).toMatchObject({ equal: true, rows: KEYS })
    await life.stage(migration, 'hold', 'drop')
    await life.client.query(
      `reset all; set datestyle = 'German'; set intervalstyle = iso_8601; set timezone = 'America/St_Johns'; set extra_float_digits = 0`,
    )
    const clients = await Promise.all(Array.from({ length: WRITERS }, () => life.db.connect()))
    let ended = false
    const writing = clients.map((client, writer) => write(client, writer, () => ended))
    const restored = await life.restore(migration, path, { onProgress: () => undefined }).finally(() => {
      ended = true
    })
    const written = await Promise.all(writing)
    expect(Math.min(...written)).toBeGreaterThanOrEqual(12)
    expect(restored).toMatchObject({ failed: 0 })
    await life.client.query('reset all')
    const twin = await twins()
    expect(await ours('new')).toEqual(twin)
    expect(await ours('old')).toEqual(twin)
    expect(await life.phase(migration)).toBe('contract')
    await life.stage(migration, 'rollback')
    expect(await ours('old')).toEqual(twin)
  })
})
