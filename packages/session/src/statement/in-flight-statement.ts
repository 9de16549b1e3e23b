import { types } from 'node:util'
import type { Plan } from '@expand-contract/sql'
import type { Planned, Session, StatementToPlan } from '../connection/session.ts'
import { type SentStatement, withUserNames } from '../error/error-names.ts'
import type { Asking, OwnQuery, OwnQueryResult } from '../own-query/own-query.ts'
import type { OnPlan } from './statement-event.ts'
import { StatementRefusedError } from './statement-refused-error.ts'
import { UpsertGuard } from './upsert-guard.ts'

/** Errors that a catalog which has moved on explains: undefined column, table, constraint, or a plan that is no more. */
const CONTRADICTIONS = new Set(['42703', '42P01', '42P10', '42704', '42804', '0A000'])

export type InFlightState =
  | ReadyState
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'ask'; readonly query: OwnQuery }

interface ReadyState {
  readonly kind: 'ready'
  /** undefined when the statement touches nothing and is sent as it is. */
  readonly plan: Plan | undefined
}

type Answer = { readonly result: OwnQueryResult } | { readonly error: unknown }

/** One statement on its way from the application to the database: planned when its turn comes, sent, perhaps sent again. */
export class InFlightStatement {
  readonly statement: StatementToPlan
  readonly session: Session
  readonly #onPlan: OnPlan | undefined
  /** By the timer, when it was sent last; undefined where nobody wants to know how long it takes. */
  sentAt: number | undefined
  #planning: Asking<Planned> | undefined
  #asked: InFlightState | undefined
  #answer: Answer | undefined
  #settled: InFlightState | undefined
  /** undefined until it is planned for the first time. */
  #planned: Planned | undefined
  #sentAlone = false
  /** What the database said to the first try, while there is a second. */
  #firstError: Error | undefined
  #sentOnce = false
  /** Of an upsert that may be overtaken. */
  #guard: UpsertGuard | undefined
  /** It is planned, and waits for its turn or for what has to be run ahead of it. */
  #waiting: ReadyState | undefined

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
    inFlight.#guardUpsert(planned.plan)
    return inFlight
  }

  /** It hands out parts of its answer, so it cannot be sent again. */
  sendOnce(): void {
    this.#sentOnce = true
  }

  /** True when the statement was found to touch a migrating table. */
  get touches(): boolean {
    return this.#planned?.kind === 'planned'
  }

  /** How it was planned; undefined where it touches nothing. */
  get sent(): SentStatement | undefined {
    return this.#planned?.kind === 'planned' ? this.#planned : undefined
  }

  /** What `advance` is to answer next: it was found before the statement is sent. */
  settle(state: InFlightState): void {
    this.#settled = state
  }

  /**
   * For a pipeline, where the statement's turn comes while others are still under way: true when what `advance` will answer is
   * known, false when it has to wait until nothing is under way.
   */
  planNow(): boolean {
    if (this.#settled !== undefined) return true
    if (this.#waiting !== undefined || this.#planning !== undefined) return false
    const now = this.#now()
    if (now?.kind === 'ready' && this.mustBeAlone) this.#waiting = now
    else this.#settled = now
    return this.#settled !== undefined
  }

  /** It may be sent again, so in a pipeline nothing may be under way with it, nor follow it before it is answered. */
  get mustBeAlone(): boolean {
    return this.#guard !== undefined
  }

  /** undefined when something has to be asked for. */
  #now(): InFlightState | undefined {
    if (this.#firstError !== undefined) return undefined
    try {
      const planned = this.session.planNow(this.statement)
      return planned.kind === 'ask-first' ? undefined : this.#decided(planned)
    } catch (error) {
      return this.#failedPlanning(error)
    }
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
    if (this.#waiting !== undefined) return this.#guarded(this.#waiting, answer)
    const state = this.#advancedBy(answer)
    return state.kind === 'ready' && this.#guard !== undefined ? this.#guarded(state, undefined) : state
  }

  #advancedBy(answer: Answer | undefined): InFlightState {
    const now = this.#planning === undefined ? this.#now() : undefined
    if (now !== undefined) return now
    try {
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
      return this.#failedPlanning(error)
    }
  }

  #failedPlanning(error: unknown): InFlightState {
    const first = this.#firstError
    if (first !== undefined) return { kind: 'failed', error: this.#named(first) }
    return { kind: 'failed', error: types.isNativeError(error) ? error : new Error(String(error)) }
  }

  /** The answer to the query that `advance` asked for. */
  answered(answer: Answer): void {
    this.#answer = answer
  }

  /** A statement that is ready to be sent, or what has to be run ahead of it; `answer`: what came of that. */
  #guarded(ready: ReadyState, answer: Answer | undefined): InFlightState {
    this.#waiting = undefined
    if (answer !== undefined && 'error' in answer) return this.#failedPlanning(answer.error)
    if (answer !== undefined) this.#guard?.wasAhead()
    const query = this.#guard?.ahead(this.session.transaction.status === 'T')
    if (query === undefined) return ready
    this.#waiting = ready
    this.#asked = { kind: 'ask', query }
    return this.#asked
  }

  /** What has to be run behind it when it has succeeded. */
  get behind(): OwnQuery | undefined {
    return this.#guard?.behind
  }

  #guardUpsert({ overtaken }: Plan): void {
    const guards = overtaken !== undefined && !this.#sentOnce && this.session.facts(this.statement.text).isRepeatable
    this.#guard = guards ? new UpsertGuard(overtaken) : undefined
  }

  #decided(planned: Planned): InFlightState {
    const first = this.#firstError
    if (first !== undefined && this.#wireOf(planned) === this.#wireOf(this.#planned))
      return { kind: 'failed', error: this.#named(first) }
    this.#planned = planned
    if (planned.kind === 'touches-nothing') return { kind: 'ready', plan: undefined }
    const { plan } = planned
    if (first === undefined && (plan.touches.length > 0 || plan.outcome === 'refused'))
      this.#onPlan?.(plan, this.statement, planned.pins)
    if (plan.outcome === 'refused') return { kind: 'failed', error: new StatementRefusedError(plan) }
    this.#sentAlone = this.session.transaction.status === 'I'
    this.#guardUpsert(plan)
    return { kind: 'ready', plan }
  }

  #wireOf(planned: Planned | undefined): string {
    return planned?.kind === 'planned' ? planned.wire : this.statement.text
  }

  /**
   * The error for the application; undefined when the statement should be sent once more, because the catalog has moved
   * on under it, or another upsert has overtaken it, and nothing of it has been done. `untouched`: no part of an answer has arrived.
   */
  failed(error: unknown, untouched: boolean): unknown {
    if (!this.touches || !isDatabaseError(error) || error === this.#firstError) return error
    const plan = this.#planned?.kind === 'planned' ? this.#planned.plan : undefined
    if (plan !== undefined && this.#guard?.again(error)) {
      this.#waiting = { kind: 'ready', plan }
      return undefined
    }
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
    return this.#planned?.kind === 'planned' ? withUserNames(error, this.#planned) : error
  }
}

/** True for what the database has said, and false for what the driver has. */
export function isDatabaseError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string'
}
