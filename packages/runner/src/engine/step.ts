import type { Operator } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import type { ControlPlace } from '../control-schema.ts'
import type { LockOptions } from '../execute/lock-options.ts'
import type { RunnerClient } from '../runner-client.ts'

/** Where a step works, and as whom. */
export interface StepDatabase extends ControlPlace {
  /** A connection of its own while the step lasts. */
  readonly client: RunnerClient
  /** Who does it, as others see it: `worker-1@ops-2`. */
  readonly operator: Operator
  /** How it waits for tables that are in use. @defaultValue LOCK_DEFAULTS, within the budget */
  readonly locks?: LockOptions
  /** Ends the step before its budget is over, between two batches. */
  readonly signal?: AbortSignal
}

/** What a step is asked to do. All but `database` can go through a queue as JSON, with the id in place of the migration. */
export interface StepRequest<Options, Cursor, Event> {
  readonly migration: Migration
  readonly database: StepDatabase
  /** A UUID that the engine chooses for the whole run of an operation. Whoever has another one by now is rolled back. */
  readonly leaseToken: string
  /** It ends between two batches once so many milliseconds are over; it does one batch at least, so that it comes on. */
  readonly budgetMs: number
  /** What the step before has returned: figures and hints. Where the work stands is in the database, so a lost or an old one does no harm. */
  readonly cursor?: Cursor | undefined
  readonly options?: Options | undefined
  /** Called often; must not throw. @defaultValue nothing */
  readonly onEvent?: ((event: Event) => void) | undefined
}

/** Why nothing more could be done just now. */
export interface StepWait {
  /** `operator`: another one has the lease. `workers`: others have what is left. `lock`: a table was not free. Else a `ThrottleReason`. */
  readonly code: string
  /** Who or what, in words. */
  readonly detail: string | undefined
}

export interface StepResult<Cursor> {
  /** The operation is at its end. */
  readonly done: boolean
  /** Data alone, so that JSON carries it. */
  readonly cursor: Cursor
  /** How long to wait before the next step, in milliseconds. */
  readonly retryAfterMs: number
  readonly waiting?: StepWait | undefined
}

/**
 * A part of an operation that ends soon after its budget. It may be delivered twice, and to two workers at once: what it writes and where
 * it stands are committed together, under the lease token, so that of two which do the same one counts. Run it until it is done.
 * @throws what the operation refuses, and what PostgreSQL says; then what it did since its last commit is taken back
 */
export type Step<Options, Cursor, Event> = (request: StepRequest<Options, Cursor, Event>) => Promise<StepResult<Cursor>>

/** How long others are waited for before it is tried again, in milliseconds. */
export const RETRY_MS = 1_000
