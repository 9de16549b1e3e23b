import {
  acquireLease,
  appendEvent,
  beginMigration,
  checkControl,
  controlGrants,
  forgetStatements,
  installControl,
  openControl,
  pruneFleet,
  readEvents,
  readFleet,
  readInventory,
  readLatencies,
  readMigrations,
  recordPhase,
  recordVerification,
  releaseLease,
  reportInstance,
  setBackfill,
} from '@expand-contract/control'
import { renameColumn } from '@expand-contract/core'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'

const SCHEMA = 'Ours "here"'
const WHO = { who: 'dana' }
const REPORT = {
  id: 'web-1',
  application: 'web',
  appVersion: '1',
  libraryVersion: '0.0.0',
  host: 'h',
  leaseMs: 1_000,
  everyMs: 5_000,
  leaving: false,
  acknowledged: {},
  declarations: {},
  reads: {},
  statements: [],
}

describe.each(postgresMajors())('PostgreSQL %i: privileges', (major) => {
  const roles = {
    application: `ec app ${process.pid}`,
    other: `ec_other_${process.pid}`,
    operator: `ec "op" ${process.pid}`,
  }
  const quoted = (role: string): string => pg.escapeIdentifier(role)
  let database: TestDatabase
  let owner: pg.Client
  const clients: pg.Client[] = []

  const loggedIn = async (role: string) => {
    const url = new URL(database.url)
    url.username = role
    url.password = 'secret'
    const client = new pg.Client({ connectionString: url.href })
    await client.connect()
    clients.push(client)
    return openControl(client, { schema: SCHEMA })
  }
  const denied = expect.objectContaining({
    code: 'EC_CONTROL_PRIVILEGE',
    hint: expect.stringContaining('controlGrants'),
  })

  beforeAll(async () => {
    database = await createDatabase(major)
    owner = new pg.Client({ connectionString: database.url })
    await owner.connect()
    clients.push(owner)
    for (const role of Object.values(roles)) await owner.query(`create role ${quoted(role)} login password 'secret'`)
    await installControl(owner, { schema: SCHEMA })
    await owner.query(controlGrants({ schema: SCHEMA, application: roles.application, operator: roles.operator }))
    await owner.query(controlGrants({ schema: SCHEMA, application: roles.other }))
    await beginMigration(openControl(owner, { schema: SCHEMA }), {
      migration: renameColumn({ table: 'users', from: 'name', to: 'full_name' }),
      oldPositions: {},
      ...WHO,
    })
  })
  afterAll(async () => {
    for (const role of Object.values(roles))
      await owner.query(`drop owned by ${quoted(role)}; drop role ${quoted(role)}`)
    await Promise.all(clients.map((client) => client.end()))
    await database?.drop()
  })

  test('the application reads phases, and changes none', async () => {
    const control = await loggedIn(roles.application)
    await checkControl(control)
    expect(await readMigrations(control)).toHaveLength(1)
    const move = { migration: 'users.full_name', operation: 'switch', from: 'expand', epoch: 1, ...WHO } as const
    await expect(recordPhase(control, move)).rejects.toEqual(denied)
    await expect(appendEvent(control, { kind: 'mine', ...WHO })).rejects.toEqual(denied)
    await expect(readEvents(control)).rejects.toEqual(denied)
    await expect(readFleet(control)).rejects.toEqual(denied)
    await expect(readLatencies(control, { migration: 'users.full_name' })).rejects.toEqual(denied)
    await expect(acquireLease(control, { migration: 'm', operation: 'o', ...WHO })).rejects.toEqual(denied)
    for (const statement of [
      "update migrations set phase = 'contract'",
      'delete from migrations',
      "insert into instances (id, application, library_version, role, lease_ms, every_ms) values ('x', 'x', 'x', 'x', 1, 1)",
      'delete from statements',
      "insert into latencies values ('m', 'off', 'old', 'read', 0, now(), now(), now(), 1, '{1}')",
      'delete from latencies',
      'drop function report(jsonb)',
    ]) {
      await control.client.query(`set search_path = ${quoted(SCHEMA)}`)
      await expect(control.client.query(statement), statement).rejects.toMatchObject({ code: '42501' })
    }
  })

  test('the application writes its own row and inventory by the function, and no row of another role', async () => {
    const control = await loggedIn(roles.application)
    const latency = {
      migration: 'users.full_name',
      phase: 'expand',
      side: 'old',
      kind: 'read',
      counts: [0, 1],
    } as const
    const report = { ...REPORT, latencies: [latency], latencyMs: 5_000 }
    expect(await reportInstance(control, report)).toMatchObject({ accepted: true, epochs: { 'users.full_name': 1 } })
    const other = await loggedIn(roles.other)
    expect(await reportInstance(other, { ...report, application: 'forged' })).toMatchObject({
      accepted: false,
      recorded: 0,
    })
    expect(await readFleet(openControl(owner, { schema: SCHEMA }))).toEqual([
      expect.objectContaining({ application: 'web', role: roles.application, live: true }),
    ])
    expect(await readLatencies(openControl(owner, { schema: SCHEMA }), { migration: 'users.full_name' })).toMatchObject(
      [{ count: 1 }],
    )
  })

  test('the operator does its work, and rewrites no history', async () => {
    const control = await loggedIn(roles.operator)
    const migration = renameColumn({ table: 'users', from: 'nick', to: 'alias' })
    await beginMigration(control, { migration, oldPositions: {}, ...WHO })
    await recordPhase(control, { migration: migration.id, operation: 'switch', from: 'expand', epoch: 1, ...WHO })
    await setBackfill(control, { migration: migration.id, paused: true, pausedBy: 'dana' })
    const pass = { epoch: 2, startedAt: new Date(), rows: 0, counts: {}, samples: {}, triggers: {}, clean: true }
    await recordVerification(control, { migration: migration.id, ...pass, ...WHO })
    const { token = '' } = await acquireLease(control, { migration: migration.id, operation: 'switch', ...WHO })
    await releaseLease(control, { migration: migration.id, token })
    await pruneFleet(control, { olderThanMs: 86_400_000 })
    await forgetStatements(control, { migration: migration.id })
    expect(await readInventory(control)).toEqual([])
    expect(await readLatencies(control, { migration: 'users.full_name' })).toHaveLength(1)
    expect(await readEvents(control, { migration: migration.id })).toHaveLength(2)
    await control.client.query(`set search_path = ${quoted(SCHEMA)}`)
    await control.client.query('select sum_counts(counts) from latencies; delete from latencies')
    for (const statement of [
      'update events set who = null',
      'delete from events',
      'delete from verifications',
      'delete from migrations',
      'truncate events',
    ])
      await expect(control.client.query(statement), statement).rejects.toMatchObject({ code: '42501' })
  })

  test('a role without any of it is told what to run', async () => {
    await owner.query(`create role ec_nobody_${process.pid} login password 'secret'`)
    const control = await loggedIn(`ec_nobody_${process.pid}`)
    await expect(readMigrations(control)).rejects.toEqual(denied)
    await expect(reportInstance(control, REPORT)).rejects.toEqual(denied)
    await expect(installControl(control.client, { schema: SCHEMA })).rejects.toEqual(denied)
    await owner.query(`drop role ec_nobody_${process.pid}`)
  })
})
