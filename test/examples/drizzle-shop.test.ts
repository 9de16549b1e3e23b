import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { queryServer } from '../support/query-server.ts'
import { startUnleash, type UnleashServer } from '../support/unleash.ts'
import { patch, type ReadSwitch, type RunningShop, readmeDiffs, type ShopEnvironment, ShopStage } from './shop-stage.ts'

const FLAGS = ['customers-full-name', 'orders-total-cents']
const CATALOG_LEASE_MS = 1_100

let database: TestDatabase
let flags: TestDatabase
let unleash: UnleashServer
const stages: ShopStage[] = []
const shops: RunningShop[] = []

beforeAll(async () => {
  database = await createDatabase(newestMajor())
  flags = await createDatabase(newestMajor())
  unleash = await startUnleash({ databaseUrl: flags.url })
  for (const flag of FLAGS) {
    await unleash.createFlag(flag)
    await unleash.setStrategies(flag, [{ name: 'default' }])
  }
})

afterAll(async () => {
  for (const shop of shops) await shop.stop()
  for (const stage of stages) stage.remove()
  await unleash.stop()
  await database.drop()
  await flags.drop()
})

/** The example as it is in a stage. */
function stage(schema?: (text: string) => string): ShopStage {
  const env: ShopEnvironment = {
    DATABASE_URL: database.url,
    UNLEASH_URL: unleash.url,
    UNLEASH_TOKEN: unleash.clientToken,
  }
  const copy = new ShopStage(env, schema)
  stages.push(copy)
  return copy
}

async function start(copy: ShopStage, readSwitch?: ReadSwitch): Promise<RunningShop> {
  const shop = await copy.start(readSwitch)
  shops.push(shop)
  return shop
}

const rows = async (sql: string): Promise<readonly unknown[]> => (await queryServer(database.url, sql)).rows

const PARTED = `select 'customers' as in_table, id from customers where full_name is distinct from name
  union all select 'orders', id from orders where total_cents is distinct from cents`

const COLUMNS = `select distinct attname::text as name from pg_attribute
  where attrelid in ('customers'::regclass, 'orders'::regclass) and attnum > 0 and not attisdropped order by name`

async function nameOf(shop: RunningShop, id: number): Promise<string> {
  const response = await fetch(`${shop.url}/customers/${id}`, { headers: { 'x-user-id': '42' } })
  return ((await response.json()) as { name: string }).name
}

test('the shop goes through every stage, and its own tests pass in each', { timeout: 600_000 }, async () => {
  const [begin = '', end = ''] = readmeDiffs()

  const before = stage((schema) => patch(schema, begin, 'revert'))
  before.keepMigrations(1)
  await before.migrate()
  await before.test(await start(before))

  // Stage 1: the code first, then the columns. It writes both from then on, without a restart.
  const migrating = stage()
  const shop = await start(migrating)
  await migrating.test(shop)
  expect(await migrating.generate()).toContain('No schema changes')
  await migrating.migrate()
  await sleep(CATALOG_LEASE_MS)
  const [earlier] = await rows('select max(id) as id, count(*)::int as n from customers')
  const { id: newest = 0, n = 0 } = earlier as { id?: number; n?: number }
  await migrating.test(shop)
  expect(await rows(`select 1 from customers where id > ${newest} and full_name is distinct from name`)).toEqual([])

  // Stage 2.
  expect((await rows(PARTED)).length).toBeGreaterThanOrEqual(n)
  await migrating.backfill()
  expect(await rows(PARTED)).toEqual([])

  // Stage 3: what only the new column has is seen when the switch is open and the flag is on.
  const [{ id } = { id: 0 }] = (await rows('select min(id) as id from customers')) as { id: number }[]
  await rows(`update customers set full_name = 'Read from the new column' where id = ${id}`)
  const switched = await start(migrating, 'open')
  expect(await nameOf(switched, id)).not.toBe('Read from the new column')
  for (const flag of FLAGS) await unleash.enable(flag)
  await expect.poll(() => nameOf(switched, id), { timeout: 60_000 }).toBe('Read from the new column')
  expect(await nameOf(shop, id)).not.toBe('Read from the new column')
  await rows(`update customers set full_name = name where id = ${id}`)
  await migrating.test(switched)
  expect(await rows(PARTED)).toEqual([])

  // Stage 4: the old columns go under the running code, which is then replaced.
  const after = stage((schema) => patch(schema, end, 'apply'))
  expect(await after.generate()).toContain('migrations/0002_next.sql')
  await after.migrate()
  await migrating.test(switched)
  await after.test(await start(after))
  expect(await rows(COLUMNS)).toEqual(
    ['customer_id', 'email', 'full_name', 'id', 'since', 'total_cents'].map((name) => ({ name })),
  )
  expect(await rows('select 1 from customers where full_name is null')).toEqual([])
})
