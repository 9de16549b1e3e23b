import { changeColumnType } from '@expand-contract/core'
import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { openBackfillDatabase } from './backfill-database.ts'

const loud = changeColumnType({
  ...{ table: 'items', from: 'name', fromType: 'text', to: 'loud', type: 'text' },
  ...{ forward: 'slowly(name)', backward: 'lower(loud)' },
})

/** A row to a block, and a mapping that takes 20 ms, some three times for a row: a batch of 16 blocks comes to its last row when it is nearly a second old. */
const ITEMS = `
  create function slowly(value text) returns text language plpgsql immutable as $f$ begin perform pg_sleep(0.02); return upper(value); end $f$;
  create table items (id int primary key, name text, wide text, loud text);
  alter table items alter wide set storage plain;
  insert into items (id, name, wide) select n, 'item ' || n, repeat('x', 5000) from generate_series(1, 16) n;`

describe.each(postgresMajors())('PostgreSQL %i: batches of rows that take long', (major) => {
  test('PEERS 13: a transaction that waits for a batch is not ended as the victim of a deadlock with it', async () => {
    await using database = await openBackfillDatabase(major, ITEMS, [loud])
    const [application, watcher] = [await database.connect(), await database.connect()]
    await application.query("begin; update items set name = 'last' where id = 16")
    const filled = database.run({ migration: loud })
    for (let held: number | null = 1; held === 1; )
      held = (await watcher.query('select from items where id = 1 for update skip locked')).rowCount
    // It waits for the batch, which comes to the row above when this is to look for a deadlock.
    await application.query("update items set name = 'first' where id = 1")
    await application.query('commit')
    const { result, events } = await filled
    expect(result.ended).toBe('done')
    expect(events.some((event) => event.type === 'busy' && event.code === '57014')).toBe(true)
    expect(await database.count('items where loud is distinct from upper(name)')).toBe(0)
  })

  test('a block of which every row takes long is filled all the same', async () => {
    const narrow = ITEMS.replace("repeat('x', 5000)", "''").replace('0.02', '0.03')
    await using database = await openBackfillDatabase(major, narrow, [loud])
    const { result } = await database.run({ migration: loud })
    expect(result).toMatchObject({ ended: 'done', progress: { rows: 16, failedRows: 0 } })
  })
})
