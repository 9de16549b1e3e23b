import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Migration, renameColumn } from '@expand-contract/core'
import type { RunnerClient, StepName } from '@expand-contract/runner'
import { expect, test } from 'vitest'
import { openBackfillDatabase } from '../runner/backfill-database.ts'
import { newestMajor } from '../support/postgres.ts'

interface Example {
  work(
    client: RunnerClient,
    migration: Migration,
    job: { readonly operation: StepName; readonly leaseToken: string },
  ): Promise<void>
}

test('the worker of docs/engines.md does a whole migration, with two of them on every job', async () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/engines.md'), 'utf8')
  const [, code = ''] = /```ts\n([^`]*(?:`[^`]+`[^`]*)*?)```/u.exec(text) ?? []
  const file = join(import.meta.dirname, `.engine-${process.pid}.ts`)
  await writeFile(file, code)
  try {
    const { work } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Example
    const label = renameColumn({ table: 'items', from: 'name', to: 'label', type: 'text' })
    await using database = await openBackfillDatabase(
      newestMajor(),
      "create table items (id int primary key, name text); insert into items select n, 'item ' || n from generate_series(1, 3000) n;",
      [],
    )
    const workers = [await database.connect(), await database.connect()]
    for (const operation of ['expand', 'backfill', 'verify', 'repair'] as const) {
      const job = { operation, leaseToken: randomUUID() }
      await Promise.all(workers.map((client) => work(client, label, job)))
    }
    expect(await database.count('items where label is distinct from name')).toBe(0)
    expect(await database.count('expand_contract.verifications where clean')).toBe(1)
  } finally {
    await rm(file, { force: true })
  }
})
