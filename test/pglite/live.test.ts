import type { Phase, PhaseSource } from '@expand-contract/core'
import { expect, test } from 'vitest'
import { BOTH, CONTRACT, PEOPLE } from '../postgres-js/people.ts'
import { openPGlite } from './open-pglite.ts'

const PATIENT = { timeout: 60_000 }
const NAMES = 'select id, name from people where id > $1 order by id'

test.each([
  { stage: 'old', script: BOTH, on: false, star: '' },
  { stage: 'new', script: BOTH, on: true, star: '*' },
  { stage: 'the new columns alone', script: `${BOTH};${CONTRACT}`, on: false, star: '*' },
])('live queries read the column that is read, and hear of writes: $stage', async ({ script, on, star }) => {
  await using fixture = await openPGlite({ script, migrations: PEOPLE })
  const { db, flags } = fixture
  flags.set('name', on)
  const seen: unknown[] = []
  const live = await db.live.query<{ name: string }>(NAMES, [1], ({ rows }) => seen.push(rows.map(({ name }) => name)))
  expect(live.initialResults.rows).toEqual([
    { id: 2, name: `Alan${star}` },
    { id: 3, name: `Grace${star}` },
  ])
  const changes = await db.live.changes({ query: 'select id, name from people', params: [], key: 'id' })
  expect(changes.fields.map(({ name }) => name)).toEqual(['id', 'name'])
  expect(changes.initialChanges).toHaveLength(3)
  const windowed = await db.live.query({ query: 'select name from people order by id', offset: 1, limit: 1 })
  expect(windowed.initialResults).toMatchObject({ rows: [{ name: `Alan${star}` }], totalCount: 3 })
  const incremental = await db.live.incrementalQuery('select id, cents from people order by id', [], 'id')
  expect(incremental.initialResults.rows).toEqual([
    { id: 1, cents: 1250 },
    { id: 2, cents: 999 },
    { id: 3, cents: -5 },
  ])
  await db.sql`update people set name = ${'Changed'} where id = 3`
  await expect.poll(() => seen.at(-1), PATIENT).toEqual([`Alan${star}`, 'Changed'])
  for (const each of [live, changes, windowed, incremental]) await each.unsubscribe()
  expect(await fixture.bare("select 1 from pg_views where viewname like 'live_query%'")).toEqual([])
})

test('a live query keeps the column that it began to read, which cannot be dropped meanwhile', async () => {
  await using fixture = await openPGlite({ script: BOTH, migrations: PEOPLE })
  const { db, driver, flags, statements } = fixture
  const live = await db.live.query<{ name: string }>('select name from people where id = 1')
  flags.set('name', true)
  await db.sql`update people set name = 'Written' where id = 1`
  const seen: unknown[] = []
  live.subscribe(({ rows }) => seen.push(...rows))
  await live.refresh()
  expect(seen.at(-1)).toEqual({ name: 'Written' })
  const kept = statements.filter(({ command }) => command === 'EXECUTE').at(-1)
  expect(kept).toMatchObject({ outcome: 'kept', reasons: [{ code: 'read-through-view' }] })
  await expect(driver.exec('alter table people drop name')).rejects.toMatchObject({ code: '2BP01' })
  await live.unsubscribe()
  await driver.exec('alter table people drop name')
  const again = await db.live.query('select name from people where id = 1')
  expect(again.initialResults.rows).toEqual([{ name: 'Written' }])
})

test('a live query on a column that is written no more is refused, and never stale', async () => {
  let phase: Phase = 'switch'
  const phases: PhaseSource = { phaseOf: () => phase }
  await using fixture = await openPGlite({ script: BOTH, migrations: PEOPLE, phases })
  const { db } = fixture
  const live = await db.live.query('select name from people where id = 1', [], () => undefined)
  phase = 'contract'
  await expect(live.refresh()).rejects.toMatchObject({ code: 'EC_REFUSED' })
  const again = await db.live.query('select name from people where id = 1')
  expect(again.initialResults.rows).toEqual([{ name: 'Ada*' }])
})
