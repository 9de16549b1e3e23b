import type { SessionFigures } from './latency-figures.ts'
import type { Counters, StatementCounter } from './read-counters.ts'

/** What was measured in one stage, as the event `measured` has it. */
export interface Measurement {
  /** The phase, or what the operator called it. */
  readonly stage: string
  /** That the migration was in; `off` before it began. */
  readonly phase: string
  /** As the processes have counted: of a phase all of it, of what the operator has named while it was looked at. */
  readonly sessions?: SessionFigures | undefined
  /** How long the server's counters were looked at; undefined, as all of them, of a stage that is known by its sessions alone. */
  readonly seconds?: number | undefined
  readonly tableBytes?: number | undefined
  readonly indexBytes?: number | undefined
  readonly liveRows?: number | undefined
  readonly deadRows?: number | undefined
  /** Rows of the table that were written, per second. */
  readonly writesPerSecond?: number | undefined
  /** The same for each statement that writes. */
  readonly rowsPerWrite?: number | undefined
  /** Percent of updates that touched no index; undefined where nothing was updated. */
  readonly hotShare?: number | undefined
  /** Bytes of WAL for one row that is written, of the statements on the table. */
  readonly walPerRow?: number | undefined
  /** The same of the whole server, which writes for others as well. */
  readonly serverWalPerRow?: number | undefined
  /** By pg_stat_statements, as what follows. */
  readonly statementsPerSecond?: number | undefined
  /** Of the means of each statement in each interval, by how often it ran. */
  readonly p50Ms?: number | undefined
  readonly p95Ms?: number | undefined
  readonly p99Ms?: number | undefined
  /** How far the mean of all statements wanders from one interval to the next, in percent. */
  readonly noise?: number | undefined
}

/** What else is known: how many statements wrote meanwhile, as the processes have counted. */
export interface MeasuredStage extends Pick<Measurement, 'stage' | 'phase' | 'sessions'> {
  readonly sessionWrites?: number | undefined
}

/** What processes have counted arrives some seconds later: of less than a minute it says nothing. */
const LEAST_SECONDS = 60

/** From what the server had counted at the ends of each interval. */
export function measurementOf(
  { stage, phase, sessions, sessionWrites = 0 }: MeasuredStage,
  looks: readonly [Counters, ...(readonly Counters[])],
): Measurement {
  const [first, last] = [looks[0], looks.at(-1) ?? looks[0]]
  const seconds = Math.max((last.at.getTime() - first.at.getTime()) / 1_000, 0.001)
  const updates = grown(looks, (look) => look.updates)
  const written = grown(looks, ({ inserts }) => inserts) + updates + grown(looks, ({ deletes }) => deletes)
  const { tableBytes, indexBytes, liveRows, deadRows } = last
  const intervals = intervalsOf(looks)
  const counted = sum(intervals.flat().map((each) => (each.writes ? each.calls : 0)))
  const statements = counted > 0 || seconds < LEAST_SECONDS ? counted : sessionWrites
  return {
    ...{ stage, phase, ...(sessions !== undefined && { sessions }) },
    ...{ seconds: rounded(seconds), tableBytes, indexBytes, liveRows, deadRows },
    writesPerSecond: rounded(written / seconds),
    ...(updates > 0 && { hotShare: rounded((100 * grown(looks, ({ hotUpdates }) => hotUpdates)) / updates) }),
    ...(written > 0 && { serverWalPerRow: Math.round(grown(looks, ({ walBytes }) => walBytes) / written) }),
    ...(statements > 0 && { rowsPerWrite: rounded(written / statements, 2) }),
    ...statementFigures(intervals, seconds),
  }
}

/** How far a counter has gone. Where it is less than before, somebody has reset it, or a partition was detached: of that interval nothing is known. */
const grown = (looks: readonly Counters[], of: (look: Counters) => number): number =>
  sum(looks.slice(1).map((look, at) => Math.max(0, of(look) - of(looks[at] ?? look))))

/** The statements that ran between two looks, for each of them. */
const intervalsOf = (looks: readonly Counters[]): readonly (readonly StatementCounter[])[] =>
  looks.slice(1).flatMap((look, at) => {
    const before = looks[at]?.statements
    return look.statements === undefined || before === undefined ? [] : [ranIn(before, look.statements)]
  })

function statementFigures(intervals: readonly (readonly StatementCounter[])[], seconds: number): Partial<Measurement> {
  const all = intervals.flat()
  const calls = sum(all.map((each) => each.calls))
  if (calls === 0) return {}
  const rows = sum(all.map(({ rowsWritten }) => rowsWritten))
  const share = (part: number): number => rounded(percentile(all, part), 3)
  return {
    ...{ statementsPerSecond: rounded(calls / seconds), p50Ms: share(0.5), p95Ms: share(0.95), p99Ms: share(0.99) },
    noise: rounded(noiseOf(intervals)),
    ...(rows > 0 && { walPerRow: Math.round(sum(all.map(({ walBytes }) => walBytes)) / rows) }),
  }
}

/** What ran between two looks. A reset of the counters in between leaves less than there was: then all of it is new. */
function ranIn(before: readonly StatementCounter[], after: readonly StatementCounter[]): readonly StatementCounter[] {
  const known = new Map(before.map((each) => [each.id, each]))
  return after.flatMap((each) => {
    const was = known.get(each.id)
    const since = was === undefined || was.calls > each.calls ? NONE : was
    const calls = each.calls - since.calls
    if (calls <= 0) return []
    return [
      {
        ...{ id: each.id, writes: each.writes, calls, totalMs: each.totalMs - since.totalMs },
        ...{ rowsWritten: each.rowsWritten - since.rowsWritten, walBytes: each.walBytes - since.walBytes },
      },
    ]
  })
}

const NONE = { calls: 0, totalMs: 0, rowsWritten: 0, walBytes: 0 }

function percentile(ran: readonly StatementCounter[], part: number): number {
  const means = ran
    .map(({ calls, totalMs }) => ({ calls, mean: totalMs / calls }))
    .toSorted((one, other) => one.mean - other.mean)
  const wanted = part * sum(means.map(({ calls }) => calls))
  let seen = 0
  for (const { calls, mean } of means) {
    seen += calls
    if (seen >= wanted) return mean
  }
  return means.at(-1)?.mean ?? 0
}

function noiseOf(intervals: readonly (readonly StatementCounter[])[]): number {
  const means = intervals.flatMap((ran) => {
    const calls = sum(ran.map((each) => each.calls))
    return calls === 0 ? [] : [sum(ran.map(({ totalMs }) => totalMs)) / calls]
  })
  const mean = sum(means) / Math.max(means.length, 1)
  if (means.length < 2 || mean === 0) return 0
  const variance = sum(means.map((each) => (each - mean) ** 2)) / (means.length - 1)
  return (100 * Math.sqrt(variance)) / mean
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

const rounded = (value: number, digits = 1): number => Number(value.toFixed(digits))
