import { describe, expect, test } from 'vitest'
import { createDatabase, newestMajor, postgresMajors } from '../../support/postgres.ts'
import { isTolerated } from '../allowed.ts'
import { difference, rowsDifference } from '../difference.ts'
import type { Example } from '../example.ts'
import { bareContestant, type Played, play } from '../run.ts'
import { SITUATIONS, type Situation } from '../situation.ts'
import { openWaist } from '../subject.ts'
import { asReading, type World, worldScript } from './scenario.ts'

/** Each leads to a decision of its own. */
const TRIED = SITUATIONS.filter(({ phase, name }) => phase !== undefined && name !== 'switch, flag off')

/** Every example of a world in every situation, against its untouched twin: one test per server, or on the newest alone. */
export function describeWorld(world: World, on: 'every major' | 'the newest' = 'every major'): void {
  const { name, app, migrations } = world
  describe.each(on === 'every major' ? postgresMajors() : [newestMajor()])(
    `${name}, an application of the ${app} side, on PostgreSQL %i`,
    (major) => {
      test('sees what it would see on the untouched schema', async () => {
        const examples = world.examples.filter(({ since }) => since <= major)
        const twins = await createDatabase(major, { sql: world.twin })
        const twin = await bareContestant(twins.url)
        const reading = asReading(world.reading.twin)
        const expected = new Map<Example, Played>()
        for (const example of examples) expected.set(example, await play(twin, { ...example, reading }))
        await twin.close()
        await twins.drop()
        const problems: string[] = []
        for (const stage of ['old', 'both', 'contract', 'new'] as const) {
          const database = await createDatabase(major, { sql: worldScript(world, stage) })
          const waist = await openWaist(database.url, { migrations, flagFor: (part) => migrations[part]?.flag ?? '' })
          for (const situation of TRIED.filter((one) => one.stage === stage)) {
            waist.enter(situation)
            for (const [example, twinPlayed] of expected) {
              const seen = await play(waist, { ...example, reading: readingOf(world, situation) })
              const problem = problemOf(world, situation, { example, twin: twinPlayed, seen })
              if (problem !== undefined) problems.push(describeProblem(example, situation, seen, problem))
            }
          }
          await waist.close()
          await database.drop()
        }
        expect(problems.slice(0, 10), `${problems.length} differences`).toEqual([])
      })
    },
  )
}

function readingOf({ reading, outOfStep }: World, { written }: Situation): string {
  const both = written.length === 2
  return asReading([...written.flatMap((side) => reading[side]), ...(both ? outOfStep : [])])
}

interface Trial {
  readonly example: Example
  readonly twin: Played
  readonly seen: Played
}

function problemOf(world: World, { written }: Situation, { example, twin, seen }: Trial): string | undefined {
  const codes = world.allowed?.flatMap((one) => (one.examples.test(example.id) ? one.codes : [])) ?? []
  const events = seen.events.filter(({ outcome }) => outcome === 'kept' || outcome === 'refused')
  const reasons = events.flatMap((event) => event.reasons)
  const failsAnyway = twin.observations.some(({ kind }) => kind === 'error')
  const unexpected = reasons.filter(({ code }) => !codes.some((allowed) => allowed === code))
  if (unexpected.length > 0 && !failsAnyway) return `kept or refused: ${unexpected.map(({ code }) => code).join(', ')}`
  if (events.some(({ outcome }) => outcome === 'refused')) return undefined
  for (const [index, observation] of twin.observations.entries()) {
    const other = seen.observations[index]
    const found = other === undefined ? 'did not run' : difference(observation, other, example)
    if (found !== undefined && !isTolerated(example.id, found)) return `step ${index + 1}: ${found}`
  }
  if (twin.contents.length === 0) return undefined
  for (const [index, table] of seen.contents.entries()) {
    const side = Math.floor(index / world.reading.twin.length)
    const expected = side < written.length ? twin.contents[index % world.reading.twin.length]?.rows : []
    const what = side < written.length ? `final ${written[side]} side of ${table.what}` : 'rows out of step'
    const found =
      example.shapeOnly && side < written.length ? undefined : rowsDifference(what, expected ?? [], table.rows, false)
    if (found !== undefined) return found
  }
  return undefined
}

function describeProblem(example: Example, situation: Situation, seen: Played, problem: string): string {
  const steps = example.steps.map(
    ({ sql, values }) => `  app:  ${sql}${values ? `  -- ${JSON.stringify(values)}` : ''}`,
  )
  return [
    `${example.id} (${situation.name})`,
    `  ${problem}`,
    ...steps,
    ...seen.sent.map((text) => `  sent: ${text}`),
  ].join('\n')
}
