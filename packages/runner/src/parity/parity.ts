import type { Action } from '../action.ts'

/** What is compared. `later`: what only one column can have, so that `contract` moves it. */
export type ParityKind =
  | 'comment'
  | 'grant'
  | 'storage'
  | 'statistics target'
  | 'index'
  | 'unique'
  | 'check'
  | 'foreign key'
  | 'not null'
  | 'statistics'
  | 'analyze'

/** Something that a person has to decide on. */
export interface ForPeople {
  /** A name of its own, to be accepted by: `index users_name_gin`. */
  readonly what: string
  readonly why: string
  /** What to start from; it may be a comment alone. */
  readonly sql: string
  /** Reads of the new column rely on it, or the old column cannot be dropped as long as it is there. */
  readonly before: 'switch' | 'contract'
}

/** What one column, or one index, alone can have, or a writer would run into as long as the old column is written; and the step that moves it. */
export interface Later {
  readonly what: string
  readonly by: 'contract' | 'drop'
}

/** What the new columns have of what the old ones have. */
export interface Parity {
  /** In the transaction that adds the columns: without grants every write would be refused at once. */
  readonly withColumns: readonly Action[]
  /** What is cheaper when the rows are filled, or true only then. */
  readonly afterBackfill: readonly Action[]
  /** Names of what is missing, of both. */
  readonly missing: readonly string[]
  readonly forPeople: readonly ForPeople[]
  /** What the role of the connection has to be granted before `afterBackfill` can be made: `CREATE ON SCHEMA app`. */
  readonly lacking: readonly string[]
  readonly later: readonly Later[]
  /** Counterparts that are there, by kind. */
  readonly met: Readonly<Partial<Record<ParityKind, number>>>
}
