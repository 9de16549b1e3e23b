import type { BypassSample } from '@expand-contract/runner'
import { countText, pastText, timeText } from '../output/duration.ts'
import type { MigrationStatus, StatusFacts } from '../status/migration-status.ts'

export interface BypassView {
  readonly facts: Pick<StatusFacts, 'record' | 'fleet'>
  readonly status: Pick<MigrationStatus, 'phase'>
  /** Who has written one side alone; undefined: nobody can know. */
  readonly writers: readonly BypassSample[] | undefined
  /** Rows that they wrote. @defaultValue not known */
  readonly bypassed?: number | undefined
  readonly now: Date
  readonly all: boolean
}

/** One sample of a session is taken in this time. */
const SAMPLE_MS = 60_000

/** Of a process that has joined no fleet, unless it was given another. */
const LEASE_MS = 1_000

/** Who has written past the application; nothing where nobody can know. */
export function bypassText(view: BypassView): readonly string[] {
  const { writers, bypassed = 0, status, now, all } = view
  if (writers === undefined || status.phase === 'off') return []
  const [last] = writers
  if (last === undefined) return ['[ok] nobody whom the sync trigger has seen']
  const textOf = ({ application, sessionUser, operation, wrote, lastSeen }: BypassSample): string =>
    `${application === '' ? 'a session' : application} as ${sessionUser}, ${operation} of the ${wrote} side, ${pastText(lastSeen, now)}`
  if (all) return writers.map((writer) => `[! ] ${textOf(writer)}`)
  const rows = bypassed === 0 ? '' : `${countText(bypassed)} row${bypassed === 1 ? '' : 's'} by `
  const count = `${rows}${writers.length} writer${writers.length === 1 ? '' : 's'}`
  // A session is sampled once a minute, so one that was seen just before may have gone on.
  const since = view.facts.record?.changedAt
  if (since !== undefined && since.getTime() - last.lastSeen.getTime() > SAMPLE_MS)
    return [`[ok] nobody seen since ${timeText(since)}; before: ${count}; last: ${textOf(last)}`]
  return [`[! ] ${count}; last: ${textOf(last)} (${whyText(view, writers)}the trigger keeps it in step)`]
}

/** A process goes by the phase that it has read, as long as its lease lasts. That these are such processes, nobody can tell for certain. */
function whyText({ facts: { record, fleet } }: Pick<BypassView, 'facts'>, writers: readonly BypassSample[]): string {
  if (record === undefined) return ''
  const leaseMs = Math.max(LEASE_MS, ...fleet.map((each) => each.leaseMs))
  const since = record.changedAt.getTime()
  const early = writers.every(({ lastSeen }) => lastSeen.getTime() >= since && lastSeen.getTime() - since <= leaseMs)
  return early ? 'all at the beginning of this phase, as a process writes that has not read it yet; ' : ''
}
