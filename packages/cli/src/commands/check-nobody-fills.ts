import { type Control, readRanges } from '@expand-contract/control'
import { cliError } from '../cli-error.ts'
import { timeText } from '../output/duration.ts'

/**
 * A backfill holds no lease of the migration, since several processes share one. What it fills is about to go.
 * @throws EC_OPERATOR with who fills rows
 */
export async function checkNobodyFills(control: Control, migration: string): Promise<void> {
  const { rows } = await control.client.query('SELECT EXTRACT(epoch FROM pg_catalog.clock_timestamp())::float8 AS now')
  const now = new Date(Number(Object(rows[0]).now) * 1_000)
  const ranges = await readRanges(control, migration)
  const held = ranges.find(({ leaseUntil }) => leaseUntil !== undefined && leaseUntil > now)
  if (held === undefined) return
  const { worker = 'Somebody', leaseUntil = now } = held
  throw cliError('EC_OPERATOR', {
    message: `${worker} fills rows of ${migration}, which a rollback would take away. Nothing was changed.`,
    hint: `Stop that backfill with Ctrl-C where it runs, and run this again; if its process is gone, its rows are given back at ${timeText(leaseUntil)}.`,
    migration,
  })
}
