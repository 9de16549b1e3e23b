import type { Action } from '../action.ts'
import type { Operation } from '../operation.ts'
import { compareParity } from '../parity/compare-parity.ts'
import type { ParityFacts } from '../parity/parity-facts.ts'
import { syncShape } from '../sql/sync-shape.ts'
import { checkTable } from './refuse-expand.ts'

export interface ParityPlanOptions {
  /** As `readParityFacts` has them. */
  readonly parity: ParityFacts
}

/**
 * Gives the new columns what the old ones have: grants, comments and checks as soon as they are there; indexes, constraints that look at
 * every row, and statistics when the rows are filled, which is cheaper. Run again it goes on where it was interrupted.
 */
export const parity: Operation<ParityPlanOptions> = {
  name: 'parity',
  plan(migration, facts, { parity: read }): readonly Action[] {
    const shape = syncShape(migration, { ...facts, table: checkTable(migration, facts) })
    const { withColumns, afterBackfill } = compareParity(shape, read)
    return [...withColumns, ...(read.backfilled ? afterBackfill : [])]
  },
}
