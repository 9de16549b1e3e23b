import {
  beginMigration,
  databasePhases,
  installControl,
  joinFleet,
  openControl,
  readFleet,
  recordPhase,
} from '@expand-contract/control'
import { createRuntime, renameColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { queryServer, runScript } from '../support/query-server.ts'
import { startStandby } from '../support/standby-postgres.ts'
import { startPostgres } from '../support/start-postgres.ts'

const NAME = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'read-new' })
const WHO = { who: 'dana' }
const READ = 'select name from users where id = 1'

test.for(postgresMajors())(
  'PostgreSQL %i: a replica answers with the phase that it has replayed',
  async (major, { skip }) => {
    const primary = await startPostgres({ major })
    if (primary.rung !== 'embedded') {
      await primary.stop()
      skip('a replica is made of an embedded server alone')
    }
    const standby = await startStandby(primary)
    const own = new pg.Pool({ connectionString: primary.url(), max: 1 })
    const runtime = await createRuntime({
      migrations: [NAME],
      flags: { isEnabled: () => true },
      phases: databasePhases(),
    })
    const [writes, reads] = [primary.url(), standby.url()].map((url) =>
      instrumentedPool(runtime, { connectionString: url, max: 1 }, { catalogRefreshMs: 0 }),
    )
    onTestFinished(async () => {
      await Promise.all([own.end(), writes?.end(), reads?.end()])
      await runtime.close()
      // A pool has ended before its connections have, and a server that goes down says so to these.
      const others = "select from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
      for (const url of [primary.url(), standby.url()])
        await vi.waitFor(async () => expect((await queryServer(url, others)).rows).toEqual([]), 60_000)
      await standby.stop()
      await primary.stop()
    })
    if (writes === undefined || reads === undefined) throw new Error('there are two pools')
    const names = async () =>
      [(await writes.query(READ)).rows, (await reads.query(READ)).rows].map(([row]) => row?.name)
    const replayed = async () => {
      const { rows } = await queryServer(primary.url(), 'select pg_current_wal_insert_lsn()::text as lsn')
      const caughtUp = `select pg_last_wal_replay_lsn() >= '${rows[0].lsn}' as done`
      await vi.waitFor(
        async () => expect((await queryServer(standby.url(), caughtUp)).rows).toEqual([{ done: true }]),
        60_000,
      )
    }

    await runScript(
      primary.url(),
      "create table users (id int primary key, name text, full_name text); insert into users values (1, 'old', null)",
    )
    await installControl(own)
    const control = openControl(own)
    await beginMigration(control, { migration: NAME, oldPositions: {}, ...WHO })
    await replayed()
    expect(await names()).toEqual(['old', 'old'])
    const member = joinFleet(runtime, own, { application: 'web', everyMs: 3_600_000 })
    await member.report()
    await member.report()
    expect((await readFleet(control))[0]?.acknowledged).toEqual({ [NAME.id]: 1 })

    await queryServer(standby.url(), 'select pg_wal_replay_pause()')
    await queryServer(primary.url(), "update users set full_name = 'new'")
    await recordPhase(control, { migration: NAME.id, operation: 'switch', from: 'expand', epoch: 1, ...WHO })
    // The new column is filled on the primary, and not yet where the replay stands still.
    expect(await names()).toEqual(['new', 'old'])
    await queryServer(standby.url(), 'select pg_wal_replay_resume()')
    await replayed()
    expect(await names()).toEqual(['new', 'new'])
    await member.leave()
  },
)
