import { renameColumn } from '@expand-contract/core'
import { syncTriggerName } from '@expand-contract/sql'
import { describe, expect, test } from 'vitest'
import { type RepairOptions, repair } from '../../packages/runner/src/repair/repair.ts'
import { verify } from '../../packages/runner/src/verify/verify.ts'
import { postgresMajors } from '../support/postgres.ts'
import { type BackfillDatabase, openBackfillDatabase } from './backfill-database.ts'

const label = renameColumn({ table: 'items', from: 'name', to: 'label', type: 'text' })

const ITEMS = `
  create table items (id int primary key, name text, label text, touched int not null default 0);
  insert into items select n, 'item ' || n, 'item ' || n from generate_series(1, 4000) n;
  create function touch() returns trigger language plpgsql as $f$ begin new.touched := new.touched + 1; return new; end $f$;
  create trigger touch before update on items for each row execute function touch();`

describe.each(postgresMajors())('PostgreSQL %i: repair', (major) => {
  const open = (): Promise<BackfillDatabase> => openBackfillDatabase(major, ITEMS, [label])
  const run = ({ client }: BackfillDatabase, options: Partial<RepairOptions> = {}) =>
    repair({
      ...{ migration: label, client, operator: { who: 'dana@ops-2' } },
      ddl: async (text) => void (await client.query(text)),
      ...options,
    })
  /** Past all triggers. */
  const bypass = ({ client }: BackfillDatabase, text: string) =>
    client.query(`begin; set local session_replication_role = replica; alter table items disable trigger all; ${text};
       alter table items enable trigger touch; alter table items enable always trigger "${syncTriggerName(label.id)}"; commit`)

  test('the old column counts, no trigger of the application sees it, and a new epoch begins', async () => {
    await using database = await open()
    await bypass(
      database,
      `update items set label = 'wrong' where id % 1000 = 0; update items set label = null where id = 7`,
    )
    expect(await run(database, { dryRun: true })).toEqual({ phase: 'expand', rows: 5, failed: 0, stopped: false })
    expect(await database.count("items where label = 'wrong'")).toBe(4)
    expect(await run(database)).toEqual({ phase: 'expand', rows: 5, failed: 0, stopped: false })
    expect(await database.count('items where label is distinct from name or touched <> 0')).toBe(0)
    expect(await verify({ migration: label, client: database.client, who: 'test' })).toMatchObject({
      clean: true,
      epoch: 2,
    })
    expect(await database.count("expand_contract.events where figures ->> 'operation' = 'repair'")).toBe(1)
    expect(await run(database)).toMatchObject({ rows: 0 })
  })

  test('stopped, it says so; run again, it does the rest', async () => {
    await using database = await open()
    await bypass(database, `update items set label = 'wrong'`)
    const stop = new AbortController()
    const first = await run(database, { signal: stop.signal, onProgress: () => stop.abort() })
    expect(first.stopped).toBe(true)
    const second = await run(database)
    expect(first.rows + second.rows).toBe(4_000)
    expect(await database.count('items where label is distinct from name')).toBe(0)
  })

  test('is refused for a migration that has not begun', async () => {
    await using database = await open()
    await expect(run(database, { migration: { ...label, id: 'items.other' } })).rejects.toMatchObject({
      code: 'EC_BACKFILL_NOT_EXPANDED',
    })
  })
})
