import type { MigrationRecord } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import { countingBackup, type GateFacts, heldSince, lookAtSoak } from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import type { FrontMatter } from './front-matter.ts'

export type RecordedTimes = Pick<FrontMatter, 'soaked' | 'droppable'>

export interface TimesOptions {
  readonly record: MigrationRecord
  /** undefined: it is declared no more, so nothing tells how its soak is. */
  readonly migration: Migration | undefined
  readonly soakMs: number
  readonly holdMs: number
}

/** What has started it again in the last minute is not known to the second: its end would move with each look. */
const YOUNG_MS = 60_000

/**
 * When the soak is over, and when the old column may be dropped, by evidence. Both are points in time that stay until something happens. A drop needs a
 * backup that counts as well: without one it is not known when.
 */
export async function recordedTimes(
  { control, client }: Pick<GateFacts, 'control' | 'client'>,
  { record, migration, soakMs, holdMs }: TimesOptions,
): Promise<RecordedTimes> {
  const { id, phase } = record
  if (phase === 'switch' && migration !== undefined) {
    await loadParser()
    const { over, ms } = await lookAtSoak({ control, client, migration }, { wantedMs: soakMs })
    return { soaked: ms < YOUNG_MS ? undefined : over, droppable: undefined }
  }
  if (phase !== 'hold') return { soaked: undefined, droppable: undefined }
  const [since, backup] = [await heldSince({ control, id }), await countingBackup({ control, id })]
  const known = since !== undefined && backup !== undefined
  return { soaked: undefined, droppable: known ? new Date(since.getTime() + holdMs) : undefined }
}
