import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { renameColumn } from '@expand-contract/core'
import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { openBackfillDatabase } from './backfill-database.ts'

const label = renameColumn({ table: 'items', from: 'name', to: 'label', type: 'text' })

const ITEMS = `
  create table items (id int primary key, name text, label text);
  insert into items select n, repeat('item ' || n, 10) from generate_series(1, 8000) n;`

/** Runs it until so many signs of life have come, and kills it; resolves to its last word. */
async function runAndKill(url: string, signs: number): Promise<unknown> {
  const child = fork(join(import.meta.dirname, 'backfill-process.ts'), [url], {
    execArgv: ['--conditions=@expand-contract/source'],
  })
  let seen = 0
  let last: unknown
  child.on('message', (message) => {
    last = message
    if (message === 'batch' && ++seen === signs) child.kill('SIGKILL')
  })
  // Its last word may come behind its exit.
  await once(child, 'close')
  return last
}

describe.each(postgresMajors())('PostgreSQL %i: a backfill that is killed', (major) => {
  test('PEERS 1, RUNNER 3: goes on from its cursor, below which every row is filled', async () => {
    await using database = await openBackfillDatabase(major, ITEMS, [label])
    for (const signs of [1, 2, 3, 4, 7]) {
      await runAndKill(database.url, signs)
      // The lease of a worker that was killed, which the next one would wait for.
      await database.client.query('update expand_contract.backfill_ranges set lease_until = now()')
      const { rows } = await database.client.query('select cursor_block from expand_contract.backfill_ranges')
      const cursor = Number(rows[0]?.cursor_block ?? 0)
      expect(await database.count(`items where ctid < '(${cursor},0)' and label is distinct from name`)).toBe(0)
    }
    const last = await runAndKill(database.url, Number.POSITIVE_INFINITY)
    expect(last).toBe('done')
    expect(await database.count('items where label is distinct from name')).toBe(0)
    expect(await database.count('expand_contract.backfill_ranges where rows = 8000')).toBe(1)
  })
})
