import type { EventRecord, LatencyRecord } from '@expand-contract/control'
import type { Phase } from '@expand-contract/core'
import { PHASE_ORDER } from '../phase-order.ts'
import { sessionFigures } from './latency-figures.ts'
import type { Measurement } from './measurement.ts'

/** What the processes have counted in each phase, in the order of the phases. */
export function stagesOf(records: readonly LatencyRecord[]): readonly Measurement[] {
  const found = Map.groupBy(records, ({ phase }) => phase)
  return PHASE_ORDER.flatMap((phase) => {
    const sessions = sessionFigures(found.get(phase) ?? [])
    return sessions === undefined ? [] : [{ stage: phase, phase, sessions }]
  })
}

/** What is recorded of the present life of a migration: of before it began, the phase `off` alone. */
export const ofThisLife = (records: readonly LatencyRecord[], begun: Date | undefined): readonly LatencyRecord[] =>
  records.filter(({ phase, lastAt }) => phase === 'off' || begun === undefined || lastAt >= begun)

/**
 * The measurements of a timeline, the oldest first; what one knew of other stages before it, in the order of the phases. Of a life before the
 * present one, which has ended with a rollback, the phase `off` alone counts.
 */
export const measurementsIn = (events: readonly EventRecord[], begun?: Date): readonly Measurement[] =>
  events.flatMap(({ kind, figures, at }) => {
    if (kind !== 'measured' || !isMeasurement(figures)) return []
    const { stages, ...own } = figures
    const others = Array.isArray(stages) ? stages.filter(isMeasurement) : []
    return [...others, own]
      .filter(({ phase }) => begun === undefined || at >= begun || phase === 'off')
      .toSorted((one, other) => placeOf(one) - placeOf(other))
  })

/** The figures of the event `measured`: a measurement, with what is known of other stages. */
type Recorded = Measurement & { readonly stages?: readonly Measurement[] | undefined }

const isMeasurement = (figures: unknown): figures is Recorded =>
  typeof figures === 'object' && figures !== null && 'stage' in figures && typeof figures.stage === 'string'

/** What an operator has named himself comes last. */
function placeOf({ stage }: Measurement): number {
  const place = PHASE_ORDER.indexOf(stage as Phase)
  return place < 0 ? PHASE_ORDER.length : place
}

/** The newest figures of each stage, in the order in which the stages were measured first. */
export function byStage(all: readonly Measurement[]): readonly Measurement[] {
  const stages = new Map<string, Measurement>()
  for (const each of all) stages.set(each.stage, { ...stages.get(each.stage), ...each })
  return [...stages.values()]
}
