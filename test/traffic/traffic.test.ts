import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'
import { Application } from './application.ts'
import { Ledger } from './ledger.ts'
import { Operator } from './operator.ts'
import { SCHEMA } from './schema.ts'
import { Witness } from './witness.ts'

/** How long each stage is watched; the time of a run grows with it. */
const STAGE_MS = Number(process.env.EC_TRAFFIC_STAGE_MS ?? 250)
/** How long the flags flip every 50 ms, each time. */
const FLIPPING_MS = Number(process.env.EC_TRAFFIC_FLIPPING_MS ?? 1_500)
/** How often the columns come, take over, and go back. */
const ROUNDS = Number(process.env.EC_TRAFFIC_ROUNDS ?? 2)

describe.each(postgresMajors())('traffic on PostgreSQL %i', (major) => {
  let database: TestDatabase
  let db: pg.Client
  let applications: readonly Application[]
  let operator: Operator
  const ledger = new Ledger()
  const witness = new Witness()
  const failures: string[] = []
  let stage = 'starting'

  beforeAll(async () => {
    database = await createDatabase(major, { sql: SCHEMA })
    db = new pg.Client({ connectionString: database.url })
    await db.connect()
    const onFailure = (error: unknown): void => {
      const detail = error instanceof pg.DatabaseError ? ` (${error.code})` : ''
      failures.push(`${stage}: ${error instanceof Error ? error.message : String(error)}${detail}`)
    }
    applications = await Promise.all(
      [0, 1].map((index) => Application.start({ index, url: database.url, ledger, witness, onFailure })),
    )
    operator = new Operator(db, applications)
  })

  afterAll(async () => {
    await Promise.all(applications.map((application) => application.stop()))
    await db.end()
    await database.drop()
  })

  /** Does something under traffic and goes on watching. Where only one side may be read by then, that is checked. */
  async function inStage(name: string, act: () => Promise<void>, reads?: 'old' | 'new'): Promise<void> {
    stage = name
    await act()
    witness.take()
    await sleep(STAGE_MS)
    await allWorked()
    expect(failures, name).toEqual([])
    expect(witness.mixed, name).toEqual([])
    if (reads !== undefined)
      expect(
        Object.entries(witness.take()).filter(([, count]) => count > 0),
        name,
      ).toEqual([[reads, expect.any(Number)]])
  }

  /** Every worker has finished something that it began after the call: on a busy machine the time alone says nothing. */
  async function allWorked(): Promise<void> {
    for (let times = 1; times <= 2; times++) await Promise.all(applications.map((application) => application.settled()))
  }

  async function inStep(): Promise<void> {
    expect(await operator.mismatched(), stage).toEqual([])
  }

  /** The flags flip all the time; the columns have to agree meanwhile, and both have to be read. */
  async function flip(): Promise<void> {
    stage = 'flags flip'
    witness.take()
    const stop = operator.flipFlags()
    const started = Date.now()
    const enough = (): boolean => Math.min(witness.reads.old, witness.reads.new) > 20
    while (Date.now() - started < FLIPPING_MS || (!enough() && Date.now() - started < 60_000)) {
      await inStep()
      await sleep(200)
    }
    stop()
    expect(enough(), `enough reads of either side: ${JSON.stringify(witness.reads)}`).toBe(true)
    expect(failures).toEqual([])
    expect(witness.mixed).toEqual([])
  }

  async function forward(): Promise<void> {
    await inStage('new columns are added', () => operator.addColumns('new'), 'old')
    await inStage('expand', () => operator.moveTo('expand'), 'old')
    await inStage('backfill', () => operator.backfill('new'), 'old')
    await inStep()
    await inStage('switch', () => operator.moveTo('switch'), 'old')
    await flip()
    await inStage('flags on', () => operator.setFlags(true), 'new')
    await inStep()
    await inStage('old columns may be empty', () => operator.letOldBeEmpty(), 'new')
    await inStage('contract', () => operator.moveTo('contract'), 'new')
    await inStage('old columns are dropped', () => operator.dropColumns('old'), 'new')
  }

  async function back(): Promise<void> {
    await inStage('old columns are added again', () => operator.addColumns('old'), 'new')
    await inStage('back to switch', () => operator.moveTo('switch'), 'new')
    await inStage('backfill of the old columns', () => operator.backfill('old'), 'new')
    await inStep()
    await flip()
    await inStage('flags off', () => operator.setFlags(false), 'old')
    await inStage('back to expand', () => operator.moveTo('expand'), 'old')
    await inStep()
    await inStage('off', () => operator.moveTo('off'), 'old')
    await inStage('new columns are dropped', () => operator.dropColumns('new'), 'old')
  }

  test('columns come and go, phases move and flags flip, and no statement notices', { timeout: 600_000 }, async () => {
    const started = Date.now()
    await allWorked()
    for (let round = 1; round <= ROUNDS; round++) {
      await forward()
      await back()
    }
    stage = 'end'
    await Promise.all(applications.map((application) => application.stop()))
    const { rows } = await db.query('select id, label, balance from accounts where id > 0')
    expect(ledger.differences(rows)).toEqual([])
    expect(failures).toEqual([])
    expect(witness.mixed).toEqual([])
    expect(applications.flatMap(({ unproven }) => [...new Set(unproven)])).toEqual([])
    const statements = applications.reduce((sum, application) => sum + application.statements, 0)
    expect(statements).toBeGreaterThan(1_000)
    console.log(
      `traffic: ${statements} checked statements on ${rows.length} rows in ${(Date.now() - started) / 1_000} s`,
    )
  })
})
