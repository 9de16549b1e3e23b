import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { startCli } from './cli-process.ts'
import { COMMANDS } from './crash-commands.ts'
import type { Failpoint } from './failpoint.ts'
import { watchPersistedSteps } from './persisted-steps.ts'
import { ID, REPORT, type StageDatabase, StageDatabases, type StageState } from './stage-databases.ts'
import { nothingIsLeft, type Snapshot, stageSnapshot } from './stage-snapshot.ts'

/** All points of all commands, instead of one of each: some minutes. */
const FULL = process.env.EC_CRASH === 'full'

describe.each(postgresMajors())('PostgreSQL %i: kill -9 of a command', (major) => {
  let stages: StageDatabases
  beforeAll(async () => {
    stages = await StageDatabases.open(major)
  })
  afterAll(() => stages?.close())

  const words = (line: string, { name }: StageDatabase): string[] => line.replace('DATABASE', name).split(' ')
  const run = (line: string, database: StageDatabase) =>
    stages.project.run(words(line, database), { env: { DATABASE_URL: database.url } })

  /** What there is after it when nobody kills it, and how many steps it has. */
  async function uninterrupted(line: string, from: StageState): Promise<{ snapshot: Snapshot; steps: number }> {
    await using database = await stages.at(from)
    let steps = 0
    const end = watchPersistedSteps(({ when }) => {
      if (when === 'before') steps++
    })
    try {
      const { code, stderr, stdout } = await run(line, database)
      expect([line, code, code === 0 ? '' : stderr + stdout]).toEqual([line, 0, ''])
    } finally {
      end()
    }
    return { snapshot: await stageSnapshot(database.client), steps }
  }

  /** Kills it at a point, runs it again, and compares; false: it came to its end before that point. */
  async function killed(line: string, from: StageState, point: Omit<Failpoint, 'act'>, wanted: Snapshot) {
    await using database = await stages.at(from)
    const { client, url } = database
    const failpoint = { ...point, act: 'kill' } as const
    const first = await startCli(words(line, database), { cwd: stages.project.folder, url, failpoint }).ended
    const about = `${line}, killed ${point.when} step ${point.at} (${first.points.at(-1)})`
    if (first.signal !== 'SIGKILL')
      expect([about, first.code, first.code === 0 ? '' : first.output]).toEqual([about, 0, ''])
    await nothingIsLeft(client)
    // The lease is not over: whoever comes is told who has it, or finds it done.
    const { rows: leases } = await client.query('select from expand_contract.leases where until > clock_timestamp()')
    if (leases.length > 0 && FULL) {
      const refused = await run(line, database)
      expect([0, 6], about + refused.stderr).toContain(refused.code)
      if (refused.code === 6) expect(refused.stderr).toContain('its lease ends at')
    }
    await client.query(
      `update expand_contract.leases set until = now(); update expand_contract.backfill_ranges set lease_until = now() where lease_token is not null`,
    )
    // The application runs on, and acknowledges what it sees.
    const { rows: instances } = await client.query('select from expand_contract.instances')
    if (instances.length > 0) await client.query(REPORT)
    const again = await run(line, database)
    expect([about, again.code, again.code === 0 ? '' : again.stderr + again.stdout]).toEqual([about, 0, ''])
    expect(await stageSnapshot(client), about).toEqual(wanted)
    await nothingIsLeft(client)
    return first.signal === 'SIGKILL'
  }

  // One point of each command, each with one of the majors.
  const majors = postgresMajors()
  const cases = COMMANDS.map((each, index) => [...each, index] as const)
  test.each(cases.filter(([, , index]) => FULL || majors[index % majors.length] === major))(
    '%s from %s',
    async (line, from, index) => {
      const { snapshot, steps } = await uninterrupted(line, from)
      if (FULL) {
        let kills = 0
        for (let at = 1; ; at++) {
          const before = await killed(line, from, { at, when: 'before' }, snapshot)
          if (!before) break
          kills += 1
          // Behind its last step such a rollback was told: whoever runs it again means one phase more.
          if (at === steps && line === `rollback ${ID} --yes`) break
          kills += Number(await killed(line, from, { at, when: 'after' }, snapshot))
        }
        process.stdout.write(`PostgreSQL ${major}: ${line} from ${from}: killed at ${kills} points\n`)
        expect(kills).toBeGreaterThan(1)
        return
      }
      const at = Math.max(1, Math.ceil(steps * ([0.8, 0.4, 0.6][index % 3] ?? 1)))
      const when = index % 4 < 2 ? 'after' : 'before'
      expect(await killed(line, from, { at, when }, snapshot)).toBe(true)
    },
    3_600_000,
  )
})
