import {
  type Control,
  readBackfills,
  readFleet,
  readLeases,
  readMigration,
  readRanges,
  readVerifications,
} from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import type { StatusFacts } from './migration-status.ts'

export async function readStatus(control: Control, migration: Migration): Promise<StatusFacts> {
  const { id } = migration
  const record = await readMigration(control, id)
  const [backfill] = await readBackfills(control, id)
  const ranges = await readRanges(control, id)
  const [verification] = await readVerifications(control, { migration: id, limit: 1 })
  const fleet = await readFleet(control)
  const lease = (await readLeases(control)).find((each) => each.migration === id)
  return { migration, record, backfill, ranges, verification, fleet, lease }
}
