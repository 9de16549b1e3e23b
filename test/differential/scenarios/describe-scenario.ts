import { describe, expect, test } from 'vitest'
import { createDatabase, newestMajor, postgresMajors } from '../../support/postgres.ts'
import { difference, rowsDifference } from '../difference.ts'
import type { Example } from '../example.ts'
import { openTwin, type RunResult, run } from '../run.ts'
import { SITUATIONS, type Situation } from '../situation.ts'
import { openSubject } from '../subject.ts'
import { Tolerances, ToleranceUses } from '../tolerance.ts'
import { asReading, type Scenario, scenarioScript } from './scenario.ts'

/** Each leads to a decision of its own. */
const TRIED = SITUATIONS.filter(({ phase, name }) => phase !== undefined && name !== 'switch, flag off')

/** Every example of a scenario in every situation, against its untouched twin: one test per server, or on the newest alone. */
export function describeScenario(scenario: Scenario, on: 'every major' | 'the newest' = 'every major'): void {
  const { name, app, migrations } = scenario
  describe.each(on === 'every major' ? postgresMajors() : [newestMajor()])(
    `${name}, an application of the ${app} side, on PostgreSQL %i`,
    (major) => {
      test('sees what it would see on the untouched schema', async () => {
        const examples = scenario.examples.filter(({ since }) => since <= major)
        const twins = await createDatabase(major, { sql: scenario.twin })
        const twin = await openTwin(twins.url)
        const reading = asReading(scenario.reading.twin)
        const expected = new Map<Example, RunResult>()
        for (const example of examples) expected.set(example, await run(twin, { ...example, reading }))
        await twin.close()
        await twins.drop()
        const problems: string[] = []
        const uses = new ToleranceUses()
        for (const stage of ['old', 'both', 'contract', 'new'] as const) {
          const database = await createDatabase(major, { sql: scenarioScript(scenario, stage) })
          const subject = await openSubject(database.url, {
            migrations,
            flagFor: (part) => migrations[part]?.flag ?? '',
          })
          for (const situation of TRIED.filter((one) => one.stage === stage)) {
            subject.enter(situation)
            for (const [example, twinResult] of expected) {
              const seen = await run(subject, { ...example, reading: readingOf(scenario, situation) })
              const tolerances = new Tolerances(example, { app })
              const problem = problemOf(scenario, situation, { example, twin: twinResult, seen, tolerances })
              uses.add(example.id, tolerances.used)
              if (problem !== undefined) problems.push(describeProblem(example, situation, seen, problem))
            }
          }
          await subject.close()
          await database.drop()
        }
        expect(problems.slice(0, 10), `${problems.length} differences`).toEqual([])
        expect(uses.unused(examples, app), 'tolerated, and not needed').toEqual([])
      })
    },
  )
}

function readingOf({ reading, outOfStep }: Scenario, { written }: Situation): string {
  const both = written.length === 2
  return asReading([...written.flatMap((side) => reading[side]), ...(both ? outOfStep : [])])
}

interface Trial {
  readonly example: Example
  readonly twin: RunResult
  readonly seen: RunResult
  readonly tolerances: Tolerances
}

function problemOf(scenario: Scenario, { written }: Situation, trial: Trial): string | undefined {
  const { example, twin, seen, tolerances } = trial
  const how = { ...example, tolerances }
  const events = seen.events.filter(({ outcome }) => outcome === 'kept' || outcome === 'refused')
  const reasons = events.flatMap((event) => event.reasons)
  const failsAnyway = twin.observations.some(({ kind }) => kind === 'error')
  const unexpected = failsAnyway ? [] : reasons.filter(({ code }) => !tolerances.reason(code))
  if (unexpected.length > 0) return `kept or refused: ${unexpected.map(({ code }) => code).join(', ')}`
  if (events.some(({ outcome }) => outcome === 'refused')) return undefined
  for (const [index, observation] of twin.observations.entries()) {
    const other = seen.observations[index]
    const found = other === undefined ? 'did not run' : difference(observation, other, how)
    if (found !== undefined) return `step ${index + 1}: ${found}`
    // Tolerated; what follows in a transaction of which one has failed tells nothing.
    if (observation.kind !== other?.kind) return undefined
  }
  if (twin.contents.length === 0) return undefined
  for (const [index, table] of seen.contents.entries()) {
    const side = Math.floor(index / scenario.reading.twin.length)
    const expected = side < written.length ? twin.contents[index % scenario.reading.twin.length]?.rows : []
    const what = side < written.length ? `final ${written[side]} side of ${table.what}` : 'rows out of step'
    const found =
      example.shapeOnly && side < written.length
        ? undefined
        : rowsDifference(what, expected ?? [], table.rows, { ordered: false, tolerances })
    if (found !== undefined) return found
  }
  return undefined
}

function describeProblem(example: Example, situation: Situation, seen: RunResult, problem: string): string {
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
