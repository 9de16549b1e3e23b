import { installControl, openControl, readMigration, recordPhase, reportInstance } from '@expand-contract/control'
import { renameColumn } from '@expand-contract/core'
import {
  controlHandlers,
  executeActions,
  fleetWaits,
  type Replication,
  readAcknowledgement,
  readFacts,
  readReplication,
  rollback,
  runExpand,
  switchReads,
  type WaitAction,
} from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import type { PostgresServer } from '../support/postgres-server.ts'
import { queryServer } from '../support/query-server.ts'
import { type Standby, startStandby } from '../support/standby-postgres.ts'
import { startPostgres } from '../support/start-postgres.ts'

const NAME = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })
const REPLAYED: WaitAction = {
  ...{ kind: 'wait', migration: NAME.id, until: 'replayed', why: 'a test', lock: 'none', tables: [] },
  ...{ transaction: undefined, estimate: { kind: 'open' } },
}
const OPERATOR = { who: 'test' }

describe.each(postgresMajors())('PostgreSQL %i: replicas', (major) => {
  let primary: PostgresServer
  let standby: Standby | undefined
  let client: pg.Client

  beforeAll(async () => {
    await loadParser()
    primary = await startPostgres({ major, settings: { wal_level: 'logical' } })
    if (primary.rung === 'embedded') standby = await startStandby(primary)
    client = new pg.Client({ connectionString: primary.url() })
    // The server goes down with it.
    client.on('error', () => undefined)
    await client.connect()
    // Servers of tests commit asynchronously; what is not on disk is sent to no replica.
    await client.query('set synchronous_commit = on')
    await client.query('create table users (id int primary key, name text)')
    await installControl(client)
  })
  afterAll(async () => {
    await client?.end()
    await standby?.stop()
    await primary?.stop()
  })

  const control = () => openControl(client)
  const replay = (word: 'pause' | 'resume') => queryServer(standby?.url() ?? '', `select pg_wal_replay_${word}()`)
  const streams = () =>
    vi.waitFor(async () => {
      const { replicas } = await readReplication(control())
      expect(replicas).toMatchObject([{ state: 'streaming', replayed: expect.any(Boolean) }])
    }, 60_000)
  const onReplica = async () =>
    (await queryServer(standby?.url() ?? '', 'select id, phase from expand_contract.migrations')).rows

  test('a change waits for a replica whose replay stands still, names it, and goes on when it has caught up', async ({
    skip,
  }) => {
    if (standby === undefined) skip('a replica is made of an embedded server alone')
    await streams()
    await runExpand(client, NAME, { operator: OPERATOR })
    await fleetWaits(control(), { migration: NAME })(REPLAYED)
    expect(await onReplica()).toEqual([{ id: NAME.id, phase: 'expand' }])

    await replay('pause')
    const plan = switchReads.plan(NAME, await readFacts(client, NAME), {})
    const execute = async (waitMs: number, onReplicas?: (seen: Replication) => void) =>
      executeActions(client, plan, {
        operation: 'switch',
        handlers: {
          ...controlHandlers({ migration: NAME, record: await readMigration(control(), NAME.id), operator: OPERATOR }),
          wait: fleetWaits(control(), { migration: NAME, waitMs, ...(onReplicas && { onReplicas }) }),
        },
      })
    await client.query("insert into users values (1, 'Ada')")
    await expect(execute(0)).rejects.toMatchObject({
      code: 'EC_NOT_REPLAYED',
      message: expect.stringMatching(/walreceiver \(127\.0\.0\.1\) \(streaming, \d+ bytes behind\)/u),
    })
    expect((await readMigration(control(), NAME.id))?.phase).toBe('expand')

    let looked = 0
    await execute(120_000, () => {
      looked += 1
      if (looked === 2) void replay('resume')
    })
    expect(looked).toBeGreaterThanOrEqual(2)
    expect((await readMigration(control(), NAME.id))?.phase).toBe('switch')
    expect((await queryServer(standby?.url() ?? '', 'select full_name from users')).rows).toEqual([
      { full_name: 'Ada' },
    ])
  })

  test('before a column goes, every replica has heard of it; a phase that is recorded without synchronous_commit is waited for as well', async ({
    skip,
  }) => {
    if (standby === undefined) skip('a replica is made of an embedded server alone')
    await streams()
    await client.query('set synchronous_commit = off')
    const { epoch = 0, phase = 'off' } = (await readMigration(control(), NAME.id)) ?? {}
    if (phase === 'switch')
      await recordPhase(control(), { ...OPERATOR, migration: NAME.id, operation: 'rollback', from: 'switch', epoch })
    await fleetWaits(control(), { migration: NAME })(REPLAYED)
    const seen: unknown[] = []
    await executeActions(client, rollback.plan(NAME, await readFacts(client, NAME), { phase: 'expand' }), {
      operation: 'rollback',
      handlers: {
        ...controlHandlers({ migration: NAME, record: await readMigration(control(), NAME.id), operator: OPERATOR }),
        async wait(action) {
          if (action.until === 'leases-ended') seen.push(...(await onReplica()))
          else await fleetWaits(control(), { migration: NAME })(action)
        },
      },
    })
    expect(seen).toEqual([{ id: NAME.id, phase: 'off' }])
    await client.query('set synchronous_commit = on')
  })

  test('a role that may not see replicas is told so; without any, there is nothing to see', async ({ skip }) => {
    if (standby === undefined) skip('a replica is made of an embedded server alone')
    await streams()
    await client.query('create role op_fence login')
    const poor = new pg.Client({ connectionString: primary.url().replace('postgres@', 'op_fence@') })
    await poor.connect()
    const wait = () => fleetWaits(openControl(poor), { migration: NAME })(REPLAYED)
    await expect(wait()).rejects.toMatchObject({
      code: 'EC_REPLICAS_HIDDEN',
      hint: expect.stringContaining('pg_read_all_stats'),
    })
    await client.query('grant pg_read_all_stats to op_fence')
    await wait()
    await poor.end()
  })

  test('subscribers are counted and not waited for, and neither is a receiver that replays nothing', async ({
    skip,
  }) => {
    if (standby === undefined) skip('a replica is made of an embedded server alone')
    await streams()
    await client.query('create publication reports')
    await client.query("select pg_create_logical_replication_slot('reports', 'pgoutput')")
    await client.query("select pg_create_physical_replication_slot('far_away')")
    const slot = new pg.Client({ connectionString: primary.url(), replication: 'database' } as pg.ClientConfig)
    slot.on('error', () => undefined)
    await slot.connect()
    // It never answers: what it has confirmed stays where it was.
    const streaming = slot
      .query(`START_REPLICATION SLOT reports LOGICAL 0/0 (proto_version '1', publication_names 'reports')`)
      .catch(() => undefined)
    const active = "select active from pg_replication_slots where slot_name = 'reports'"
    await vi.waitFor(async () => expect((await client.query(active)).rows).toEqual([{ active: true }]), 60_000)
    await client.query("insert into users values (7, 'Grace')")
    await fleetWaits(control(), { migration: NAME, waitMs: 120_000 })(REPLAYED)
    expect(await readReplication(control())).toMatchObject({
      ...{ subscribers: ['reports'], away: ['far_away'], hidden: 0 },
      replicas: [{ name: 'walreceiver (127.0.0.1)' }],
    })
    await client.query("select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = 'reports'")
    await streaming
    await slot.end().catch(() => undefined)
    await vi.waitFor(async () => expect((await client.query(active)).rows).toEqual([{ active: false }]), 60_000)
    await client.query("select pg_drop_replication_slot('reports'); select pg_drop_replication_slot('far_away')")
  })

  test('a replica that loses its connection while it is waited for is not taken for one that has caught up', async ({
    skip,
  }) => {
    if (standby === undefined) skip('a replica is made of an embedded server alone')
    await streams()
    await replay('pause')
    await client.query("insert into users values (8, 'Joan')")
    let looked = 0
    await fleetWaits(control(), {
      ...{ migration: NAME, waitMs: 120_000 },
      async onReplicas() {
        looked += 1
        if (looked === 1) await client.query('select pg_terminate_backend(pid) from pg_stat_replication')
        if (looked === 3) await replay('resume')
      },
    })(REPLAYED)
    expect(looked).toBeGreaterThanOrEqual(3)
    expect((await queryServer(standby?.url() ?? '', 'select name from users where id = 8')).rows).toEqual([
      { name: 'Joan' },
    ])
  })

  test('the longest lease counts, also that of a process that is gone', async () => {
    await reportInstance(control(), {
      ...{ id: 'stopped', application: 'web', appVersion: undefined, libraryVersion: '0', host: undefined },
      ...{ leaseMs: 60_000, everyMs: 1_000, leaving: false, acknowledged: {}, declarations: { [NAME.id]: 'x' } },
      ...{ reads: {}, statements: [] },
    })
    await client.query("update expand_contract.instances set heartbeat_at = now() - interval '1 hour'")
    expect(await readAcknowledgement(control(), NAME.id)).toMatchObject({
      ...{ processes: [], missing: [], longestLeaseMs: 60_000 },
    })
  })
})
