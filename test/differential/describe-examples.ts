import type { Side } from '@expand-contract/core'
import { afterAll, describe, expect, test } from 'vitest'
import { createDatabase, newestMajor, postgresMajors } from '../support/postgres.ts'
import type { Example } from './example.ts'
import { EXAMPLES } from './examples/all-examples.ts'
import { MIGRATION_KINDS } from './migration-kinds/all-migration-kinds.ts'
import type { MigrationKind } from './migration-kinds/migration-kind.ts'
import { type Stage, stageScript, twinScript } from './migration-kinds/stage-script.ts'
import { openTwin, type RunResult } from './run.ts'
import { isSelected, share } from './selection.ts'
import { SITUATIONS } from './situation.ts'
import { openSubjectOf } from './subject.ts'
import { Tally } from './tally.ts'
import { applies } from './template.ts'
import { ToleranceUses } from './tolerance.ts'
import { runOnTwin, tryExample, type Verdict } from './trial.ts'

const STAGES: readonly Stage[] = ['old', 'both', 'contract', 'new']

/** Every example, for an application of one side, against its untouched twin: one test per server and kind. */
export function describeExamples(app: Side): void {
  const tally = new Tally()
  describe.each(postgresMajors())(`an application of the ${app} side on PostgreSQL %i`, (major) => {
    const uses = new ToleranceUses()
    const done = new Set<string>()
    test.each(MIGRATION_KINDS.map((kind) => [kind.name, kind] as const))(
      '%s',
      { timeout: share() === undefined ? 600_000 : 3_600_000 },
      async (_, kind) => {
        const problems: Verdict[] = []
        for await (const verdict of verdicts(kind, app, major)) {
          tally.add(verdict)
          uses.add(verdict.example.id, verdict.used)
          if (verdict.problem !== undefined) problems.push(verdict)
        }
        done.add(kind.name)
        expect(problems.map(describeVerdict).slice(0, 10), `${problems.length} differences`).toEqual([])
      },
    )

    test('needs all that its examples tolerate', ({ skip }) => {
      skip(done.size < MIGRATION_KINDS.length, 'not every kind of migration has been tried')
      const run = EXAMPLES.filter((example) => MIGRATION_KINDS.some((kind) => applies(example, kind, app, major)))
      expect(uses.unused(run, app)).toEqual([])
    })
  })
  afterAll(() => {
    console.log(tally.summary())
    tally.report(`examples-of-the-${app}-side`)
  })
}

type Major = ReturnType<typeof newestMajor>

async function* verdicts(kind: MigrationKind, app: Side, major: Major): AsyncGenerator<Verdict> {
  const newest = major === newestMajor()
  const twins = await createDatabase(major, { sql: twinScript(kind, app) })
  const twin = await openTwin(twins.url)
  const expected = new Map<Example, RunResult>()
  for (const stage of STAGES) {
    const database = await createDatabase(major, { sql: stageScript(kind, stage) })
    const subject = await openSubjectOf(database.url, kind, app)
    for (const situation of SITUATIONS.filter((one) => one.stage === stage))
      for (const example of EXAMPLES) {
        if (!applies(example, kind, app, major) || !isSelected({ example, kind, app, situation, newest })) continue
        const result = expected.get(example) ?? (await runOnTwin(twin, example, kind, app))
        expected.set(example, result)
        yield await tryExample(subject, { example, kind, app, situation, expected: result })
      }
    await subject.close()
    await database.drop()
  }
  await twin.close()
  await twins.drop()
}

/** What a person needs to see one difference, and to run it again. */
function describeVerdict(verdict: Verdict): string {
  const { example, kind, situation, app, steps, sent, outcome, reasons } = verdict
  return [
    `${example.id} (${kind.name}, ${app} application, ${situation.name})`,
    `  ${verdict.problem}`,
    ...steps.map((step) => `  app:  ${short(step.sql)}${step.values ? `  -- ${JSON.stringify(step.values)}` : ''}`),
    ...sent.map((text) => `  sent: ${short(text)}`),
    `  ${outcome} ${reasons.join(', ')}`,
  ].join('\n')
}

const short = (text: string): string => (text.length > 1_500 ? `${text.slice(0, 1_500)} ...` : text)
