import { databasePhases, joinFleet, openControl, readMigration } from '@expand-contract/control'
import { createRuntime, fixedFlags, renameColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import {
  controlHandlers,
  executeActions,
  fleetWaits,
  planStage,
  runStage,
  type StageName,
  switchReads,
} from '@expand-contract/runner'
import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'

const migration = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'read-full-name' })
const TABLE = `create table users (id int primary key, name text not null default 'nobody', seen int default 0);
  insert into users select g, 'n' || g from generate_series(1, 50) g;`

describe.each(postgresMajors())('PostgreSQL %i', (major) => {
  test('contract, hold, the ways back and the drop beside an application that is never restarted: no statement fails', async () => {
    const db = await ExpandedDatabase.open(major, TABLE)
    const control = openControl(db.client)
    const flags = fixedFlags({ 'read-full-name': true })
    const runtime = await createRuntime({ migrations: [migration], flags, phases: databasePhases() })
    const pool = instrumentedPool(runtime, { connectionString: db.database.url, max: 4 }, { catalogRefreshMs: 100 })
    const reports = await db.connect()
    const fleet = joinFleet(runtime, reports, { application: 'web', everyMs: 100 })
    const errors: unknown[] = []
    let running = true
    let [rounds, nr] = [0, 1_000]
    const work = async (): Promise<void> => {
      for (; running; rounds += 1) {
        const id = ++nr
        await pool.query('insert into users (id, name) values ($1, $2)', [id, `u${id}`])
        const bare = await pool.query(`insert into users values (${-id}, 'u', 7) returning *`)
        if (JSON.stringify(bare.rows) !== JSON.stringify([{ id: -id, name: 'u', seen: 7 }]))
          errors.push(new Error(`returned ${JSON.stringify(bare.rows)}`))
        const { rows } = await pool.query('select * from users where name = $1 and id > 0', [`u${id}`])
        if (JSON.stringify(rows) !== JSON.stringify([{ id, name: `u${id}`, seen: 0 }]))
          errors.push(new Error(`read ${JSON.stringify(rows)}`))
        const client = await pool.connect()
        try {
          await client.query('begin')
          await client.query({
            name: 'touch',
            text: 'update users set seen = seen + 1 where name = $1',
            values: [`u${id}`],
          })
          await client.query('insert into users (id) values ($1) returning name', [id + 1_000_000])
          await client.query('commit')
        } finally {
          client.release()
        }
      }
    }
    const failed = (error: unknown): void => void errors.push(error)
    // A request that began long ago, and goes on.
    const request = runtime.withContext({ userId: '1' }, async () => {
      while (running) await pool.query('select name from users where id = 1')
    })
    const done = Promise.all([work().catch(failed), work().catch(failed), request.catch(failed)])
    const goesOn = async (): Promise<void> => {
      const seen = rounds
      await expect.poll(() => rounds > seen + 2 || errors.length > 0, { timeout: 60_000 }).toBe(true)
    }
    const stage = async (name: StageName): Promise<void> => {
      const record = await readMigration(control, migration.id)
      const actions = await planStage(db.client, { migration, stage: name, record })
      await runStage(db.client, migration, {
        ...{ actions, operation: name, firstPauseMs: 20, lockTimeoutMs: 100, maxTries: 200 },
        handlers: {
          ...controlHandlers({ migration, record, operator: { who: 'test' } }),
          wait: fleetWaits(control, { migration, waitMs: 60_000 }),
        },
      })
      await goesOn()
    }
    try {
      await db.expand(migration, { firstPauseMs: 20, lockTimeoutMs: 100 })
      await db.client.query('update users set seen = seen where full_name is null')
      await executeActions(db.client, switchReads.plan(migration, await db.facts(migration), {}), {
        operation: 'switch',
        handlers: {
          ...controlHandlers({
            migration,
            record: await readMigration(control, migration.id),
            operator: { who: 'test' },
          }),
          wait: fleetWaits(control, { migration, waitMs: 60_000 }),
        },
      })
      await goesOn()
      for (const name of [
        'contract',
        'hold',
        'unhold',
        'hold',
        'rollback',
        'rollback',
        'contract',
        'hold',
        'drop',
      ] as const)
        await stage(name)
      expect((await readMigration(control, migration.id))?.phase).toBe('dropped')
    } finally {
      running = false
      await done
      await fleet.leave()
      await pool.end()
      await runtime.close()
    }
    expect(errors).toEqual([])
    expect(await db.rows('select count(*)::int as n from users where full_name is null')).toEqual([{ n: 0 }])
    await db.close()
  })
})
