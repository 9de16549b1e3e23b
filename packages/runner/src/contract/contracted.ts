import type { MigrationRecord } from '@expand-contract/control'
import type { ColumnState } from './column-states.ts'

/** What `contract` found and changed, as it stands in the control schema. */
export interface Contracted {
  /** The old columns as they were, and the new ones, on every member. */
  readonly old: readonly ColumnState[]
  readonly new: readonly ColumnState[]
}

/** What is recorded; undefined where nothing is. */
export function contractedOf({ contracted }: Pick<MigrationRecord, 'contracted'>): Contracted | undefined {
  const { old, new: added } = contracted as Partial<Contracted>
  return Array.isArray(old) && Array.isArray(added) ? { old, new: added } : undefined
}
