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

  test('rows are counted by a scan that was made anyway, and in SQL where an index has those that differ alone', async () => {
    const by = (table: string) => changeColumnType({ table, from: 'a', fromType: 'int4', to: 'b', type: 'int8' })
    const setUp = ['scanned', 'indexed'].map((table) => COUNTED.replaceAll('counted', table)).join(';')
    await using database = await openBackfillDatabase(major, setUp, [by('scanned'), by('indexed')])
    await database.run({ migration: by('scanned') })
    await database.run({ migration: by('indexed') })
    await database.bypass('update scanned set b = 0 where id = 7; update indexed set b = 0 where id = 7')
    await database.client.query('create index on indexed (id) where b is distinct from (a)::int8')
    await database.client.query('vacuum (analyze) indexed, scanned')
    const seen = async (table: string): Promise<{ readonly asked: number }> => {
      const texts: string[] = []
      const client = {
        query(text: string, values?: unknown[]) {
          texts.push(text)
          return database.client.query(text, values)
        },
      }
      const found = await verify({ migration: by(table), client, who: 'test' })
      expect(found).toMatchObject({ rows: 3_000, clean: false, counts: { differs: 1 } })
      return { asked: texts.filter((text) => text.includes('count(*) FILTER') && text.includes('"wrong"')).length }
    }
    expect(await seen('scanned')).toEqual({ asked: 0 })
    expect(await seen('indexed')).toEqual({ asked: 1 })
  })

  // Row versions of before make room while nobody on the server, in whatever database, has an older transaction open: tried until that is so.
  test('half of the rows stay in their pages, which those that went ahead have left', {
    timeout: 300_000,
  }, async () => {
    const schema = `create table counted (id int primary key, note text, a int4, b int8) with (autovacuum_enabled = off);
      insert into counted select n, repeat('x', 80), n from generate_series(1, 20000) n; create table was as select id, ctid as at from counted;`
    const stayed = async (): Promise<number> => {
      await using database = await openBackfillDatabase(major, schema, [wider])
      const { result } = await database.run({ migration: wider, profile: 'fast' })
      expect(result.progress).toMatchObject({ done: true, rows: 20_000 })
      return await database.count(
        "counted join was using (id) where split_part(counted.ctid::text, ',', 1) = split_part(at::text, ',', 1)",
      )
    }
    await expect.poll(stayed, { timeout: 200_000, interval: 1_000 }).toBeGreaterThan(4_000)
  })
})
