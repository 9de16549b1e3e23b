import { compare } from '../../packages/cli/src/measure/compare.ts'
import type { LatencyFigures } from '../../packages/cli/src/measure/latency-figures.ts'
import type { Measurement } from '../../packages/cli/src/measure/measurement.ts'
import type { MeasureView } from '../../packages/cli/src/screens/measure-screen.ts'

const read: LatencyFigures = {
  ...{ count: 216_720_000, seconds: 180_000, perSecond: 1_204, p50Ms: 0.408, p95Ms: 1.104, p99Ms: 4.032 },
  noise: { p50: 1.9, p95: 3.2, p99: 11 },
}
const write: LatencyFigures = {
  ...{ count: 558_000, seconds: 180_000, perSecond: 3.1, p50Ms: 0.912, p95Ms: 2.528, p99Ms: 12.3 },
  noise: { p50: 2.2, p95: 5, p99: 16 },
}

const before: Measurement = {
  ...{ stage: 'off', phase: 'off', sessions: { read, write }, seconds: 600, tableBytes: 9.8e9, indexBytes: 3.1e9 },
  ...{ liveRows: 41_203_118, deadRows: 120_400, writesPerSecond: 3.1, rowsPerWrite: 1, hotShare: 91, walPerRow: 212 },
  ...{ statementsPerSecond: 1_207, p50Ms: 0.11, p95Ms: 0.41, p99Ms: 2.2, noise: 2 },
}
const now: Measurement = {
  ...before,
  ...{ stage: 'switch', phase: 'switch', tableBytes: 10.6e9, indexBytes: 3.6e9, hotShare: 84, walPerRow: 268 },
  sessions: {
    read: { ...read, seconds: 14_400, perSecond: 1_198, p50Ms: 0.416, p95Ms: 1.296 },
    write: { ...write, seconds: 14_400, p50Ms: 1.04, p95Ms: 2.56, p99Ms: 20.2 },
  },
}
const expand: Measurement = { stage: 'expand', phase: 'expand', sessions: { read: { ...read, seconds: 93_600 } } }

/** Of a large table, with all that there is to say. */
export const measured = (): MeasureView => ({
  ...{ id: 'users.full_name', measured: now, stages: [before, expand, now], before, compared: compare(before, now) },
  counted: true,
})

/** The first one, where nobody has joined a fleet and the server counts no statements. */
export const measuredLittle: MeasureView = {
  ...{ id: 'users.full_name', stages: [], before: undefined, compared: [], counted: false },
  measured: {
    ...{ stage: 'off', phase: 'off', seconds: 600, tableBytes: 16_384, indexBytes: 16_384, liveRows: 0, deadRows: 0 },
    writesPerSecond: 0,
  },
}
