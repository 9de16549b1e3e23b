import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { queryServer } from '../support/query-server.ts'
import { startUnleash, type UnleashServer } from '../support/unleash.ts'

const FLAG = 'users-read-full-name'
const folder = join(import.meta.dirname, '../../examples/quick-start')

let database: TestDatabase
let flags: TestDatabase
let unleash: UnleashServer

beforeAll(async () => {
  const sql = 'create table users (id int generated always as identity primary key, name text not null)'
  database = await createDatabase(newestMajor(), { sql })
  flags = await createDatabase(newestMajor())
  unleash = await startUnleash({ databaseUrl: flags.url })
  await unleash.createFlag(FLAG)
  await unleash.setStrategies(FLAG, [{ name: 'default' }])
})

afterAll(async () => {
  await unleash.stop()
  await database.drop()
  await flags.drop()
})

/** Runs the example as a user would, as a process of its own; returns what it prints. */
async function quickStart(more: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@expand-contract/source', join(folder, 'quick-start.ts')],
    {
      cwd: dirname(folder),
      env: {
        ...process.env,
        ...{ DATABASE_URL: database.url, UNLEASH_URL: unleash.url, UNLEASH_TOKEN: unleash.clientToken },
        ...more,
      },
    },
  )
  return stdout
}

test('the quick start runs before the column exists, with the flag off, with it on too early, and with the switch open', {
  timeout: 180_000,
}, async () => {
  expect(await quickStart()).toBe("[ { id: 1, name: 'Ada Lovelace' } ]\n")

  await queryServer(database.url, 'alter table users add column full_name text')
  expect(await quickStart()).toBe("[ { id: 1, name: 'Ada Lovelace' }, { id: 2, name: 'Ada Lovelace' } ]\n")
  const written = await queryServer(database.url, 'select name, full_name from users order by id')
  expect(written.rows).toEqual([
    { name: 'Ada Lovelace', full_name: null },
    { name: 'Ada Lovelace', full_name: 'Ada Lovelace' },
  ])

  // Row 1 was not backfilled, so a read of the new column does not find it: the proof of which column is read.
  await unleash.enable(FLAG)
  await expect
    .poll(() => quickStart({ READ_SWITCH: 'open' }), { timeout: 60_000 })
    .toMatch(/^\[\s*\{ id: 2, name: 'Ada Lovelace' \},\s*\{ id: 3, name: 'Ada Lovelace' \}.*\]\n$/s)
  expect(await quickStart()).toMatch(/^\[\s*\{ id: 1, name: 'Ada Lovelace' \}.*\]\n$/s)
})
