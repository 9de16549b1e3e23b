import type { Side } from '@expand-contract/core'
import { contentsSql, outOfStepSql, twinContentsSql } from './contents.ts'
import { difference, rowsDifference } from './difference.ts'
import type { Example, Step } from './example.ts'
import type { MigrationKind } from './migration-kinds/migration-kind.ts'
import { type ConnectedDatabase, type RunResult, run } from './run.ts'
import type { Situation } from './situation.ts'
import type { Subject } from './subject.ts'
import { stepsFor } from './template.ts'
import { type Tolerance, Tolerances } from './tolerance.ts'

/** What became of one example on one database in one situation. */
export interface Verdict {
  readonly example: Example
  readonly kind: MigrationKind
  readonly app: Side
  readonly situation: Situation
  /** What the observer said of the steps: `rewritten`, `kept`, `refused`; `unchanged` where nothing was rewritten. */
  readonly outcome: Outcome
  readonly reasons: readonly string[]
  /** What an application would see differently and the example does not tolerate; undefined where nothing. */
  readonly problem: string | undefined
  /** What it has tolerated. */
  readonly used: ReadonlySet<Tolerance>
  readonly steps: readonly Step[]
  readonly sent: readonly string[]
}

export type Outcome = 'unchanged' | 'rewritten' | 'kept' | 'refused'

const RANK: readonly Outcome[] = ['unchanged', 'rewritten', 'kept', 'refused']

/** What the twin answers; it does not depend on the situation, so it is asked once. */
export async function runOnTwin(
  twin: ConnectedDatabase,
  example: Example,
  kind: MigrationKind,
  app: Side,
): Promise<RunResult> {
  const steps = stepsFor(example, kind, app)
  return run(twin, { ...example, steps, reading: twinContentsSql(kind, app) })
}

interface Trial {
  readonly example: Example
  readonly kind: MigrationKind
  readonly app: Side
  readonly situation: Situation
  readonly expected: RunResult
}

/** Runs an example in one situation, and judges it by what the twin did. */
export async function tryExample(subject: Subject, trial: Trial): Promise<Verdict> {
  const { example, kind, app, situation, expected } = trial
  const steps = stepsFor(example, kind, app)
  const bothWritten = situation.written.length === 2
  const reading = [...contentsSql(kind, app, situation.written), ...(bothWritten ? [outOfStepSql(kind)] : [])]
  subject.enter(situation)
  const seen = await run(subject, { ...example, steps, reading: reading.join(';\n') })
  const outcomes = seen.events.map((event) => event.outcome)
  const outcome = RANK.findLast((one) => outcomes.includes(one)) ?? 'unchanged'
  const reasons = [...new Set(seen.events.flatMap((event) => event.reasons.map((reason) => reason.code)))]
  const tolerances = new Tolerances(example, { app, kind: kind.name })
  return {
    ...{ example, kind, app, situation, steps, outcome, reasons },
    problem: problemOf({ example, expected, seen, outcome, reasons, bothWritten, tolerances }),
    used: tolerances.used,
    sent: seen.sent,
  }
}

interface Judged extends Pick<Verdict, 'example' | 'outcome' | 'reasons'> {
  readonly expected: RunResult
  readonly seen: RunResult
  readonly bothWritten: boolean
  readonly tolerances: Tolerances
}

function problemOf(judged: Judged): string | undefined {
  const { expected, outcome, reasons, tolerances } = judged
  const failsAnyway = expected.observations.some(({ kind }) => kind === 'error')
  // What PostgreSQL would refuse may be refused before it is sent.
  if (outcome === 'refused' && failsAnyway) return undefined
  if (outcome === 'kept' || outcome === 'refused') {
    const unexpected = reasons.filter((code) => !tolerances.reason(code))
    if (unexpected.length > 0) return `${outcome} because of ${unexpected.join(', ')}`
    if (outcome === 'refused') return undefined
  }
  return differenceOf(judged)
}

function differenceOf({ example, expected, seen, bothWritten, tolerances }: Judged): string | undefined {
  const how = { ...example, tolerances }
  for (const [index, observation] of expected.observations.entries()) {
    const other = seen.observations[index]
    if (other === undefined) return `step ${index + 1} did not run`
    const found = difference(observation, other, how)
    if (found !== undefined) return `step ${index + 1}: ${found}`
    // Tolerated; what follows in a transaction of which one has failed tells nothing.
    if (observation.kind !== other.kind) return undefined
  }
  const tables = expected.contents
  if (tables.length === 0) return undefined
  for (const [index, other] of seen.contents.slice(0, bothWritten ? -1 : undefined).entries()) {
    const table = tables[index % tables.length]
    const what = `final ${other.what}`
    const found = example.shapeOnly
      ? table?.rows.length === other.rows.length
        ? undefined
        : `${what}: twin ${table?.rows.length} rows, here ${other.rows.length}`
      : rowsDifference(what, table?.rows ?? [], other.rows, { ordered: false, tolerances })
    if (found !== undefined) return found
  }
  const outOfStep = bothWritten ? seen.contents.at(-1)?.rows[0]?.[0] : '0'
  return outOfStep === '0' || (outOfStep === '1' && tolerances.parts)
    ? undefined
    : `rows whose two sides are not in step: ${outOfStep}`
}
