import type { RequestScope } from './context.ts'
import type { Pins } from './decision.ts'
import type { FlagContext } from './flag-context.ts'
import type { Side } from './migration.ts'
import type { Phase, PhysicalState } from './phase.ts'

/**
 * One statement that touched a migrating table. It never carries values: no parameters, and no SQL text with values in it.
 * `tables`, `fingerprint` and `text` are computed when they are read, so that a statement does not pay for what nobody asks.
 */
export interface StatementEvent {
  readonly outcome: 'unchanged' | 'rewritten' | 'kept' | 'refused'
  readonly command: string
  /** The migrating tables that it touches, as they are declared. */
  readonly tables: readonly string[]
  /**
   * The parser's fingerprint of the application's text: the same for statements that differ in values, in the length of
   * lists, in formatting and in comments alone. undefined for a text that does not parse.
   */
  readonly fingerprint: string | undefined
  /**
   * The application's text with a parameter in place of each value and without comments, cut behind 10,000 characters.
   * undefined where it cannot be told what is a value.
   */
  readonly text: string | undefined
  /** Migration id to the side that this statement reads, for the migrations of the tables it names. */
  readonly reads: Readonly<Record<string, Side>>
  /** Why it was kept on the old side or refused, by migration; empty otherwise. */
  readonly reasons: readonly StatementReason[]
  /** What was planned: one object for all statements that are sent in the same way, to be compared, not read. */
  readonly shape: object
  /** The request it belongs to: one object per `withContext`, to be compared, not read. */
  readonly scope: RequestScope | undefined
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
  /**
   * What went wrong within the rewriter, where it is at fault, as with `unsupported`: please report it. It tells of this
   * library's own code, never of a value or the statement's text. Not set otherwise.
   */
  readonly cause?: unknown
}

/**
 * The database has answered a statement on a migrating table that reads or writes rows, without an error. What hands out its answer in parts (a
 * cursor, a stream) is not told of: the application decides how long it takes.
 */
export interface AnswerEvent {
  /** A `SELECT` that writes in its WITH clause writes. */
  readonly kind: 'read' | 'write'
  /** From when it was sent to when its answer had arrived, in milliseconds. What it waited for a connection is not in it. */
  readonly ms: number
  /** Migration id to the side that it reads. */
  readonly reads: Readonly<Record<string, Side>>
  /** Migration id to the phase that it was planned in; where none is recorded, what the columns that exist stand for. Found out when it is read. */
  readonly phases: Readonly<Record<string, Phase>>
  /** As in StatementEvent: to be compared, not read. */
  readonly shape: object
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
  /** While nobody has this method no statement is timed. */
  onAnswer?(event: AnswerEvent): void
  onDecision?(event: DecisionEvent): void
  onCatalog?(event: CatalogEvent): void
  onWarning?(event: WarningEvent): void
}
