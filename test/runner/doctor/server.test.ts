import { type DoctorOptions, doctor } from '@expand-contract/runner'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SERVER_HAZARDS } from '../../../packages/runner/src/doctor/hazards/server-hazards.ts'
import { pgbouncerProgram, startPgBouncer } from '../../support/pgbouncer.ts'
import { createDatabase, newestMajor, postgresMajors } from '../../support/postgres.ts'
import { startStandby } from '../../support/standby-postgres.ts'
import { startPostgres } from '../../support/start-postgres.ts'
import { findings, RENAME, USERS } from './fixture.ts'

const program = pgbouncerProgram()
if (program === undefined) console.log('PgBouncer is not installed, so nothing was tried through it.')

const POLL = { timeout: 60_000 }

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

const processOf = (client: pg.Client): { readonly backendPid: number } => ({
  backendPid: Number(Reflect.get(client, 'processID')),
})

test('D01 is found in facts of a server that is too old', () => {
  const hazard = SERVER_HAZARDS.find(({ code }) => code === 'D01')
  const facts = { version: 130_011 } as Parameters<NonNullable<typeof hazard>['find']>[0]
  expect(hazard?.find(facts)).toMatchObject([{ what: 'PostgreSQL 13 is older than 14' }])
  expect(hazard?.find({ ...facts, version: 140_000 })).toEqual([])
})

test.skipIf(program === undefined)(
  'D04: PgBouncer in transaction mode is seen, and a direct connection is none',
  async () => {
    const database = await createDatabase(newestMajor(), { sql: USERS })
    const bouncer = await startPgBouncer(program ?? '', database.url)
    onTestFinished(async () => {
      await bouncer.stop()
      await database.drop()
    })
    const through = async (url: string) => {
      const client = await connected(url)
      return findings(client, RENAME, { ...processOf(client), connect: () => connected(url) }, 'D04')
    }
    expect(await through(bouncer.url)).toMatchObject([
      { what: expect.stringContaining('transaction or statement mode') },
    ])
    expect(await through(database.url)).toEqual([])
  },
)

describe.each(postgresMajors())('PostgreSQL %i: a server of its own', (major) => {
  test('D02, D08, D09, D12, D50: a standby that stands still, a slot, a prepared transaction, a subscription', async ({
    skip,
  }) => {
    const settings = { max_prepared_transactions: '2' }
    const primary = await startPostgres({ major, settings })
    if (primary.rung !== 'embedded') {
      await primary.stop()
      skip('a replica is made of an embedded server alone')
    }
    onTestFinished(() => primary.stop())
    const client = new pg.Client({ connectionString: primary.url() })
    await client.connect()
    await client.query(USERS)
    const standby = await startStandby(primary, settings)
    const replica = new pg.Client({ connectionString: standby.url() })
    await replica.connect()
    const found = (code: string, options: DoctorOptions = {}, by = client) => findings(by, RENAME, options, code)
    try {
      const whole = await doctor(replica, [RENAME])
      expect(whole.groups.flatMap((group) => group.findings)).toContainEqual(
        expect.objectContaining({ code: 'D02', level: 'error' }),
      )
      expect(await found('D02')).toEqual([])

      await client.query("select pg_create_physical_replication_slot('left_behind', true)")
      const [slot] = await found('D08')
      expect(slot?.what).toMatch(/^replication slot left_behind is not read/u)
      await client.query(slot?.remedy ?? '')
      expect(await found('D08')).toEqual([])

      await client.query("begin; update users set name = name; prepare transaction 'half'")
      expect(await found('D12')).toEqual([])
      const [prepared] = await found('D12', { limits: { transactionSeconds: 0 } })
      expect(prepared?.remedy).toBe("ROLLBACK PREPARED 'half';")
      await client.query(prepared?.remedy ?? '')
      expect(await found('D12', { limits: { transactionSeconds: 0 } })).toEqual([])

      await replica.query('select pg_wal_replay_pause()')
      await client.query('update users set name = name')
      await expect.poll(async () => (await found('D09', { limits: { lagSeconds: 0 } })).length, POLL).toBe(1)
      await replica.query('select pg_wal_replay_resume()')
      await expect
        .poll(async () => {
          await client.query('select pg_switch_wal()')
          return (await found('D09', { limits: { lagSeconds: 0 } })).length
        }, POLL)
        .toBe(0)

      await client.query('create publication shop for table users')
      await client.query('create database buyer')
      const buyer = new pg.Client({ connectionString: primary.url('buyer') })
      await buyer.connect()
      await buyer.query('create table users (id int primary key, name text)')
      const { port } = new URL(primary.url())
      await buyer.query(`create subscription bought connection 'host=127.0.0.1 port=${port} user=postgres dbname=postgres'
        publication shop with (create_slot = false, enabled = false, slot_name = none)`)
      const [subscription] = await found('D50', {}, buyer)
      expect(subscription?.what).toBe('subscription bought writes public.users')
      for (const statement of (subscription?.remedy ?? '').split(';')) await buyer.query(statement)
      expect(await found('D50', {}, buyer)).toEqual([])
      await buyer.end()
    } finally {
      await Promise.all([client.end(), replica.end()])
      await standby.stop()
    }
  })
})
