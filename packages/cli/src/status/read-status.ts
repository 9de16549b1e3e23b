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
import type { StatusFacts } from './migration-status.ts'

export async function readStatus(control: Control, migration: Migration): Promise<StatusFacts> {
  const { id } = migration
  const record = await readMigration(control, id)
  const [backfill] = await readBackfills(control, id)
  const ranges = await readRanges(control, id)
  const verifications = await readVerifications(control, { migration: id, limit: MOST_PASSES })
  const [verification] = verifications
  const fleet = await readFleet(control)
  const lease = (await readLeases(control)).find((each) => each.migration === id)
  return { migration, record, backfill, ranges, verification, fleet, lease, passes: passesOf(verifications) }
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
