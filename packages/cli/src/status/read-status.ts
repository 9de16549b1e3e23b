import {
  type Control,
  readBackfills,
  readFleet,
  readLeases,
  readMigration,
  readRanges,
  readVerifications,
  type VerificationRecord,
} from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import type { RunnerClient } from '@expand-contract/runner'
import type { StatusFacts } from './migration-status.ts'
import { readIndexProgress, secondsLeft, wentOn } from './read-progress.ts'

export async function readStatus(control: Control, migration: Migration, client: RunnerClient): Promise<StatusFacts> {
  const { id } = migration
  const record = await readMigration(control, id)
  const [backfill] = await readBackfills(control, id)
  const ranges = await readRanges(control, id)
  const verifications = await readVerifications(control, { migration: id, limit: MOST_PASSES })
  const [verification] = verifications
  const fleet = await readFleet(control)
  const lease = (await readLeases(control)).find((each) => each.migration === id)
  const blocks = ranges.reduce((sum, { firstBlock, endBlock }) => sum + endBlock - firstBlock, 0)
  const done = ranges.reduce((sum, { firstBlock, cursorBlock }) => sum + cursorBlock - firstBlock, 0)
  const filling = done < blocks && (await wentOn(control, id, ranges))
  const known = {
    secondsLeft: filling ? secondsLeft(ranges, done, blocks) : undefined,
    indexPercent: lease === undefined ? undefined : await readIndexProgress(client, migration),
  }
  return { ...known, migration, record, backfill, ranges, verification, fleet, lease, passes: passesOf(verifications) }
}

const MOST_PASSES = 1_000

/** The newest first. */
function passesOf(verifications: readonly VerificationRecord[]): StatusFacts['passes'] {
  const [newest] = verifications
  if (newest === undefined) return undefined
  const until = verifications.findIndex(({ clean, epoch }) => !clean || epoch !== newest.epoch)
  const clean = until === -1 ? verifications : verifications.slice(0, until)
  const first = clean.at(-1)
  return first === undefined ? undefined : { count: clean.length, since: first.endedAt }
}
