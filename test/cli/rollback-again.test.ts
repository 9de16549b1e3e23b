import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newestMajor } from '../support/postgres.ts'
import { startCli } from './cli-process.ts'
import { watchPersistedSteps } from './persisted-steps.ts'
import { ID, REPORT, type StageDatabase, StageDatabases, type StageState } from './stage-databases.ts'
import { nothingIsLeft, stageSnapshot } from './stage-snapshot.ts'

const LINE = `rollback ${ID} --yes`

/** One phase back, without `--to`: run again after it was killed, it must not lead one further. */
describe('rollback, run again', () => {
  let stages: StageDatabases
  beforeAll(async () => {
    stages = await StageDatabases.open(newestMajor())
  })
  afterAll(() => stages?.close())

  const run = (line: string, { url }: StageDatabase, onListen?: (send: (signal: 'SIGINT') => void) => void) =>
    stages.project.run(line.split(' '), {
      env: { DATABASE_URL: url },
      ...(onListen !== undefined && { onListen }),
    })
  const phaseOf = async ({ client }: StageDatabase): Promise<unknown> =>
    (await client.query('select phase from expand_contract.migrations')).rows[0]?.phase
  const leaseOver = ({ client }: StageDatabase) => client.query('update expand_contract.leases set until = now()')

  async function stepsOf(from: StageState) {
    await using database = await stages.at(from)
    let steps = 0
    const end = watchPersistedSteps(({ when }) => {
      if (when === 'before') steps++
    })
    try {
      expect(await run(LINE, database)).toMatchObject({ code: 0 })
    } finally {
      end()
    }
    return { steps, snapshot: await stageSnapshot(database.client), phase: await phaseOf(database) }
  }

  test('killed at any step, is one phase back', async () => {
    const [from, to] = ['switched', 'expand'] as const
    const { steps, snapshot, phase } = await stepsOf(from)
    expect(phase).toBe(to)
    const kill = async (at: number): Promise<boolean> => {
      await using database = await stages.at(from)
      const failpoint = { at, when: 'before', act: 'kill' } as const
      const { url } = database
      const killed = await startCli(LINE.split(' '), { cwd: stages.project.folder, url, failpoint }).ended
      expect(killed.signal).toBe('SIGKILL')
      await nothingIsLeft(database.client)
      await leaseOver(database)
      const already = (await phaseOf(database)) === to
      const again = await run(LINE, database)
      expect([at, again.code, again.code === 0 ? again.stdout : again.stderr]).toEqual([
        at,
        0,
        expect.stringContaining(`phase ${to}`),
      ])
      expect(again.stdout.includes('goes no further')).toBe(already)
      expect([at, await stageSnapshot(database.client)]).toEqual([at, snapshot])
      return already
    }
    // The last step says that it was told: behind that, another one is another one.
    const done: boolean[] = []
    const points = Array.from({ length: steps }, (_, index) => index + 1)
    // `EC_CRASH=full` kills at each of them.
    for (const at of points.filter((each) => process.env.EC_CRASH === 'full' || each === steps || each % 4 === 1))
      done.push(await kill(at))
    expect(new Set(done)).toEqual(new Set([false, true]))
  })

  test('what was told is over: the next one goes one phase further', async () => {
    await using database = await stages.at('contracted')
    expect(await run(LINE, database)).toMatchObject({ code: 0, stdout: expect.stringContaining('phase switch again') })
    expect(await run(LINE, database)).toMatchObject({ code: 0, stdout: expect.stringContaining('phase expand again') })
    // A column is dropped by its name alone.
    expect(await run(LINE, database)).toMatchObject({ code: 5 })
  })

  /** Stopped by Ctrl-C once its phase is committed: its result is printed, and its exit code asks to run it again. */
  async function stopped(database: StageDatabase): Promise<void> {
    const { query } = pg.Client.prototype
    let send: ((signal: 'SIGINT') => void) | undefined
    let recorded = false
    Object.assign(pg.Client.prototype, {
      async query(this: pg.Client, text: string, values?: unknown[]): Promise<unknown> {
        const answer: unknown = await Reflect.apply(query, this, [text, values])
        if (this === database.client) return answer
        recorded ||= /UPDATE \S*migrations/u.test(text)
        if (recorded && /^commit/iu.test(text)) send?.('SIGINT')
        return answer
      },
    })
    try {
      const { code } = await run(LINE, database, (listened) => {
        send = listened
      })
      expect(code).toBe(130)
    } finally {
      Object.assign(pg.Client.prototype, { query })
    }
  }

  test('a signal counts as not told; so does no other command that has moved the migration since', async () => {
    await using database = await stages.at('switched')
    await stopped(database)
    expect(await phaseOf(database)).toBe('expand')
    const told = await run(`${LINE} --json`, database)
    expect(told.json().at(-1)).toMatchObject({ ok: true, phase: 'expand', result: { to: 'expand', done: 'before' } })
    expect(await run(LINE, database)).toMatchObject({ code: 5 })

    await using other = await stages.at('held')
    await stopped(other)
    expect(await phaseOf(other)).toBe('contract')
    expect(await run(`rollback ${ID} --dry-run`, other)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('switch'),
    })
    await other.client.query(REPORT)
    expect(await run(`hold ${ID} --yes`, other)).toMatchObject({ code: 0 })
    await other.client.query(REPORT)
    expect(await run(`unhold ${ID} --yes`, other)).toMatchObject({ code: 0 })
    expect(await run(LINE, other)).toMatchObject({ code: 0, stdout: expect.stringContaining('phase switch again') })
  })
})
