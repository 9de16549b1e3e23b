import { readMembers } from '../rows/member.ts'
import { END_OF_TABLE, FIRST_ROW, type Tid } from '../rows/tid-range.ts'
import type { RunnerClient } from '../runner-client.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import { NO_FINDINGS, RowComparer, together } from '../verify/row-comparer.ts'

/**
 * Rows whose new value the old column does not have: they were written in `contract`, and the mapping has no way back for them. On the way back to
 * `switch` the old column counts, so the new one becomes what it says as soon as the row is touched. A rename within one type loses nothing, and is not
 * looked at: a way back must be short.
 */
export async function readWayBackLoss(client: RunnerClient, shape: SyncShape): Promise<number> {
  if (isCopy(shape)) return 0
  const comparer = new RowComparer({ client, shape, phase: 'switch', samples: 0 })
  let found = NO_FINDINGS
  for (const member of await readMembers(client, shape.table))
    for (let next: Tid = FIRST_ROW; next.block !== END_OF_TABLE.block; ) {
      const look = await comparer.look(member, next)
      found = together(found, look.found, 0)
      next = look.next
    }
  const { way_back: _, ...counts } = found.counts
  return Object.values(counts).reduce((sum, each) => sum + each, 0)
}

function isCopy({ migration, old, new: added }: SyncShape): boolean {
  const copies = [migration.forward, migration.backward].every((side) =>
    Object.values(side).every(({ kind }) => kind === 'column'),
  )
  return copies && old.length === 1 && added.length === 1 && old[0]?.type === added[0]?.type
}
