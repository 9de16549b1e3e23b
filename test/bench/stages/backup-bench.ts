import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { planRestore, restore, takeBackup } from '@expand-contract/runner'
import type pg from 'pg'
import { from, to } from 'pg-copy-streams'
import { backupCopy } from '../../../packages/cli/src/backup/backup-copy.ts'
import { backupFiles } from '../../../packages/cli/src/backup/backup-files.ts'
import { fill } from './backfill-bench.ts'
import { measure, perEach, Rounds, type StageFigure } from './measure.ts'
import { FULL_NAME, type StageDatabase } from './stage-database.ts'
import { OPERATOR, runStep, runSwitch } from './stage-steps.ts'

const nowhere = (): Writable =>
  new Writable({
    write(_part, _encoding, done) {
      done()
    },
  })

const copyOut = (client: pg.Client): Promise<void> =>
  pipeline(client.query(to('copy (select id, name from items) to stdout')), nowhere())

/** A plain COPY of the same columns into a table, with the primary key that a scratch table has as well. */
async function copyIn(client: pg.Client, beside: pg.Client): Promise<void> {
  await client.query('create table copied (id int primary key, name text)')
  await pipeline(
    beside.query(to('copy (select id, full_name from items) to stdout')),
    new PassThrough(),
    client.query(from('copy copied from stdin')),
  )
}

/** Key and old column to a file, restored into a scratch table and compared; and behind the drop every row back; each against a plain COPY. */
export async function benchBackup(database: StageDatabase, rounds: number): Promise<readonly StageFigure[]> {
  const all = new Rounds<'plain COPY out' | 'backup' | 'plain COPY in' | 'restore'>()
  const folder = await mkdtemp(join(tmpdir(), 'ec-bench-'))
  try {
    for (let round = 0; round < rounds; round++) {
      await using copy = await database.copy()
      const { client } = copy
      await fill(client, 'fast')
      await runSwitch(client)
      await runStep(client, 'contract')
      await client.query('vacuum (freeze, analyze) items')
      const path = join(folder, `${round}.zst`)
      const common = { client, copy: backupCopy(client), files: backupFiles, operator: OPERATOR, path }
      const out = await measure(client, () => copyOut(client))
      const backup = await measure(client, () => takeBackup({ ...common, migration: FULL_NAME }))
      await runStep(client, 'hold')
      await runStep(client, 'drop')
      const beside = await copy.connect()
      const into = await measure(client, () => copyIn(client, beside))
      const restored = await measure(client, async () => {
        const plan = await planRestore({ ...common, migration: FULL_NAME })
        await restore({ ...common, plan })
      })
      await beside.end()
      const each = (took: typeof out) => perEach(took, database.rows)
      all.add({
        ...{ 'plain COPY out': each(out), backup: each(backup) },
        ...{ 'plain COPY in': each(into), restore: each(restored) },
      })
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return [
    ...(['plain COPY out', 'backup', 'plain COPY in', 'restore'] as const).map((name) => all.time(name, 'us/row')),
    all.cost('backup', 'plain COPY out'),
    all.cost('restore', 'plain COPY in'),
  ]
}
