import { readBypassSamples } from '@expand-contract/runner'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type CliProject, cliProject } from '../cli/run-cli.ts'
import { createDatabase, newestMajor, postgresMajors, type TestDatabase } from '../support/postgres.ts'
import { Application } from './application.ts'
import { BYPASSING, BypassingWriter, NEW_PROCESS, PUT_ACCOUNT } from './bypassing-writer.ts'
import { Ledger } from './ledger.ts'
import { Operator } from './operator.ts'
import { migrations, SCHEMA } from './schema.ts'
import { Witness } from './witness.ts'

/** How often the stages are walked. The newest server walks them again behind the way back, the others there and back. */
const roundsOn = (major: number): number => Number(process.env.EC_TRAFFIC_ROUNDS ?? (major === newestMajor() ? 2 : 1))

const DECLARATIONS = `
  import { changeColumnType, renameColumn } from '@expand-contract/core'
  export const all = [
    renameColumn({ table: 'accounts', from: 'label', to: 'title', flag: 'read-title' }),
    changeColumnType({ table: 'accounts', from: 'balance', fromType: 'int4', to: 'balance_big', type: 'int8', flag: 'read-balance-big' }),
  ]`

/** Behind the rows of the workers of the applications. */
const FIRST_WRITER = 100

describe.concurrent.each(postgresMajors())('the stages as commands under traffic, PostgreSQL %i', (major) => {
  let database: TestDatabase
  let db: pg.Client
  let project: CliProject
  let applications: readonly Application[]
  let writers: BypassingWriter[]
  let operator: Operator
  const ledger = new Ledger()
  const witness = new Witness()
  const failures: string[] = []
  let stage = 'starting'
  /** All of the kind that knows the new columns alone, one in each round. */
  const newProcesses: BypassingWriter[] = []

  const onFailure = (error: unknown): void => {
    const detail = error instanceof pg.DatabaseError ? ` (${error.code})` : ''
    failures.push(`${stage}: ${error instanceof Error ? error.message : String(error)}${detail}`)
  }

  beforeAll(async () => {
    database = await createDatabase(major, { sql: `${SCHEMA} ${PUT_ACCOUNT}` })
    const { url } = database
    db = new pg.Client({ connectionString: url })
    await db.connect()
    project = await cliProject(url, DECLARATIONS)
    expect(await project.run(['init', '--yes'])).toMatchObject({ code: 0 })
    const options = { url, ledger, witness, onFailure, phases: 'recorded' } as const
    applications = await Promise.all([0, 1].map((index) => Application.start({ ...options, index })))
    writers = BYPASSING.map(
      (kind, nr) => new BypassingWriter({ url, kind, index: FIRST_WRITER + nr, ledger, onFailure }),
    )
    operator = new Operator(db, applications)
  })

  afterAll(async () => {
    await Promise.all([...applications, ...writers, ...newProcesses].map((each) => each.stop()))
    await project[Symbol.asyncDispose]()
    await db.end()
    await database.drop()
  })

  /** A command for each of the migrations; `@` and `@old` stand for what the destruction of a side is confirmed by. */
  async function run(line: string, code = 0): Promise<string> {
    stage = line
    const [command = '', ...flags] = line.split(' ')
    let said = ''
    for (const { id, old, new: added } of migrations) {
      const tokens: Readonly<Record<string, string>> = {
        '@': `accounts.${added[0]?.name}@${database.name}`,
        '@old': `accounts.${old[0]?.name}@${database.name}`,
      }
      const answer = await project.run([command, id, ...flags.map((flag) => tokens[flag] ?? flag)])
      expect({
        command: `${command} ${id}`,
        code: answer.code,
        said: answer.code === code ? '' : answer.stderr + answer.stdout,
      }).toEqual({
        ...{ command: `${command} ${id}`, code, said: '' },
      })
      said += answer.stdout
    }
    return said
  }

  /** Goes on until everybody has done something that he began after the call; then nothing may have failed. */
  async function watch(reads?: 'old' | 'new', more: readonly BypassingWriter[] = []): Promise<void> {
    witness.take()
    const writing = [...writers, ...more].map((writer) => ({ writer, from: writer.written }))
    for (let times = 1; times <= 3; times++) await operator.settled()
    await vi.waitUntil(() => writing.every(({ writer, from }) => writer.written > from + 2), {
      timeout: 60_000,
      interval: 50,
    })
    expect(failures, stage).toEqual([])
    expect(witness.mixed, stage).toEqual([])
    if (reads !== undefined)
      expect(
        Object.entries(witness.take()).filter(([, count]) => count > 0),
        stage,
      ).toEqual([[reads, expect.any(Number)]])
  }

  /** The columns of the row that tells what is read differ on purpose; nobody else can make them, with the trigger on. */
  async function partWitness(): Promise<void> {
    const each = (how: string): string =>
      ['accounts.title', 'accounts.balance_big']
        .map(
          (id) =>
            `execute format('alter table accounts ${how} trigger %I', '~expand_contract_sync_' || left(encode(sha256('${id}'), 'hex'), 16));`,
        )
        .join(' ')
    await operator.locked(
      `do $$ begin ${each('disable')} update accounts set title = 'new', balance_big = 2 where id = 0; ${each('enable always')} end $$`,
    )
  }

  async function forward(newProcess: BypassingWriter): Promise<void> {
    await run('backfill')
    await watch('old', [newProcess])
    await partWitness()
    await run('verify', 4)
    await run('repair --yes')
    await run('verify')
    await db.query('analyze accounts')
    expect(await operator.mismatched()).toEqual([])
    await run('wait --for acknowledged --timeout 5m')
    await run('switch --yes')
    await partWitness()
    await run('wait --for acknowledged --timeout 5m')
    await watch('old', [newProcess])
    const stop = operator.flipFlags()
    await vi.waitUntil(() => Math.min(witness.reads.old, witness.reads.new) > 20, { timeout: 60_000, interval: 50 })
    stop()
    await operator.setFlags(true)
    await watch('new', [newProcess])
    expect(await operator.mismatched()).toEqual([])
  }

  async function back(newProcess: BypassingWriter): Promise<void> {
    await operator.setFlags(false)
    await watch('old', [newProcess])
    await operator.setFlags(true)
    await run('rollback --yes')
    await run('wait --for acknowledged --timeout 5m')
    await watch('old', [newProcess])
    await newProcess.stop()
    await operator.setFlags(false)
    await run('rollback --confirm @')
    await watch('old')
  }

  /** Old processes go on until the old columns are set aside; one that nobody knows of fails then, alone, and is named. */
  async function toTheEnd(): Promise<void> {
    await run('verify', 4)
    await run('repair --yes')
    await run('verify')
    // The row that tells what is read was made equal under requests that had seen it before.
    await operator.settled()
    witness.mixed.length = 0
    await run('contract --override soak,dependents --reason test --yes')
    await run('wait --for acknowledged --timeout 5m')
    await watch()
    const hidden = new pg.Client({ connectionString: database.url, application_name: 'hidden report' })
    await hidden.connect()
    const read = () => hidden.query('select label, balance from accounts where id = 1')
    await read()
    expect(await run('status')).toContain('hidden report as')
    await Promise.all(writers.splice(0).map((writer) => writer.stop()))
    expect(await operator.mismatched()).toEqual([])
    await run('hold --yes')
    await watch()
    await expect(read()).rejects.toMatchObject({ code: '42703' })
    expect((await run('status')).replaceAll(/\s+/gu, ' ')).toContain('[no] hidden hidden report as')
    await run('rollback --yes')
    await run('wait --for acknowledged --timeout 5m')
    await watch()
    await read()
    await hidden.end()
    expect(await operator.mismatched()).toEqual([])
    await run('hold --yes')
    await watch()
    await db.query('drop function put_account')
    await run('backup')
    await run('drop --override held,hidden --reason test --confirm @old')
    await run('wait --for acknowledged --timeout 5m')
    await watch()
  }

  test('PEERS 3, 6: no statement fails, the columns are equal, and who bypasses the library is named', {
    timeout: 600_000,
  }, async () => {
    await watch('old')
    const rounds = roundsOn(major)
    for (let round = 1; round <= rounds; round++) {
      await run('expand --yes')
      const options = {
        url: database.url,
        kind: NEW_PROCESS,
        index: FIRST_WRITER + 10 + round,
        ledger,
        onFailure,
      }
      const newProcess = new BypassingWriter(options)
      newProcesses.push(newProcess)
      await run('wait --for acknowledged --timeout 5m')
      await watch('old', [newProcess])
      await forward(newProcess)
      if (round === 1) await named()
      if (round < rounds || rounds === 1) await back(newProcess)
      else {
        await newProcess.stop()
        await toTheEnd()
      }
    }
    await Promise.all([...applications, ...writers].map((each) => each.stop()))
    const { rows } = await db.query(
      rounds > 1
        ? 'select id, title as label, balance_big::int as balance from accounts where id > 0'
        : 'select id, label, balance from accounts where id > 0',
    )
    expect(ledger.differences(rows)).toEqual([])
    expect(failures).toEqual([])
    expect(witness.mixed).toEqual([])
  })

  /** Sampled by the trigger, with the side that each has written; the session that fires no other trigger as well. */
  async function named(): Promise<void> {
    const said = (await run('status --all')).replaceAll(/\s+/gu, ' ')
    for (const migration of migrations) {
      const samples = await readBypassSamples(db, migration)
      const found = new Set(samples.map(({ application, wrote }) => `${application} wrote ${wrote}`))
      for (const { name, writes } of [...BYPASSING, NEW_PROCESS]) expect(found).toContain(`${name} wrote ${writes}`)
      expect(
        samples.filter(({ application }) => application.startsWith('expand-contract')),
        'the commands',
      ).toEqual([])
    }
    for (const { name } of [...BYPASSING, NEW_PROCESS]) expect(said).toContain(name)
  }
})
