import { renameColumn } from '@expand-contract/core'
import type { RunnerEvent } from '@expand-contract/runner'
import pg from 'pg'
import { describe, expect, test, vi } from 'vitest'
import { backupCopy } from '../../packages/cli/src/backup/backup-copy.ts'
import { postgresMajors } from '../support/postgres.ts'
import { BackupLife } from './backup-life.ts'

const title = renameColumn({ table: 'things', from: 'label', to: 'title', type: 'text' })

/** The first row has an old value of its own, so that the trigger asks the backup for the second one alone, behind the wait. */
const WAITING = `insert into things (id, label, title)
  select n, case n when 901 then 'own' end, case n when 901 then 'own' else (select 'late' from pg_advisory_xact_lock(7)) end
  from (values (901), (902)) v (n)`

describe.each(postgresMajors())('PostgreSQL %i: the end of a restore', (major) => {
  test('waits for a statement that is still in the trigger function of the restore', async () => {
    await using life = await BackupLife.open(
      major,
      "create table things (id int primary key, part int not null default 0, label text); insert into things select n, 0, 'thing ' || n from generate_series(1, 100) n",
    )
    await life.switched(title)
    await life.stage(title, 'contract')
    const { path } = await life.backup(title)
    await life.stage(title, 'hold', 'drop')

    // The column is back, and nothing is filled yet.
    const stopped = new AbortController()
    const client = {
      query: (text: string, values?: unknown[]) => {
        if (text.includes('WITH filled AS')) stopped.abort()
        return life.client.query(text, values)
      },
    }
    const copy = backupCopy(life.client)
    expect(await life.restore(title, path, { client, copy, signal: stopped.signal })).toBeUndefined()

    const [holder, writer] = [1, 2].map(() => new pg.Client({ connectionString: life.db.database.url }))
    if (holder === undefined || writer === undefined) throw new RangeError('two connections')
    await Promise.all([holder.connect(), writer.connect()])
    await holder.query('select pg_advisory_lock(7)')
    const written = writer.query(WAITING).then(
      () => 'written',
      (error: Error) => error.message,
    )
    const blocked = "select from pg_stat_activity where datname = current_database() and wait_event = 'advisory'"
    await vi.waitUntil(async () => (await holder.query(blocked)).rows.length === 1, { timeout: 60_000, interval: 20 })

    const waits = Promise.withResolvers<string>()
    const onEvent = ({ type }: RunnerEvent): void => void (type === 'waiting' && waits.resolve('it waits'))
    const restored = life.restore(title, path, { onEvent })
    expect(await Promise.race([waits.promise, restored])).toBe('it waits')
    await holder.query('select pg_advisory_unlock(7)')
    expect(await written).toBe('written')
    expect(await restored).toMatchObject({ failed: 0 })
    expect(await life.rows('select id, label, title from things where id > 900 order by id')).toEqual([
      { id: 901, label: 'own', title: 'own' },
      { id: 902, label: 'late', title: 'late' },
    ])
    expect(await life.rows('select from things where label is distinct from title')).toEqual([])
    await Promise.all([holder.end(), writer.end()])
  })
})
