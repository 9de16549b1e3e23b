import type { Action } from '../action.ts'
import type { SyncPhase } from '../sql/sync-function.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import { syncObjects } from '../sql/sync-trigger.ts'

/**
 * What a change of phase does to the sync trigger: its function is replaced, which locks no table, waits for no writer, and counts from the
 * next statement on, also in transactions that are open. It belongs into the transaction that records the phase.
 */
export const enterPhase = (shape: SyncShape, phase: SyncPhase, transaction: string): readonly Action[] =>
  syncObjects(shape, phase).map(({ sql, why }) => ({
    kind: 'sql',
    migration: shape.migration.id,
    ...{ sql, why, transaction, lock: 'none', tables: [], estimate: { kind: 'instant' } },
  }))
