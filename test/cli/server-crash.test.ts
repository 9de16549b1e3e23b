import { openControl, readMigration } from '@expand-contract/control'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../support/embedded-postgres.ts'
import { postgresMajors, type TestDatabase } from '../support/postgres.ts'
import { queryServer } from '../support/query-server.ts'
import { type CliEnd, startCli } from './cli-process.ts'
import { COMMANDS } from './crash-commands.ts'
import { CrashWriters } from './crash-writers.ts'
import type { Failpoint } from './failpoint.ts'
import { ID, StageDatabases, type StageState } from './stage-databases.ts'
import { nothingIsLeft, stageSnapshot } from './stage-snapshot.ts'

/** All points of all commands, each before, during and after; instead of some. */
const FULL = process.env.EC_CRASH === 'full'

/** When the server goes down: as the step is about to be sent, while it runs, or when it was answered. */
type Moment = 'before' | 'during' | 'after'

interface Crash extends Pick<Failpoint, 'at' | 'of'> {
  readonly moment: Moment
  /** What is to be seen of the step before the server goes down. @defaultValue nothing */
  readonly until?: string
}

describe.each(postgresMajors())('PostgreSQL %i: kill -9 of the server', (major) => {
  let server: EmbeddedPostgres
  let stages: StageDatabases
  beforeAll(async () => {
    server = await startEmbeddedPostgres({ major, durable: true })
    stages = await StageDatabases.open(server.url())
  })
  afterAll(async () => {
    await stages?.close()
    await server?.stop()
  })

  const words = (line: string, { name }: TestDatabase): string[] => line.replace('DATABASE', name).split(' ')
  const run = (line: string, database: TestDatabase) =>
    stages.project.run(words(line, database), { env: { DATABASE_URL: database.url } })
  const expectDone = async (line: string, database: TestDatabase): Promise<void> => {
    const { code, stderr, stdout } = await run(line, database)
    expect([line, code, code === 0 ? '' : stderr + stdout]).toEqual([line, 0, ''])
  }

  /** A database at this stage, with an application that runs on it and has acknowledged. */
  async function begin(from: StageState): Promise<{ readonly database: TestDatabase; readonly writers: CrashWriters }> {
    const database = await stages.database(from)
    await queryServer(database.url, 'delete from expand_contract.instances')
    const writers = await CrashWriters.start(database.url, { old: from !== 'held' && from !== 'contracted' })
    await writers.goOn()
    if (from !== 'begun') await expectDone(`wait ${ID} --for acknowledged --timeout 2m`, database)
    return { database, writers }
  }

  /** Apart from rows, which the application writes all the while. */
  async function snapshotOf(client: pg.Client): Promise<Readonly<Record<string, unknown>>> {
    const { rows: _, ranges: __, verified, ...rest } = await stageSnapshot(client)
    return { ...rest, clean: (verified as { clean: boolean }[]).map(({ clean }) => clean) }
  }

  /** What there is when nobody goes down. */
  const wanted = new Map<string, Promise<unknown>>()
  const uninterrupted = (line: string, from: StageState): Promise<unknown> => {
    const known = wanted.get(line + from)
    if (known !== undefined) return known
    const asked = (async () => {
      const { database, writers } = await begin(from)
      await expectDone(line, database)
      await writers.goOn()
      const snapshot = await checkEnd(line, database, writers)
      await database.drop()
      return snapshot
    })()
    wanted.set(line + from, asked)
    return asked
  }

  /** False: the command came to its end before that point. */
  async function crashed(line: string, from: StageState, crash: Crash): Promise<boolean> {
    const snapshot = await uninterrupted(line, from)
    const { database, writers } = await begin(from)
    const { moment, until, at, of } = crash
    const failpoint = { at, act: 'pause', when: moment === 'after' ? 'after' : 'before', ...(of && { of }) } as const
    const command = startCli(words(line, database), { cwd: stages.project.folder, url: database.url, failpoint })
    const reached = await command.paused
    const about = `${line}, the server killed ${moment} step ${at} (${reached?.text})`
    if (reached === undefined) await writers.goOn()
    else {
      // An index waits for those who have the table already.
      if (until !== undefined) await hold(database)
      if (moment === 'during') command.goOn()
      if (until !== undefined) await seen(database, until)
      writers.outages.begin()
      await server.kill()
      if (moment !== 'during') command.goOn()
    }
    await checkFirst(about, await command.ended, reached !== undefined)
    if (reached !== undefined) {
      await server.restart()
      writers.outages.end()
      await checkCursor(about, database)
      await writers.goOn()
      await checkLeases(about, line, database)
    }
    await expectDone(line, database)
    await writers.goOn()
    expect(await checkEnd(about, database, writers), about).toEqual(snapshot)
    await database.drop()
    return reached !== undefined
  }

  /** A transaction that ends with the server. */
  async function hold({ url }: TestDatabase): Promise<void> {
    const client = new pg.Client({ connectionString: url, application_name: 'holder' })
    client.on('error', () => undefined)
    await client.connect()
    await client.query('begin; update users set email = email where id = 99')
  }

  const seen = (database: TestDatabase, sql: string): Promise<unknown> =>
    vi.waitFor(async () => expect((await queryServer(database.url, sql)).rowCount).toBeGreaterThan(0), {
      timeout: 60_000,
      interval: 20,
    })

  /** A command whose server is gone ends by itself, and says so. */
  function checkFirst(about: string, { code, signal, output }: CliEnd, down: boolean): void {
    expect([about, signal]).toEqual([about, null])
    if (!down) expect([about, code, output]).toEqual([about, 0, expect.any(String)])
    else if (code !== 0) expect([about, code, output]).toEqual([about, 1, expect.stringMatching(/EC_CONNECTION_LOST/u)])
  }

  /** Rows and cursor went down together: below the cursor every row is filled, also when the last batches were lost. */
  async function checkCursor(about: string, { url }: TestDatabase): Promise<void> {
    const { rows: columns } = await queryServer(url, COLUMNS)
    if (columns.length < 2) return
    const { rows } = await queryServer(
      url,
      `select u.id from users u, expand_contract.backfill_ranges r
        where u.ctid < format('(%s,0)', r.cursor_block)::tid and ${columns[0].name} is distinct from ${columns[1].name}`,
    )
    expect([about, rows]).toEqual([about, []])
  }

  /** Whoever comes is told until when the one before has it, and it is not longer than that. */
  async function checkLeases(about: string, line: string, database: TestDatabase): Promise<void> {
    const { url } = database
    const { rows } = await queryServer(
      url,
      `select until, until - clock_timestamp() <= interval '30 s' as soon from expand_contract.leases where until > clock_timestamp()
        union all select lease_until, lease_until - clock_timestamp() <= interval '30 s' from expand_contract.backfill_ranges where lease_until > clock_timestamp()`,
    )
    expect([about, rows.every(({ soon }) => soon)]).toEqual([about, true])
    if (rows.length === 0) return
    const early = await run(line, database)
    const said = early.stderr + early.stdout
    expect([0, 6], about + said).toContain(early.code)
    if (early.code === 6) expect(said, about).toContain(`its lease ends at`)
    // As if that time were over.
    await queryServer(url, 'update expand_contract.leases set until = clock_timestamp()')
    await queryServer(
      url,
      'update expand_contract.backfill_ranges set lease_until = clock_timestamp() where lease_token is not null',
    )
  }

  /** Nothing is half done, both columns are equal, and have every commit that was acknowledged. */
  async function checkEnd(about: string, database: TestDatabase, writers: CrashWriters): Promise<unknown> {
    const client = new pg.Client({ connectionString: database.url, application_name: 'test' })
    await client.connect()
    try {
      await nothingIsLeft(client)
      const snapshot = await snapshotOf(client)
      const record = await readMigration(openControl(client), ID)
      const { rows: unfilled } = await client.query(
        'select from expand_contract.backfills where finished_at is not null',
      )
      // Of a fresh `expand` the rows are to be filled yet.
      if (record?.phase === 'expand' && unfilled.length === 0) await expectDone(`backfill ${ID}`, database)
      await writers.goOn()
      await writers[Symbol.asyncDispose]()
      const { rows: invalid } = await client.query(
        `select indexrelid::regclass::text as name from pg_index where indrelid = 'users'::regclass and not (indisvalid and indisready)`,
      )
      const { rows: columns } = await client.query(COLUMNS)
      const lost = await writers.lost(
        client,
        columns.map(({ name }) => name),
      )
      expect([about, invalid, lost, writers.failures]).toEqual([about, [], [], []])
      return snapshot
    } finally {
      await client.end()
    }
  }

  const cases: readonly (readonly [line: string, from: StageState, crash: Crash])[] = FULL ? [] : SAMPLE
  const majors = postgresMajors()
  test.each(cases.filter((_, index) => majors[index % majors.length] === major))(
    '%s from %s: %o',
    async (line, from, crash) => {
      expect(await crashed(line, from, crash)).toBe(true)
    },
    300_000,
  )

  test.runIf(FULL).each(COMMANDS)(
    '%s from %s, at every step',
    async (line, from) => {
      let kills = 0
      for (let at = 1, goesOn = true; goesOn; at++)
        for (const moment of ['before', 'during', 'after'] as const) {
          goesOn = await crashed(line, from, { at, moment })
          if (!goesOn) break
          kills++
        }
      process.stdout.write(`PostgreSQL ${major}: ${line} from ${from}: the server was killed at ${kills} points\n`)
      expect(kills).toBeGreaterThan(2)
    },
    7_200_000,
  )
})

const COLUMNS = `select quote_ident(attname) as name from pg_attribute where attrelid = 'users'::regclass and attnum > 0 and not attisdropped
  and (attname in ('name', 'full_name') or attname like '\\_ec\\_held\\_%') order by attnum`

/** What index is being built; it waits for the other session of the test. */
const BUILDING = `select from pg_index where indrelid = 'users'::regclass and not indisvalid`

/** In a batch of rows, in the transaction of column and trigger, and in an index that is half built; each with one of the majors. */
const SAMPLE: readonly (readonly [line: string, from: StageState, crash: Crash])[] = [
  [`backfill ${ID}`, 'expanded', { moment: 'after', of: 'COMMIT', at: 2 }],
  [`expand ${ID} --yes`, 'unbuilt', { moment: 'during', of: 'CREATE INDEX', at: 1, until: BUILDING }],
  [`expand ${ID} --yes`, 'begun', { moment: 'during', of: 'COMMIT', at: 1 }],
]
