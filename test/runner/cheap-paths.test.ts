import { changeColumnType } from '@expand-contract/core'
import { describe, expect, test } from 'vitest'
import { verify } from '../../packages/runner/src/verify/verify.ts'
import { postgresMajors } from '../support/postgres.ts'
import { openBackfillDatabase } from './backfill-database.ts'

const wider = changeColumnType({ table: 'counted', from: 'a', fromType: 'int4', to: 'b', type: 'int8' })

const COUNTED = `
  create table counted (id int primary key, a int4, b int8);
  insert into counted select n, n from generate_series(1, 3000) n;`

describe.each(postgresMajors())('PostgreSQL %i: what is left out where it can tell nothing', (major) => {
  test('without PostgreSQL’s own count of rows, they are counted in SQL', async () => {
    await using database = await openBackfillDatabase(major, COUNTED, [wider])
    const { client } = database
    const seen: string[] = []
    const bare = {
      async query(text: string, values?: unknown[]) {
        seen.push(text)
        const { rows } = await client.query(text, values)
        return { rows }
      },
    }
    const { result } = await database.run({ migration: wider, client: bare })
    expect(result.progress).toMatchObject({ done: true, rows: 3_000 })
    expect(await database.count('counted where b is distinct from a')).toBe(0)
    expect(seen.filter((text) => text.includes('RETURNING 1) SELECT pg_catalog.count(*)'))).not.toEqual([])
  })

  test('with it, a batch that fills nothing is none that was rewritten', async () => {
    await using database = await openBackfillDatabase(major, COUNTED, [wider])
    // The trigger has filled them.
    await database.client.query('update counted set a = a + 1')
    const { result, events } = await database.run({ migration: wider })
    expect(result.progress).toMatchObject({ done: true, rows: 0 })
    expect(events.filter(({ type }) => type === 'rewritten')).toEqual([])
  })

  test('a wider type is not looked back through: what it has wrong is of the new column, also a value that the old one could not have', async () => {
    await using database = await openBackfillDatabase(major, COUNTED, [wider])
    await database.run({ migration: wider })
    const run = () => verify({ migration: wider, client: database.client, who: 'test' })
    expect(await run()).toMatchObject({ rows: 3_000, clean: true })
    await database.bypass('update counted set b = 3000000000 where id = 7; update counted set b = null where id = 8')
    expect(await run()).toMatchObject({
      ...{ rows: 3_000, clean: false },
      counts: { new_missing: 1, new_orphan: 0, differs: 1, way_back: 0, unconvertible: 0 },
      samples: { differs: [{ relation: 'public.counted', key: { id: '7' } }] },
    })
    await database.enter(wider, 'contract')
    await database.bypass('update counted set b = a where id in (7, 8)')
    expect(await run()).toMatchObject({ phase: 'contract', clean: true })
    await database.bypass('update counted set b = b + 1 where id = 9')
    expect(await run()).toMatchObject({ clean: false, counts: { differs: 0, way_back: 1 } })
  })
})
