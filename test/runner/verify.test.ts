import { changeColumnType, defineMigration, renameColumn } from '@expand-contract/core'
import { syncNames } from '@expand-contract/runner'
import { syncTriggerName } from '@expand-contract/sql'
import { describe, expect, test } from 'vitest'
import { repair } from '../../packages/runner/src/repair/repair.ts'
import { type VerifyOptions, verify } from '../../packages/runner/src/verify/verify.ts'
import { postgresMajors } from '../support/postgres.ts'
import { type BackfillDatabase, openBackfillDatabase } from './backfill-database.ts'

const label = renameColumn({ table: 'items', from: 'name', to: 'label', type: 'text' })
const number = changeColumnType({ table: 'items', from: 'code', fromType: 'text', to: 'code_int', type: 'int4' })
const split = defineMigration({
  ...{ table: 'items', old: { name: 'text' }, new: { first: 'text', last: 'text' } },
  forward: { first: "split_part(name, ' ', 1)", last: "nullif(split_part(name, ' ', 2), '')" },
  backward: { name: "concat_ws(' ', first, last)" },
})

const ITEMS = `
  create table items (id int primary key, name text, code text, label text, code_int int, first text, last text);
  insert into items select n, 'item ' || n, n::text from generate_series(1, 9000) n;
  update items set label = name, code_int = code::int, first = 'item', last = id::text;`

const NONE = { new_missing: 0, new_orphan: 0, differs: 0, way_back: 0, unconvertible: 0 }

describe.each(postgresMajors())('PostgreSQL %i: verify', (major) => {
  const open = (): Promise<BackfillDatabase> => openBackfillDatabase(major, ITEMS, [label, number, split])
  const run = ({ client }: BackfillDatabase, options: Partial<VerifyOptions> = {}) =>
    verify({ migration: label, client, who: 'dana@ops-2', ...options })
  test('a clean pass is recorded with the epoch and the state of the trigger', async () => {
    await using database = await open()
    const result = await run(database)
    expect(result).toMatchObject({ rows: 9_000, counts: NONE, clean: true, stopped: false, epoch: 1, phase: 'expand' })
    const { rows } = await database.client.query(
      'select epoch::int, rows::int, clean, who, triggers from expand_contract.verifications',
    )
    expect(rows).toEqual([
      {
        epoch: 1,
        rows: 9_000,
        clean: true,
        who: 'dana@ops-2',
        triggers: { 'public.items': { enabled: 'A', hash: expect.stringMatching(/^[\da-f]{64}$/u) } },
      },
    ])
  })

  test('counts classes and names keys, never values', async () => {
    await using database = await open()
    await database.bypass(
      `update items set label = null where id in (5, 6); update items set label = 'secret' where id = 7; update items set name = null where id = 8`,
    )
    const result = await run(database)
    expect(result).toMatchObject({
      clean: false,
      rows: 9_000,
      counts: { ...NONE, new_missing: 2, differs: 1, new_orphan: 1 },
    })
    const at = (id: string) => ({ relation: 'public.items', key: { id } })
    expect(result.samples).toMatchObject({ new_missing: [at('5'), at('6')], differs: [at('7')], new_orphan: [at('8')] })
    expect(JSON.stringify(result)).not.toContain('secret')
    expect((await run(database, { samples: 1 })).samples.new_missing).toHaveLength(1)
  })

  test('a row whose value does not come back, and one that a mapping fails for', async () => {
    await using database = await open()
    await database.client.query("update items set name = 'one two three', code = 'x' where id = 17")
    expect(await run(database, { migration: split })).toMatchObject({
      counts: { ...NONE, way_back: 1 },
      samples: { way_back: [{ relation: 'public.items', key: { id: '17' } }] },
    })
    expect(await run(database, { migration: number })).toMatchObject({
      rows: 9_000,
      counts: { ...NONE, unconvertible: 1 },
      samples: { unconvertible: [{ relation: 'public.items', key: { id: '17' }, code: '22P02' }] },
    })
  })

  test('in contract, in step is what comes back', async () => {
    await using database = await open()
    await database.enter(split, 'contract')
    await database.bypass(`update items set first = 'a b', last = null, name = 'a b' where id = 3`)
    expect(await run(database, { migration: split })).toMatchObject({ phase: 'contract', counts: NONE, clean: true })
    await database.bypass(`update items set name = 'other' where id = 3`)
    expect(await run(database, { migration: split })).toMatchObject({ counts: { ...NONE, way_back: 1 }, clean: false })
  })

  test('RUNNER 4: no pass is clean while the trigger is not on throughout', async () => {
    await using database = await open()
    await database.client.query(`alter table items enable trigger "${syncTriggerName(label.id)}"`)
    expect(await run(database)).toMatchObject({ counts: NONE, clean: false, trigger: { on: false } })
    await database.client.query(`alter table items enable always trigger "${syncTriggerName(label.id)}"`)
    let looked = false
    const other = await database.connect()
    const meddling = {
      async query(text: string, values?: unknown[]) {
        const answer = await database.client.query(text, values)
        if (text.startsWith('EXPLAIN (ANALYZE') && !looked) {
          looked = true
          await other.query(
            `alter function expand_contract.${syncNames(label).function}() set search_path = pg_catalog`,
          )
        }
        return answer
      },
    }
    expect(await run(database, { client: meddling })).toMatchObject({
      counts: NONE,
      clean: false,
      trigger: { on: true },
    })
  })

  test('a trigger that is there and does something else is not on', async () => {
    await using database = await open()
    await database.enter(label, 'contract')
    await database.client.query("update expand_contract.migrations set phase = 'switch'")
    expect(await run(database)).toMatchObject({
      ...{ counts: NONE, clean: false, phase: 'switch' },
      trigger: { on: false, problems: [expect.stringContaining('not that of the phase switch')] },
    })
    await database.enter(label, 'switch')
    expect(await run(database)).toMatchObject({ clean: true, trigger: { on: true, problems: [] } })
  })

  test.each([
    { type: 'varchar(3)', fits: "'abc   '", not: "'abcd'", code: '22001', lossy: 1 },
    { type: 'char(3)', fits: "'ab  '", not: "'ab c'", code: '22001', lossy: 1 },
    { type: 'short', fits: "'abc'", not: "'abcd'", code: '22001' },
    { type: 'varchar(3)[]', fits: "'{ab,cde}'", not: "'{ab,cdef}'", code: '22001', from: 'text[]' },
    { type: 'bit(3)', fits: "b'101'", not: "b'1011'", code: '22026', from: 'varbit' },
    { type: 'varbit(3)', fits: "b'10'", not: "b'1011'", code: '22001', from: 'varbit' },
    { type: 'numeric(4,2)', fits: '12.344', not: '123', code: '22003', lossy: 1, from: 'numeric' },
    { type: 'int2', fits: '7', not: '70000', code: '22003', from: 'int4' },
    { type: 'date', fits: "'2026-02-28'", not: "'2026-02-30'", code: '22008' },
    { type: 'mood', fits: "'sad'", not: "'happy'", code: '22P02' },
    { type: 'positive', fits: '1', not: '-1', code: '23514', from: 'int4' },
  ])('a value that does not fit into $type is unconvertible, whatever the column has', async (kind) => {
    const { type, fits, not, code, from = 'text', lossy = 0 } = kind
    const change = changeColumnType({ table: 'kinds', from: 'a', fromType: from, to: 'b', type })
    await using database = await openBackfillDatabase(
      major,
      `create domain short as varchar(3); create domain positive as int4 check (value > 0); create type mood as enum ('sad');
       create table kinds (id int primary key, a ${from}, b ${type});
       insert into kinds (id, a) values (1, ${fits}), (2, ${not}), (3, null), (4, ${not}), (5, ${fits});`,
      [change],
    )
    expect((await database.run({ migration: change })).result.progress).toMatchObject({ rows: 2, failedRows: 2 })
    // Of what does not fit, this one has the beginning; and one row is out of step.
    await database.bypass(
      `update kinds set b = (select b from kinds where id = 1) where id = 4; update kinds set b = null where id = 5`,
    )
    const key = (id: string) => ({ relation: 'public.kinds', key: { id } })
    expect(await run(database, { migration: change })).toMatchObject({
      rows: 5,
      counts: { ...NONE, unconvertible: 2, new_missing: 1, way_back: lossy },
      samples: {
        unconvertible: [
          { ...key('2'), code },
          { ...key('4'), code },
        ],
        new_missing: [key('5')],
      },
    })
    const ddl = async (text: string): Promise<void> => void (await database.client.query(text))
    const repairing = { migration: change, client: database.client, operator: { who: 'test' }, ddl }
    expect(await repair({ ...repairing, dryRun: true })).toMatchObject({ rows: 1, failed: 2 })
    expect(await repair(repairing)).toMatchObject({ rows: 1, failed: 2 })
    expect((await run(database, { migration: change })).counts).toEqual({
      ...{ ...NONE, unconvertible: 2, way_back: 2 * lossy },
    })
  })

  test('many rows in a row that a mapping fails for, also in the last blocks', async () => {
    await using database = await open()
    await database.client.query("update items set code = 'x' || code where id % 40 = 0 or id > 8900")
    const expected = await database.count("items where code like 'x%'")
    expect(await run(database, { migration: number, samples: 2 })).toMatchObject({
      rows: 9_000,
      counts: { ...NONE, unconvertible: expected },
    })
  })

  test('stopped, it says nothing of the table', async () => {
    await using database = await open()
    const stop = new AbortController()
    stop.abort()
    expect(await run(database, { signal: stop.signal })).toMatchObject({ stopped: true, clean: false })
    expect(await database.count('expand_contract.verifications')).toBe(0)
  })

  test('is refused for a migration that has not begun, and a table that is not there', async () => {
    await using database = await open()
    await expect(run(database, { migration: { ...label, id: 'items.other' } })).rejects.toMatchObject({
      code: 'EC_BACKFILL_NOT_EXPANDED',
    })
    await expect(
      run(database, { migration: renameColumn({ table: 'nowhere', from: 'a', to: 'b' }) }),
    ).rejects.toMatchObject({ code: 'EC_TABLE_MISSING' })
  })

  test('empty tables and tables without a key', async () => {
    const bare = renameColumn({ table: 'bare', from: 'a', to: 'b' })
    await using database = await openBackfillDatabase(major, 'create table bare (a text, b text, r text);', [bare])
    expect(await run(database, { migration: bare })).toMatchObject({ rows: 0, clean: true })
    await database.client.query(
      `alter table bare disable trigger all; insert into bare values ('x', null, 'y'); alter table bare enable always trigger "${syncTriggerName(bare.id)}"`,
    )
    expect(await run(database, { migration: bare })).toMatchObject({
      samples: { new_missing: [{ relation: 'public.bare', key: { ctid: '(0,1)' } }] },
    })
  })
})
