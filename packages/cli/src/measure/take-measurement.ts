import {
  appendEvent,
  type Control,
  type EventRecord,
  type LatencyRecord,
  type Operator,
  readEvents,
  readLatencies,
  readMigration,
} from '@expand-contract/control'
import type { Migration, Phase } from '@expand-contract/core'
import type { RunnerClient } from '@expand-contract/runner'
import { presentLife } from '../runbook/runbook-facts.ts'
import { type Compared, compare } from './compare.ts'
import { latenciesBetween, sessionFigures } from './latency-figures.ts'
import { type Measurement, measurementOf } from './measurement.ts'
import { type Counters, readCounters } from './read-counters.ts'
import { byStage, measurementsIn, ofThisLife, stagesOf } from './stages.ts'

/** What the command found of one migration. */
export interface Measured {
  readonly migration: string
  readonly phase: Phase
  readonly measured: Measurement
  /** All stages that are known, with this one, in their order. */
  readonly stages: readonly Measurement[]
  readonly before: Measurement | undefined
  readonly compared: readonly Compared[]
  /** Whether pg_stat_statements could be read. */
  readonly counted: boolean
}

interface MeasureParts {
  readonly client: RunnerClient
  readonly control: Control
}

/** One migration that is being looked at. */
export class RunningMeasurement {
  readonly #parts: MeasureParts
  readonly #migration: Migration
  readonly #phase: Phase
  readonly #before: readonly LatencyRecord[]
  readonly #looks: [Counters, ...Counters[]]

  private constructor(
    parts: MeasureParts,
    begun: { migration: Migration; phase: Phase; latencies: readonly LatencyRecord[]; first: Counters },
  ) {
    this.#parts = parts
    this.#migration = begun.migration
    this.#phase = begun.phase
    this.#before = begun.latencies
    this.#looks = [begun.first]
  }

  static async begin(parts: MeasureParts, migration: Migration): Promise<RunningMeasurement> {
    const { client, control } = parts
    const phase = (await readMigration(control, migration.id))?.phase ?? 'off'
    const latencies = await readLatencies(control, { migration: migration.id })
    const first = await readCounters(client, migration, control.schema)
    return new RunningMeasurement(parts, { migration, phase, latencies, first })
  }

  async look(): Promise<void> {
    const { client, control } = this.#parts
    this.#looks.push(await readCounters(client, this.#migration, control.schema))
  }

  /** Records it as `named`, or as its phase. */
  async end(operator: Operator, named: string | undefined): Promise<Measured> {
    const { control } = this.#parts
    const { id } = this.#migration
    const phase = this.#phase
    const latencies = await readLatencies(control, { migration: id })
    const meanwhile = latenciesBetween(this.#before, latencies)
    const begun = await begunAt(control, id)
    const recorded = stagesOf(ofThisLife(latencies, begun))
    const stage = named ?? phase
    const sessions =
      stage === phase ? recorded.find((each) => each.stage === stage)?.sessions : sessionFigures(meanwhile)
    const writes = meanwhile.flatMap(({ kind, count }) => (kind === 'write' ? [count] : []))
    const sessionWrites = writes.reduce((sum, count) => sum + count, 0)
    const measured = measurementOf({ stage, phase, sessions, sessionWrites }, this.#looks)
    const others = recorded.filter((each) => each.stage !== stage)
    await appendEvent(control, {
      ...{ ...operator, migration: id, kind: 'measured' },
      figures: { ...measured, ...(others.length > 0 && { stages: others }) },
    })
    const events = await readEvents(control, { migration: id, kind: 'measured', limit: 1_000 })
    const stages = byStage(measurementsIn(events, begun))
    const [first] = stages
    const before = first === undefined || first.stage === stage ? undefined : first
    return {
      ...{ migration: id, phase, measured, stages, before },
      compared: before === undefined ? [] : compare(before, measured),
      counted: this.#looks[0].statements !== undefined,
    }
  }
}

/** When the life that the migration has now began. */
async function begunAt(control: Control, id: string): Promise<Date | undefined> {
  const record = await readMigration(control, id)
  if (record === undefined) return undefined
  const events: readonly EventRecord[] = await readEvents(control, { migration: id, kind: 'phase', limit: 1_000 })
  return presentLife({ events, record })[0]?.at
}
