import type { SoakRecord, SoakRestart } from '@expand-contract/control'

/** A process of the application that declares the migration, also one that is gone. */
export interface SoakProcess {
  readonly id: string
  readonly startedAt: Date
  readonly heartbeatAt: Date
  /** How long it may be silent, in milliseconds, and counts as live. */
  readonly ttlMs: number
  /** When it said that it ends. */
  readonly leftAt: Date | undefined
  readonly lastOldAt: Date | undefined
  /** A statement of it that stays on the old column whatever the flag says, and that it sent last then. */
  readonly keeps: string | undefined
  /** Statements that read the new column, since it joined. */
  readonly newReads: number
}

/** What production has left behind, by the clock of the server. */
export interface SoakEvidence {
  readonly now: Date
  /** When the phase, or the epoch in it, began. */
  readonly begun: Date
  readonly processes: readonly SoakProcess[]
  /** Passes of `verify` in this epoch that found something. */
  readonly mismatches: readonly { readonly at: Date; readonly detail: string }[]
  /** What the counter of bypassing writers stands at, and who was seen last. */
  readonly bypassed: number
  readonly lastBypass: { readonly at: Date; readonly who: string } | undefined
}

export interface Soak {
  /** Since when nothing has started it again; undefined while it does not run. */
  readonly since: Date | undefined
  readonly ms: number
  readonly met: boolean
  /** When it is over, if nothing starts it again. */
  readonly over: Date | undefined
  /** Why it does not run. */
  readonly why: string | undefined
  /** Why it began again since the last look, the oldest first. */
  readonly restarts: readonly SoakRestart[]
  readonly silent: Readonly<Record<string, string>>
}

/** Who has read the old column so lately reads it now. */
const NOW_MS = 60_000
/** Without any live process for so long, nothing is known; a deploy of a single process takes less. */
const GAP_MS = 600_000
/** A session is sampled once a minute: its last write may be so much later. */
const SAMPLE_MS = 60_000

const at = (ms: number): Date => new Date(ms)
const latest = (...dates: readonly (Date | undefined)[]): number =>
  Math.max(...dates.map((date) => date?.getTime() ?? Number.NEGATIVE_INFINITY))

/**
 * How long production has read the new column only, continuously and by evidence. It is pure: the clock is in the evidence, and what earlier looks have
 * left is handed in, so that a restart survives. What is not known counts against it: a process that went silent without leaving may have read the old
 * column, and time without any process is no proof.
 */
export function soakOf(previous: SoakRecord | undefined, evidence: SoakEvidence, wantedMs: number): Soak {
  const { now, begun, processes } = evidence
  const known = previous?.since !== undefined && previous.since >= begun ? previous : undefined
  const start = latest(begun, known?.since)
  const found = [
    ...oldReads(processes),
    ...silences(processes, now),
    ...gaps(processes, begun, now),
    ...evidence.mismatches.map((each) => ({ ...each, reason: 'mismatch' })),
    ...bypasses(previous, evidence),
  ].filter((each) => each.at.getTime() > start && each.at <= now)
  const since = Math.max(start, ...found.map((each) => each.at.getTime()))
  const why = notRunning(evidence)
  const ms = why === undefined ? Math.max(0, now.getTime() - since) : 0
  const newEpoch = previous?.since !== undefined && previous.since < begun
  return {
    ...{ ms, why, since: why === undefined ? at(since) : undefined },
    met: why === undefined && ms >= wantedMs,
    over: why === undefined ? at(since + wantedMs) : undefined,
    // While it did not run, there was nothing that could begin again.
    restarts:
      previous?.since === undefined
        ? []
        : [
            ...(newEpoch
              ? [{ at: begun, reason: 'epoch', detail: 'a new epoch began: a repair, or a change of the phase' }]
              : []),
            ...newest(found),
          ].toSorted((one, other) => one.at.getTime() - other.at.getTime()),
    silent: Object.fromEntries(
      processes.flatMap((each) => (isSilent(each, now) ? [[each.id, each.heartbeatAt.toISOString()] as const] : [])),
    ),
  }
}

/** Of each reason the last one: a process that reads all the time is told once. */
const newest = (found: readonly SoakRestart[]): readonly SoakRestart[] => [
  ...new Map(
    found.toSorted((one, other) => one.at.getTime() - other.at.getTime()).map((each) => [each.reason, each]),
  ).values(),
]

const oldReads = (processes: readonly SoakProcess[]): readonly SoakRestart[] =>
  processes.flatMap(({ id, lastOldAt, keeps }) =>
    lastOldAt === undefined
      ? []
      : keeps === undefined
        ? [{ at: lastOldAt, reason: 'flag', detail: `the flag sent reads of ${id} to the old column` }]
        : [{ at: lastOldAt, reason: 'old-read', detail: `${id} read the old column: ${keeps}` }],
  )

const endOf = ({ leftAt, heartbeatAt, ttlMs }: SoakProcess, now: Date): number =>
  leftAt?.getTime() ?? Math.min(now.getTime(), heartbeatAt.getTime() + ttlMs)

const isSilent = (process: SoakProcess, now: Date): boolean =>
  process.leftAt === undefined && process.heartbeatAt.getTime() + process.ttlMs < now.getTime()

const silences = (processes: readonly SoakProcess[], now: Date): readonly SoakRestart[] =>
  processes
    .filter((process) => isSilent(process, now))
    .map((process) => ({
      ...{ at: at(endOf(process, now)), reason: 'silent' },
      detail: `${process.id} stopped reporting without leaving, so nobody knows what it read last`,
    }))

/** Time in which no process was live, between two that were. */
function gaps(processes: readonly SoakProcess[], begun: Date, now: Date): readonly SoakRestart[] {
  const lives = processes.toSorted((one, other) => one.startedAt.getTime() - other.startedAt.getTime())
  const found: SoakRestart[] = []
  let until = begun.getTime()
  for (const process of lives) {
    const from = process.startedAt.getTime()
    if (from - until > GAP_MS)
      found.push({
        at: process.startedAt,
        reason: 'no-evidence',
        detail: `no process was live since ${at(until).toISOString()}`,
      })
    until = Math.max(until, endOf(process, now))
  }
  return found
}

/** Whether the counter has moved since the last look, not how far; the sample says about when. */
function bypasses(
  previous: SoakRecord | undefined,
  { bypassed, lastBypass, now }: SoakEvidence,
): readonly SoakRestart[] {
  const moved = previous !== undefined && bypassed > previous.bypassed
  const seen = lastBypass === undefined ? undefined : Math.min(now.getTime(), lastBypass.at.getTime() + SAMPLE_MS)
  if (!moved && (previous !== undefined || seen === undefined)) return []
  const told = seen !== undefined && (previous === undefined || seen >= previous.lookedAt.getTime())
  return [
    {
      ...{ at: told ? at(seen) : now, reason: 'bypass' },
      detail: `somebody wrote past the application${told ? ` (${lastBypass?.who})` : ''}`,
    },
  ]
}

function notRunning({ processes, now }: SoakEvidence): string | undefined {
  const live = processes.filter((process) => endOf(process, now) >= now.getTime() && process.leftAt === undefined)
  if (live.length === 0) return 'no live process reports what it reads (joinFleet, docs/control-schema.md)'
  const reading = processes.filter(
    ({ lastOldAt }) => lastOldAt !== undefined && now.getTime() - lastOldAt.getTime() < NOW_MS,
  )
  if (reading.length > 0)
    return `${reading.map(({ id }) => id).join(', ')} ${reading.length === 1 ? 'reads' : 'read'} the old column`
  if (!processes.some(({ newReads }) => newReads > 0)) return 'no process has read the new column yet'
  return undefined
}
