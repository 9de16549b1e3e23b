import { randomUUID } from 'node:crypto'
import { renameColumn } from '@expand-contract/core'
import type { StepDatabase, StepName } from '@expand-contract/runner'
import { syncTriggerName } from '@expand-contract/sql'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { type BackfillDatabase, openBackfillDatabase } from './backfill-database.ts'
import { type AnyResult, type Delivery, deliver, meddledWith, openWorker } from './step-workers.ts'

const label = renameColumn({ table: 'items', from: 'name', to: 'label', type: 'text' })

const ITEMS = `
  create table items (id int primary key, name text, touched int not null default 0) partition by hash (id);
  create table items_0 partition of items for values with (modulus 2, remainder 0);
  create table items_1 partition of items for values with (modulus 2, remainder 1);
  insert into items select n, repeat('item ' || n, 8) from generate_series(1, 6000) n;`

/** One delivery of the engine: to one worker or to both at once, of this run or with a token of its own. */
const deliveries: fc.Arbitrary<Plan> = fc.record({
  budgetMs: fc.integer({ min: 1, max: 25 }),
  both: fc.boolean(),
  other: fc.boolean(),
  cursor: fc.constantFrom('last' as const, 'first' as const, 'none' as const),
  steal: fc.boolean(),
})

interface Plan {
  readonly budgetMs: number
  readonly both: boolean
  readonly other: boolean
  readonly cursor: 'last' | 'first' | 'none'
  readonly steal: boolean
}

interface Fleet {
  readonly database: BackfillDatabase
  readonly workers: readonly [StepDatabase, StepDatabase]
}

/** Delivers steps of an operation until it is done, as the plans say, again and again. */
async function runToEnd(
  { database, workers }: Fleet,
  name: StepName,
  plans: readonly Plan[],
): Promise<{ readonly token: string; readonly result: AnyResult }> {
  const token = randomUUID()
  const seen: AnyResult[] = []
  for (let turn = 0; ; turn++) {
    const plan = plans[turn % plans.length]
    if (plan === undefined) throw new Error('no plan')
    const { budgetMs, both, other, cursor, steal } = plan
    // Whoever had a lease is too late with the rest.
    if (steal)
      await database.client.query(
        'update expand_contract.leases set until = now(); update expand_contract.backfill_ranges set lease_until = now()',
      )
    const given = { last: seen.at(-1), first: seen[0], none: undefined }[cursor]?.cursor
    const delivery: Delivery = { name, leaseToken: token, budgetMs, cursor: given }
    const second = other && name === 'backfill' ? { ...delivery, leaseToken: randomUUID() } : delivery
    const results = await Promise.all([
      deliver(label, workers[0], delivery),
      ...(both ? [deliver(label, workers[1], second)] : []),
    ])
    seen.push(...results)
    const result = results.find(({ done }) => done)
    if (result !== undefined) return { token, result }
  }
}

describe.each(postgresMajors())('PostgreSQL %i: steps of an engine', (major) => {
  afterEach(() => vi.restoreAllMocks())
  const open = async (expanded: boolean): Promise<Fleet> => {
    const database = await openBackfillDatabase(major, ITEMS, expanded ? [label] : [])
    return { database, workers: [await openWorker(database, 'a@one'), await openWorker(database, 'b@two')] }
  }
  const out = 'items where label is distinct from name'

  test('a whole migration by two workers, in any order, each step delivered once or twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deliveries, { minLength: 1, maxLength: 12 }), async (plans) => {
        const fleet = await open(false)
        await using database = fleet.database
        const again = async (name: StepName, leaseToken: string): Promise<void> => {
          const redelivered = await deliver(label, fleet.workers[1], { name, leaseToken, budgetMs: 20 })
          expect(redelivered.done).toBe(true)
        }
        const expand = await runToEnd(fleet, 'expand', plans)
        await again('expand', expand.token)
        await database.client.query(`update items set touched = 1 where id % 100 = 0`)

        const backfill = await runToEnd(fleet, 'backfill', plans)
        await again('backfill', backfill.token)
        expect(await database.count(out)).toBe(0)
        expect(backfill.result.cursor.progress).toMatchObject({ rows: 6_000 - 60, failedRows: 0, done: true })

        const trigger = `trigger "${syncTriggerName(label.id)}"`
        await database.client.query(
          `alter table items disable ${trigger}; update items set label = 'x' where id % 500 = 0; alter table items enable always ${trigger}`,
        )
        const found = await runToEnd(fleet, 'verify', plans)
        await again('verify', found.token)
        expect(found.result.cursor).toMatchObject({ rows: 6_000, counts: { differs: 12 }, clean: false, epoch: 1 })

        const repair = await runToEnd(fleet, 'repair', plans)
        await again('repair', repair.token)
        expect(repair.result.cursor).toMatchObject({ rows: 12, failed: 0, epoch: 2 })
        expect(await database.count(out)).toBe(0)

        expect((await runToEnd(fleet, 'verify', plans)).result.cursor).toMatchObject({
          rows: 6_000,
          clean: true,
          epoch: 2,
        })
        expect(await database.count('expand_contract.verifications')).toBe(2)
        expect(await database.count("expand_contract.events where kind = 'phase'")).toBe(2)
        expect(await database.count('expand_contract.leases where until > now()')).toBe(0)
      }),
      { numRuns: 2 },
    )
  })

  test.each(['backfill', 'verify', 'repair'] as const)(
    '%s ends behind the batch in which its budget is over',
    async (name) => {
      const { database, workers } = await open(true)
      await using _ = database
      const real = performance.now.bind(performance)
      let passed = 0
      vi.spyOn(performance, 'now').mockImplementation(() => real() + passed)
      const client = meddledWith(workers[0], 'COMMIT', async () => {
        passed += 3_600_000
      })
      const leaseToken = randomUUID()
      let steps = 0
      for (let result: AnyResult | undefined; result?.done !== true; steps++)
        result = await deliver(label, { ...workers[0], client }, { name, leaseToken, budgetMs: 3_600_000 })
      // Each partition has some 100 blocks: more than a batch of the backfill, and one range of a pass.
      expect(steps).toBeGreaterThanOrEqual(name === 'verify' ? 2 : 6)
    },
  )

  test('a backfill whose range was taken meanwhile is taken back', async () => {
    const { database, workers } = await open(true)
    await using _ = database
    let stolen = false
    const thief = randomUUID()
    const client = meddledWith(workers[0], 'cursor_block = i."cursorBlock"', async () => {
      if (stolen) return
      stolen = true
      await database.client.query(
        "update expand_contract.backfill_ranges set lease_token = $1, lease_until = now() + interval '1 hour'",
        [thief],
      )
    })
    const leaseToken = randomUUID()
    const result = await deliver(label, { ...workers[0], client }, { name: 'backfill', leaseToken, budgetMs: 60_000 })
    expect(result).toMatchObject({ done: false, waiting: { code: 'workers' }, cursor: { progress: { rows: 0 } } })
    expect(await database.count('items where label is not null')).toBe(0)
    expect(await deliver(label, workers[1], { name: 'backfill', leaseToken: thief, budgetMs: 60_000 })).toMatchObject({
      done: true,
      cursor: { progress: { rows: 6_000 } },
    })
  })

  test('a repair whose lease was taken meanwhile is taken back, and is told so', async () => {
    const { database, workers } = await open(true)
    await using _ = database
    const thief = randomUUID()
    const client = meddledWith(workers[0], 'cursor = i.cursor', () =>
      database.client.query('update expand_contract.leases set token = $1', [thief]),
    )
    const repair = (worker: StepDatabase, leaseToken: string) =>
      deliver(label, worker, { name: 'repair', leaseToken, budgetMs: 60_000 })
    const token = randomUUID()
    const lost = { done: false, waiting: { code: 'operator' }, retryAfterMs: 1_000, cursor: { rows: 0 } }
    expect(await repair({ ...workers[0], client }, token)).toMatchObject(lost)
    expect(await repair(workers[0], token)).toMatchObject(lost)
    expect(await database.count('items where label is not null')).toBe(0)
    expect(await repair(workers[1], thief)).toMatchObject({ done: true, cursor: { rows: 6_000 } })
    // What the first one had begun is of an epoch that is over.
    await expect(repair(workers[0], token)).rejects.toMatchObject({ code: 'EC_CONTROL_MOVED' })
  })

  test('an expand whose lease was taken meanwhile is taken back', async () => {
    const { database, workers } = await open(false)
    await using _ = database
    const steal = () => database.client.query('update expand_contract.leases set token = gen_random_uuid()')
    const client = meddledWith(workers[0], 'FOR UPDATE OF l', steal)
    const expand = (worker: StepDatabase, leaseToken: string) =>
      deliver(label, worker, { name: 'expand', leaseToken, budgetMs: 60_000 })
    expect(await expand({ ...workers[0], client }, randomUUID())).toMatchObject({
      ...{ done: false, cursor: { committed: 0 }, waiting: { code: 'operator' } },
    })
    expect(await database.count("pg_attribute where attrelid = 'items'::regclass and attname = 'label'")).toBe(0)
    expect(await database.count('expand_contract.migrations')).toBe(0)
    await database.client.query('update expand_contract.leases set until = now()')
    expect(await expand(workers[1], randomUUID())).toMatchObject({ done: true, cursor: { committed: 1 } })
    expect(await database.count('expand_contract.leases')).toBe(0)
  })

  test('parity is built once, by two workers that hold the step, and waits for the rows to be filled', async () => {
    const { database, workers } = await open(true)
    await using _ = database
    await database.client.query('create index items_name on items (name)')
    const indexes = () => database.count("pg_indexes where tablename = 'items_0' and indexdef like '%label%'")
    const parity = (worker: StepDatabase, leaseToken: string) =>
      deliver(label, worker, { name: 'parity', leaseToken, budgetMs: 60_000 })
    // Before that there is nothing to do that would not be done again.
    expect(await parity(workers[0], randomUUID())).toMatchObject({ done: true })
    expect(await indexes()).toBe(0)
    await deliver(label, workers[0], { name: 'backfill', leaseToken: randomUUID(), budgetMs: 60_000 })
    const leaseToken = randomUUID()
    for (let done = false; !done; ) {
      const results = await Promise.all(workers.map((worker) => parity(worker, leaseToken)))
      done = results.every((result) => result.done)
    }
    expect(await indexes()).toBe(1)
    expect(await database.count('pg_index where not indisvalid')).toBe(0)
    expect(await parity(workers[1], leaseToken)).toMatchObject({ done: true, cursor: { committed: 0 } })
    expect(await database.count('expand_contract.leases where until > now()')).toBe(0)
  })

  test('a table that is not free ends the step, which says so and may come again', async () => {
    const { database, workers } = await open(false)
    await using _ = database
    const holder = await database.connect()
    await holder.query('begin; select from items')
    const leaseToken = randomUUID()
    const expand = (budgetMs: number) =>
      deliver(
        label,
        { ...workers[0], locks: { lockTimeoutMs: 20, firstPauseMs: 10 } },
        { name: 'expand', leaseToken, budgetMs },
      )
    expect(await expand(1)).toMatchObject({
      ...{ done: false, retryAfterMs: 1_000, waiting: { code: 'lock', detail: expect.stringContaining('items') } },
    })
    await holder.query('commit')
    expect(await expand(60_000)).toMatchObject({ done: true })
  })

  test('a paused backfill does nothing until it is resumed, and says who wants it so', async () => {
    const { database, workers } = await open(true)
    await using _ = database
    const leaseToken = randomUUID()
    await deliver(label, workers[0], { name: 'backfill', leaseToken, budgetMs: 0 })
    await database.client.query(
      "update expand_contract.backfills set paused = true, paused_by = 'dana', reason = 'month end'",
    )
    const paused = await deliver(label, workers[0], { name: 'backfill', leaseToken, budgetMs: 1 })
    expect(paused).toMatchObject({ done: false, waiting: { code: 'paused', detail: 'month end' }, retryAfterMs: 1_000 })
    expect(await database.count('items where label is not null')).toBe(0)
    await database.client.query('update expand_contract.backfills set paused = false, paused_by = null')
    expect((await deliver(label, workers[0], { name: 'backfill', leaseToken, budgetMs: 60_000 })).done).toBe(true)
  })

  test('a pass begins again where a table was rewritten, so that no row hides in a block that was seen', async () => {
    const { database, workers } = await open(true)
    await using _ = database
    await database.client.query('delete from items where id <= 3000')
    const leaseToken = randomUUID()
    let rewritten = false
    const client = meddledWith(workers[0], 'cursor = i.cursor', async () => {
      if (rewritten) return
      rewritten = true
      await database.client.query('vacuum full items')
    })
    const result = await deliver(label, { ...workers[0], client }, { name: 'verify', leaseToken, budgetMs: 60_000 })
    expect(result).toMatchObject({ done: true, cursor: { rows: 3_000, counts: { new_missing: 3_000 } } })
  })

  test('no session holds an advisory lock, and a step leaves no setting behind', async () => {
    const { database, workers } = await open(true)
    await using _ = database
    const settings = async (): Promise<unknown> =>
      (await workers[0].client.query("select name, setting from pg_settings where source = 'session' order by 1")).rows
    const before = await settings()
    let locks = 0
    const client = meddledWith(workers[0], 'COMMIT', async () => {
      locks += await database.count(
        "pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
      )
    })
    for (const name of ['expand', 'backfill', 'repair', 'verify'] as const)
      expect(
        (await deliver(label, { ...workers[0], client }, { name, leaseToken: randomUUID(), budgetMs: 60_000 })).done,
      ).toBe(true)
    expect(locks).toBe(0)
    expect(await settings()).toEqual(before)
  })
})
