import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { renameColumn } from '@expand-contract/core'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { expect, test, vi } from 'vitest'
import { newestMajor } from '../support/postgres.ts'
import { openBackfillDatabase } from './backfill-database.ts'
import { startMigration, workOn } from './pg-boss-worker.ts'

const label = renameColumn({ table: 'items', from: 'name', to: 'label', type: 'text' })

const ITEMS = `
  create table items (id int primary key, name text);
  create index items_name on items (name);
  insert into items select n, repeat('item ' || n, 20) from generate_series(1, 8000) n;`

test('pg-boss takes a migration to `switch`: by jobs that are tried again, by two workers, behind one that was killed', async () => {
  await using database = await openBackfillDatabase(newestMajor(), ITEMS, [])
  const { url: connectionString } = database
  // A job that nobody ends is looked for each second, instead of each minute.
  const often = { superviseIntervalSeconds: 1, monitorIntervalSeconds: 1, maintenanceIntervalSeconds: 1 }
  const open = async () => {
    const boss = new PgBoss({ connectionString, schema: 'boss', ...often })
    const failed: unknown[] = []
    boss.on('error', (error) => void failed.push(error))
    await boss.start()
    const pool = new pg.Pool({ connectionString, max: 1 })
    return {
      ...{ boss, pool, failed },
      async [Symbol.asyncDispose]() {
        await boss.stop({ graceful: true, close: true })
        await pool.end()
      },
    }
  }
  await using first = await open()
  await startMigration(first.boss, label.id)

  const child = spawn(
    process.execPath,
    ['--conditions=@expand-contract/source', join(import.meta.dirname, 'pg-boss-process.ts')],
    { env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', DATABASE_URL: connectionString }, stdio: 'inherit' },
  )
  expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
  // Time passes, and its job expires. None of the others may, however slow the machine is.
  await database.client.query("update boss.job set started_on = started_on - interval '1 hour' where state = 'active'")
  const filled = await database.count('items where label is not null')
  expect(filled).toBeGreaterThan(0)
  expect(filled).toBeLessThan(8_000)

  await using second = await open()
  const options = { migrations: [label], budgetMs: 300 }
  await Promise.all([first, second].map(({ boss, pool }) => workOn(boss, pool, options)))
  // The application writes on meanwhile.
  await database.client.query("update items set name = 'written' where id % 100 = 0")
  const phase = async (): Promise<unknown> =>
    (await database.client.query('select phase from expand_contract.migrations')).rows[0]?.phase
  await vi.waitFor(async () => expect(await phase()).toBe('switch'), { timeout: 120_000, interval: 100 })

  expect(await database.count('items where label is distinct from name')).toBe(0)
  expect(await database.count('expand_contract.verifications where clean')).toBe(1)
  expect(await database.count("pg_indexes where tablename = 'items'")).toBe(3)
  expect(await database.count('expand_contract.leases where until > now()')).toBe(0)
  const { rows } = await database.client.query(
    "select data ->> 'operation' as operation, max(retry_count) > 0 as again from boss.job where data ? 'operation' group by 1",
  )
  expect(rows).toContainEqual({ operation: 'backfill', again: true })
  expect([...first.failed, ...second.failed]).toEqual([])
})

test('docs/engines.md shows that worker', () => {
  const code = readFileSync(join(import.meta.dirname, 'pg-boss-worker.ts'), 'utf8')
  expect(readFileSync(join(import.meta.dirname, '../../docs/engines.md'), 'utf8')).toContain(
    `\`\`\`ts\n${code}\`\`\`\n`,
  )
})
