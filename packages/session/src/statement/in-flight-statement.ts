import { types } from 'node:util'
import type { Plan } from '@expand-contract/sql'
import type { Session, StatementToPlan } from '../connection/session.ts'
import { type SentStatement, withUserNames } from '../error/error-names.ts'
import type { Asking, OwnQuery, OwnQueryResult } from '../own-query/own-query.ts'
import type { OnPlan } from './statement-event.ts'
import { StatementRefusedError } from './statement-refused-error.ts'

/** Errors that a catalog which has moved on explains: undefined column, table, constraint, or a plan that is no more. */
const CONTRADICTIONS = new Set(['42703', '42P01', '42P10', '42704', '42804', '0A000'])

export type InFlightState =
  | { readonly kind: 'ready'; readonly plan: Plan | undefined }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'ask'; readonly query: OwnQuery }

/** One statement on its way from the application to the database: planned when its turn comes, sent, perhaps sent again. */
export class InFlightStatement {
  readonly statement: StatementToPlan
  readonly session: Session
  readonly #onPlan: OnPlan | undefined
  #planning: Asking<SentStatement | undefined> | undefined
  #asked: InFlightState | undefined
  #answer: { readonly result: OwnQueryResult } | { readonly error: unknown } | undefined
  #settled: InFlightState | undefined
  /** undefined when the statement touches no migrating table. */
  #planned: SentStatement | undefined
  #sentAlone = false
  /** What the database said to the first try, while there is a second. */
  #firstError: Error | undefined

  constructor(statement: StatementToPlan, session: Session, onPlan: OnPlan | undefined) {
    this.statement = statement
    this.session = session
    this.#onPlan = onPlan
  }

  /** Of a statement that was sent as it was planned, outside of any queue. */
  static of(statement: StatementToPlan, session: Session, planned: SentStatement): InFlightStatement {
    const inFlight = new InFlightStatement(statement, session, undefined)
    inFlight.#planned = planned
    inFlight.#sentAlone = session.transaction.status === 'I'
    return inFlight
  }

  /** True when the statement was found to touch a migrating table. */
  get touches(): boolean {
    return this.#planned !== undefined
  }

  /** True once a query of ours has been asked for, until the plan is there. */
  get planning(): boolean {
    return this.#planning !== undefined
  }

  /** True when the next `advance` answers at once what was found before the statement's turn. */
  get settled(): boolean {
    return this.#settled !== undefined
  }

  settle(state: InFlightState): void {
    this.#settled = state
  }

  /** The next step, each time the statement is at the head of the queue. */
  advance(): InFlightState {
    const settled = this.#settled
    this.#settled = undefined
    if (settled !== undefined) return settled
    const answer = this.#answer
    if (this.#asked !== undefined && answer === undefined) return this.#asked
    this.#answer = undefined
    this.#asked = undefined
    try {
      if (this.#planning === undefined && this.#firstError === undefined) {
        const planned = this.session.planAtOnce(this.statement)
        if (planned !== null) return this.#decided(planned)
      }
      this.#planning ??= this.session.plan(this.statement, this.#firstError !== undefined)
      const step =
        answer === undefined
          ? this.#planning.next()
          : 'error' in answer
            ? this.#planning.throw(answer.error)
            : this.#planning.next(answer.result)
      if (step.done !== true) {
        this.#asked = { kind: 'ask', query: step.value }
        return this.#asked
      }
      this.#planning = undefined
      return this.#decided(step.value)
    } catch (error) {
      this.#planning = undefined
      const first = this.#firstError
      if (first !== undefined) return { kind: 'failed', error: this.#named(first) }
      return { kind: 'failed', error: types.isNativeError(error) ? error : new Error(String(error)) }
    }
  }

  /** The answer to the query that `advance` asked for. */
  answered(answer: { readonly result: OwnQueryResult } | { readonly error: unknown }): void {
    this.#answer = answer
  }

  #decided(planned: SentStatement | undefined): InFlightState {
    const first = this.#firstError
    if (first !== undefined && (planned?.wire ?? this.statement.text) === this.#planned?.wire)
      return { kind: 'failed', error: this.#named(first) }
    this.#planned = planned
    const plan = planned?.plan
    if (plan === undefined) return { kind: 'ready', plan }
    if (first === undefined && (plan.touches.length > 0 || plan.outcome === 'refused'))
      this.#onPlan?.(plan, this.statement, planned?.pins)
    if (plan.outcome === 'refused') return { kind: 'failed', error: new StatementRefusedError(plan) }
    this.#sentAlone = this.session.transaction.status === 'I'
    return { kind: 'ready', plan }
  }

  /**
   * The error for the application; undefined when the statement should be sent once more, because the catalog has moved
   * on under it and nothing of it has been done. `untouched`: no part of an answer has arrived.
   */
  failed(error: unknown, untouched: boolean): unknown {
    if (this.#planned === undefined || !isDatabaseError(error) || error === this.#firstError) return error
    if (CONTRADICTIONS.has(error.code)) {
      if (untouched && this.#sentAlone && this.#firstError === undefined) {
        this.#firstError = error
        return undefined
      }
      this.session.contradicted()
    }
    return this.#named(error)
  }

  #named(error: Error): Error {
    return this.#planned === undefined ? error : withUserNames(error, this.#planned)
  }
}

/** True for what the database has said, and false for what the driver has. */
export function isDatabaseError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string'
}
