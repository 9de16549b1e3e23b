import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { newestMajor, postgresMajors } from '../support/postgres.ts'
import { startCli } from './cli-process.ts'
import { ID, REPORT, type StageDatabase, StageDatabases, type StageState } from './stage-databases.ts'
import { nothingIsLeft } from './stage-snapshot.ts'

type Signal = 'SIGINT' | 'SIGTERM'

const CODES: Readonly<Record<Signal, number>> = { SIGINT: 130, SIGTERM: 143 }

const COMMANDS: readonly (readonly [line: string, from: StageState])[] = [
  [`expand ${ID} --yes`, 'begun'],
  [`backfill ${ID}`, 'expanded'],
  [`verify ${ID}`, 'backfilled'],
  [`repair ${ID} --yes`, 'differing'],
  [`switch ${ID} --yes --wait 1h`, 'backfilled'],
  [`wait ${ID} --for verified --timeout 1h`, 'backfilled'],
  [`rollback ${ID} --yes`, 'switched'],
  [`contract ${ID} --override soak --reason test --yes`, 'switched'],
  [`hold ${ID} --yes`, 'contracted'],
  [`unhold ${ID} --yes`, 'held'],
  [`drop ${ID} --confirm users.name@DATABASE`, 'held'],
  [`rollback ${ID} --yes`, 'contracted'],
]

/** What somebody else holds, so that a statement of the command waits, for as long as it likes. */
const BLOCKED: readonly (readonly [line: string, from: StageState, held: string])[] = [
  [`expand ${ID} --yes`, 'begun', 'lock table users in share update exclusive mode'],
  [`backfill ${ID}`, 'expanded', 'lock table expand_contract.backfill_ranges in access exclusive mode'],
  [`backfill ${ID}`, 'expanded', 'update users set email = name where id = 1'],
  [`verify ${ID}`, 'backfilled', 'lock table users in access exclusive mode'],
  [`repair ${ID} --yes`, 'differing', 'lock table users in access exclusive mode'],
  [`switch ${ID} --yes --wait 1h`, 'verified', 'lock table expand_contract.verifications in access exclusive mode'],
  [
    `wait ${ID} --for verified --timeout 1h`,
    'backfilled',
    'lock table expand_contract.verifications in access exclusive mode',
  ],
]

describe.each(postgresMajors())('PostgreSQL %i: a command that is stopped', (major) => {
  let stages: StageDatabases
  beforeAll(async () => {
    stages = await StageDatabases.open(major)
  })
  afterAll(() => stages?.close())

  /** Runs it in this process; `send` sends it a signal. */
  async function run(line: string, { url, name }: StageDatabase, onListen?: (send: (signal: Signal) => void) => void) {
    const env = { DATABASE_URL: url }
    return stages.project.run(line.replace('DATABASE', name).split(' '), {
      env,
      ...(onListen !== undefined && { onListen }),
    })
  }

  async function leftAlone({ client }: StageDatabase): Promise<void> {
    await nothingIsLeft(client)
    const leases = await client.query('select operation from expand_contract.leases where until > clock_timestamp()')
    const ranges = await client.query(
      'select worker from expand_contract.backfill_ranges where lease_until > clock_timestamp()',
    )
    expect([leases.rows, ranges.rows]).toEqual([[], []])
  }

  /** Sends a signal ahead of a statement of the command; resolves to how many statements there were. */
  async function signalled(
    line: string,
    database: StageDatabase,
    { at, signal }: { readonly at: number; readonly signal: Signal },
  ) {
    const { query } = pg.Client.prototype
    let statements = 0
    let send: ((signal: Signal) => void) | undefined
    Object.assign(pg.Client.prototype, {
      query(this: pg.Client, ...args: unknown[]): unknown {
        if (this !== database.client && ++statements === at) send?.(signal)
        return Reflect.apply(query, this, args)
      },
    })
    try {
      const answer = await run(line, database, (listened) => {
        send = listened
      })
      return { ...answer, statements }
    } finally {
      Object.assign(pg.Client.prototype, { query })
    }
  }

  // Each with one of the majors.
  const majors = postgresMajors()
  const ours = <T>(all: readonly T[]): readonly T[] => all.filter((_, index) => majors[index % majors.length] === major)

  test.each(ours(COMMANDS))(
    '%s from %s, by a first signal at any time, leaves nothing behind and can be run again',
    async (line, from) => {
      const waits = line.includes('1h')
      for (const [index, at] of [1, 3, 8, 20, 45].entries()) {
        await using database = await stages.at(from)
        const signal = index % 2 === 0 ? 'SIGINT' : 'SIGTERM'
        const stopped = await signalled(line, database, { at, signal })
        // One that has fewer statements came to its end.
        expect([line, at, stopped.code, stopped.stderr]).toEqual([
          line,
          at,
          stopped.statements < at ? 0 : CODES[signal],
          stopped.statements < at ? expect.any(String) : expect.stringContaining('Interrupt received'),
        ])
        await leftAlone(database)
        // The application runs on, and acknowledges what it sees.
        const { rows } = await database.client.query('select from expand_contract.instances')
        if (rows.length > 0) await database.client.query(REPORT)
        if (!waits) expect(await run(line, database)).toMatchObject({ code: 0 })
      }
    },
  )

  /** Another session that holds something, and resolves once a statement of ours waits for it. */
  async function holding({ url, client }: StageDatabase, held: string) {
    const holder = new pg.Client({ connectionString: url })
    await holder.connect()
    await holder.query(`begin; ${held}`)
    const waiting = `select query from pg_stat_activity where datname = current_database() and application_name like 'expand-contract%'
      and state = 'active' and wait_event_type = 'Lock'`
    return {
      reached: () =>
        vi.waitFor(async () => expect((await client.query(waiting)).rowCount).toBeGreaterThan(0), {
          timeout: 60_000,
          interval: 10,
        }),
      free: () => holder.end(),
    }
  }

  test.each(ours(BLOCKED))('%s from %s: a second signal cancels what waits behind "%s"', async (line, from, held) => {
    await using database = await stages.at(from)
    const holder = await holding(database, held)
    let send: ((signal: Signal) => void) | undefined
    const running = run(line, database, (listened) => {
      send = listened
    })
    await holder.reached()
    send?.('SIGINT')
    send?.('SIGINT')
    const stopped = await running
    expect([stopped.code, stopped.stderr]).toEqual([
      130,
      expect.stringContaining('Cancelling the statement that runs.'),
    ])
    // Nothing was waited for: the other one holds it still.
    await nothingIsLeft(database.client)
    await holder.free()
    await leftAlone(database)
    if (!line.includes('1h')) expect(await run(line, database)).toMatchObject({ code: 0 })
    const { rows } = await database.client.query('select indexrelid::regclass from pg_index where not indisvalid')
    expect(rows).toEqual([])
  })

  // Majors do not differ in it, and it takes 10 s: as often as a server looks for its client.
  if (major === newestMajor())
    test('a process answers signals with 130 and 143, and one that is killed leaves no session, whatever it waited for', async () => {
      const start = (line: string, { url }: StageDatabase) =>
        startCli(line.split(' '), { cwd: stages.project.folder, url })
      await using asked = await stages.at('backfilled')
      const waiting = start(`wait ${ID} --for verified --timeout 1h`, asked)
      await waiting.said('for=verified')
      waiting.child.kill('SIGTERM')
      expect(await waiting.ended).toMatchObject({ code: 143, signal: null })

      await using verified = await stages.at('backfilled')
      const locked = 'lock table users in access exclusive mode'
      const holder = await holding(verified, locked)
      const verify = start(`verify ${ID}`, verified)
      await holder.reached()
      verify.child.kill('SIGINT')
      await verify.said('Interrupt received')
      verify.child.kill('SIGINT')
      expect(await verify.ended).toMatchObject({ code: 130, signal: null })
      await nothingIsLeft(verified.client)

      // A statement in a transaction, one outside of any, and one by which gates are read.
      await using built = await stages.at('unbuilt')
      const builder = await holding(built, 'update users set email = name where id = 1')
      await using gates = await stages.at('verified')
      const reader = await holding(gates, 'lock table expand_contract.verifications in access exclusive mode')
      const killed = [
        start(`verify ${ID}`, verified),
        start(`expand ${ID} --yes`, built),
        start(`switch ${ID} --yes --wait 1h`, gates),
      ]
      await Promise.all([holder.reached(), builder.reached(), reader.reached()])
      for (const { child } of killed) child.kill('SIGKILL')
      await Promise.all(killed.map(({ ended }) => ended))
      await Promise.all([verified, built, gates].map(({ client }) => nothingIsLeft(client)))
      await Promise.all([holder.free(), reader.free()])
      await built.client.query('update expand_contract.leases set until = now()')
      await builder.free()
      expect(await run(`expand ${ID} --yes`, built)).toMatchObject({ code: 0 })
    })
})
