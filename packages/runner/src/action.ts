import type { OperationName, Phase } from '@expand-contract/core'

/** The strongest lock that an action takes on tables of the application. */
export type LockLevel = 'none' | 'SHARE UPDATE EXCLUSIVE' | 'SHARE ROW EXCLUSIVE' | 'ACCESS EXCLUSIVE'

/** How long an action takes, as far as the facts tell. */
export type Estimate =
  | { readonly kind: 'instant' }
  /** It grows with the table. */
  | { readonly kind: 'scan'; readonly rows: number; readonly bytes: number }
  /** It ends when somebody else is ready. */
  | { readonly kind: 'open' }

interface ActionFacts {
  /** The migration that it belongs to. */
  readonly migration: string
  readonly why: string
  readonly lock: LockLevel
  /** The tables, quoted, that it locks. */
  readonly tables: readonly string[]
  /** Neighbouring actions of one group are one transaction; undefined: it must stand outside of one, as CREATE INDEX CONCURRENTLY. */
  readonly transaction: string | undefined
  readonly estimate: Estimate
}

/** One statement. */
export interface SqlAction extends ActionFacts {
  readonly kind: 'sql'
  readonly sql: string
  /**
   * What is run when it has failed, before it is tried again, in a transaction that has a lock on its tables: CREATE INDEX CONCURRENTLY leaves
   * an invalid index behind. It finds out for itself whether there is anything to take away.
   */
  readonly undo?: string
}

/** A phase is written down, in the transaction of what makes it so. */
export interface RecordPhaseAction extends ActionFacts {
  readonly kind: 'record-phase'
  /** The operation that leads to it. */
  readonly operation: OperationName
  readonly phase: Phase
  /** Where the old columns stand, by relation and column: what is dropped later leaves no name. */
  readonly oldPositions?: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** What `contract` takes from the old columns, for the way back. */
  readonly contracted?: Readonly<Record<string, unknown>>
}

/** Work in many short transactions, by the operation that `work` names. */
export interface BatchesAction extends ActionFacts {
  readonly kind: 'batches'
  readonly work: 'backfill' | 'verify' | 'repair'
}

/** Nothing is done until others have come so far. */
export interface WaitAction extends ActionFacts {
  readonly kind: 'wait'
  readonly until: 'acknowledged' | 'leases-ended' | 'replayed'
}

/**
 * One step of a plan: data alone, so that it can be printed, reviewed and counted before anything happens. `executeActions` runs it.
 */
export type Action = SqlAction | RecordPhaseAction | BatchesAction | WaitAction
export type ActionKind = Action['kind']
