import type { SyncShape } from '../sql/sync-shape.ts'
import type { TriggerShield } from './user-triggers.ts'

/** What all batches of one worker have in common. */
export interface BackfillTask {
  readonly shape: SyncShape
  /** The side that is filled. */
  readonly side: 'old' | 'new'
  /** Of this worker: a range that another one has taken since is not written. */
  readonly token: string
  readonly shield: TriggerShield
  /** Answers of the client have PostgreSQL's own count of the rows of a statement: to count them in SQL takes some 5 % of an UPDATE. */
  readonly tellsRowCount: boolean
  /** An SQL condition: no other rows. @defaultValue all that are out of step */
  readonly only?: string | undefined
}
