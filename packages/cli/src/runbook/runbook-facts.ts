import type { BackupRecord, EventRecord, MigrationRecord, VerificationRecord } from '@expand-contract/control'
import type { BypassSample } from '@expand-contract/runner'

/** Somebody who wrote past the application; where from is not written down. */
export type Bypasser = Pick<
  BypassSample,
  'sessionUser' | 'application' | 'operation' | 'wrote' | 'samples' | 'lastSeen'
>

/** All that a runbook is written from. */
export interface RunbookFacts {
  readonly record: MigrationRecord
  /** Of the migration, the oldest first. */
  readonly events: readonly EventRecord[]
  /** The oldest first. */
  readonly verifications: readonly VerificationRecord[]
  /** The oldest first. */
  readonly backups: readonly BackupRecord[]
  readonly bypassers: readonly Bypasser[]
  /** See FrontMatter. */
  readonly soaked: Date | undefined
  readonly droppable: Date | undefined
  /** The name of the database. */
  readonly database: string
  /** Machines are named: that of the operator, and processes. */
  readonly hosts: boolean
}

/** Who, without the machine unless that is asked for: `dana`. */
export const whoText = ({ hosts }: Pick<RunbookFacts, 'hosts'>, who: string): string =>
  hosts ? who : who.replace(/@[^@]*$/u, '')

/** `2026-11-12 08:01`, in UTC. */
export const minuteText = (at: Date): string => at.toISOString().slice(0, 16).replace('T', ' ')

/** A figure of an event; undefined where it has none. */
export function figure({ figures }: EventRecord, name: string): number | undefined {
  const value = figures[name]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** Of the life that the migration has now: what was before a rollback to `off` is history. */
export function presentLife({ events, record }: Pick<RunbookFacts, 'events' | 'record'>): readonly EventRecord[] {
  const begun = events.findLastIndex(({ kind, figures }) => kind === 'phase' && figures.operation === 'expand')
  return begun < 0 ? events.filter(({ at }) => at >= record.createdAt) : events.slice(begun)
}
