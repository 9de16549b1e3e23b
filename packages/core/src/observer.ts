import type { Scope } from './context.ts'
import type { Pins } from './decision.ts'
import type { FlagContext } from './flag-source.ts'
import type { Side } from './migration.ts'
import type { Phase, PhysicalState } from './phase.ts'

/** One statement that touched a migrating table. It never carries SQL text with values, nor parameters. */
export interface StatementEvent {
  readonly outcome: 'unchanged' | 'rewritten' | 'kept' | 'refused'
  readonly command: string
  /** Migration id to the side that this statement reads, for the migrations of the tables it names. */
  readonly reads: Readonly<Record<string, Side>>
  /** Why it was kept on the old side or refused, by migration; empty otherwise. */
  readonly reasons: readonly StatementReason[]
  /** The request it belongs to: one object per `withContext`, to be compared, not read. */
  readonly scope: Scope | undefined
  /** The transaction it ran in: one object per transaction, to be compared, not read. */
  readonly transaction: Pins | undefined
}

export interface StatementReason {
  readonly migration: string
  /** A permanent code, such as `whole-row-in-function`. */
  readonly code: string
  readonly message: string
  /** Position in the application's text, in UTF-16 units from 0; undefined where there is none. */
  readonly position: number | undefined
}

/** The read side of one migration was decided for a request, a transaction or a statement. */
export interface DecisionEvent {
  readonly migration: string
  readonly phase: Phase | undefined
  readonly physical: PhysicalState
  readonly read: Side
  readonly context: FlagContext
}

/** The columns of a migrating table were seen for the first time, or have changed. */
export interface CatalogEvent {
  readonly migration: string
  readonly physical: PhysicalState | 'incomplete' | 'missing-table'
}

/** Something the application does not notice, and an operator should. */
export interface WarningEvent {
  readonly code: string
  readonly message: string
  readonly migration?: string | undefined
  readonly cause?: unknown
}

/**
 * Sees what happens, and changes nothing: an exception from an observer is swallowed. Methods are called synchronously in
 * the path of a statement, so keep them short.
 */
export interface Observer {
  onStatement?(event: StatementEvent): void
  onDecision?(event: DecisionEvent): void
  onCatalog?(event: CatalogEvent): void
  onWarning?(event: WarningEvent): void
}
