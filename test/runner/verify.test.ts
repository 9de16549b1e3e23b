import { changeColumnType, defineMigration, renameColumn } from '@expand-contract/core'
import { syncTriggerName } from '@expand-contract/sql'
import { describe, expect, test } from 'vitest'
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

const EXPANDED = [
  { migration: label, table: 'items', assign: 'new.label := new.name;' },
  {
    migration: number,
    table: 'items',
    assign: 'begin new.code_int := new.code::int; exception when others then new.code_int := null; end;',
  },
  {
    migration: split,
    table: 'items',
    assign: "new.first := split_part(new.name, ' ', 1); new.last := nullif(split_part(new.name, ' ', 2), '');",
  },
]

const NONE = { new_missing: 0, new_orphan: 0, differs: 0, way_back: 0, unconvertible: 0 }

describe.each(postgresMajors())('PostgreSQL %i: verify', (major) => {
  const open = (): Promise<BackfillDatabase> => openBackfillDatabase(major, ITEMS, EXPANDED)
  const run = ({ client }: BackfillDatabase, options: Partial<VerifyOptions> = {}) =>
    verify({ migration: label, client, who: 'dana@ops-2', ...options })
  /** Past every trigger, as one that bypasses them does. */
  const bypass = ({ client }: BackfillDatabase, text: string) =>
    client.query(
      `begin; ${EXPANDED.map(({ migration }) => `alter table items disable trigger "${syncTriggerName(migration.id)}"`).join(';')};
       ${text}; ${EXPANDED.map(({ migration }) => `alter table items enable always trigger "${syncTriggerName(migration.id)}"`).join(';')}; commit`,
    )

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
    await bypass(
      database,
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
    await database.client.query("update expand_contract.migrations set phase = 'contract' where id like 'items.first%'")
    await bypass(database, `update items set first = 'a b', last = null, name = 'a b' where id = 3`)
    expect(await run(database, { migration: split })).toMatchObject({ phase: 'contract', counts: NONE, clean: true })
    await bypass(database, `update items set name = 'other' where id = 3`)
    expect(await run(database, { migration: split })).toMatchObject({ counts: { ...NONE, way_back: 1 }, clean: false })
  })

  test('no pass is clean while the trigger is not on throughout', async () => {
    await using database = await open()
    await database.client.query(`alter table items enable trigger "${syncTriggerName(label.id)}"`)
    expect(await run(database)).toMatchObject({ counts: NONE, clean: false, trigger: { on: false } })
    await database.client.query(`alter table items enable always trigger "${syncTriggerName(label.id)}"`)
    let looked = false
    const other = await database.connect()
    const meddling = {
      async query(text: string, values?: unknown[]) {
        const answer = await database.client.query(text, values)
        if (text.includes('"wrong"') && !looked) {
          looked = true
          await other.query('alter function sync_items_label() set search_path = pg_catalog')
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
    await using database = await openBackfillDatabase(major, 'create table bare (a text, b text, r text);', [
      { migration: bare, table: 'bare', assign: 'new.b := new.a;' },
    ])
    expect(await run(database, { migration: bare })).toMatchObject({ rows: 0, clean: true })
    await database.client.query(
      `alter table bare disable trigger all; insert into bare values ('x', null, 'y'); alter table bare enable always trigger "${syncTriggerName(bare.id)}"`,
    )
    expect(await run(database, { migration: bare })).toMatchObject({
      samples: { new_missing: [{ relation: 'public.bare', key: { ctid: '(0,1)' } }] },
    })
  })
})
