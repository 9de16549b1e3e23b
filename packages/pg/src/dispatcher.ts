import type { Engine, InFlightState, InFlightStatement, OwnQuery, Plan } from '@expand-contract/session'
import { nextStep } from '@expand-contract/session'
import type { ClientInternals, LooseQuery, QueryCarrier } from './pg-internals.ts'
import { wireName } from './statement-name.ts'

/** Makes a pg.Query of ours, whose rows come back as text; `done` is called once. */
export type MakeOwnQuery = (query: OwnQuery, done: InFlightStatement['answered']) => LooseQuery

export interface FailedStatement {
  readonly error: unknown
  /** No part of an answer has arrived. */
  readonly untouched: boolean
}

/** Sends the statements of one client once they are planned, and before them what they need to know. */
export class Dispatcher {
  readonly #client: ClientInternals
  readonly #engine: Engine
  readonly #makeOwnQuery: MakeOwnQuery
  /** The application's names of prepared statements that were renamed, with the application's text. */
  readonly #names = new Map<string, string>()
  #waiting = false
  /** What was sent last, if something has to be run behind it. */
  #followed: { readonly carrier: QueryCarrier; readonly inFlight: InFlightStatement } | undefined

  constructor(client: ClientInternals, engine: Engine, makeOwnQuery: MakeOwnQuery) {
    this.#client = client
    this.#engine = engine
    this.#makeOwnQuery = makeOwnQuery
  }

  /** The application's text of a prepared statement that has another name on the wire. */
  textOf(name: unknown): string | undefined {
    return typeof name === 'string' ? this.#names.get(name) : undefined
  }

  /**
   * Called by pg when the statement's turn has come. Either it is sent, or a query of ours is and the statement goes
   * back to the head of the queue, or the error is returned by which pg rejects it.
   */
  dispatch(
    carrier: QueryCarrier,
    inFlight: InFlightStatement,
    send: (plan: Plan | undefined) => Error | null,
  ): Error | null {
    if (this.#engine.loading !== undefined) {
      this.#putBack(carrier, null)
      this.#client.readyForQuery = true
      this.pulseWhenLoaded()
      return null
    }
    const state = this.step(inFlight)
    switch (state.kind) {
      case 'failed':
        return state.error
      case 'ready':
        if (inFlight.behind !== undefined) this.#followed = { carrier, inFlight }
        inFlight.sentAt = this.#engine.timer.now()
        return send(state.plan)
      case 'ask': {
        const query = this.ownQuery(inFlight, state.query)
        this.#putBack(carrier, query)
        query.submit(this.#client.connection)
        return null
      }
    }
  }

  /** The statement is not sent now, but next; `active` is what runs meanwhile. */
  #putBack(carrier: QueryCarrier, active: LooseQuery | null): void {
    this.#client._queryQueue.unshift(carrier)
    this.#client._activeQuery = active
  }

  /** The parser is not there yet. */
  get loading(): boolean {
    return this.#engine.loading !== undefined
  }

  pulseWhenLoaded(): void {
    if (this.#waiting) return
    this.#waiting = true
    this.#engine.loading?.then(() => {
      this.#waiting = false
      this.#client._pulseQueryQueue()
    })
  }

  step(inFlight: InFlightStatement): InFlightState {
    return nextStep(inFlight, this.#engine)
  }

  /** The server is ready again; `active` is what it has done, unless that has failed. The next to be sent, if it goes behind that. */
  behind(active: QueryCarrier | null | undefined): LooseQuery | undefined {
    const followed = this.#followed
    this.#followed = undefined
    const query = followed?.carrier === active ? followed?.inFlight.behind : undefined
    return query && this.#makeOwnQuery(query, () => undefined)
  }

  ownQuery(inFlight: InFlightStatement, query: OwnQuery): LooseQuery {
    return this.#makeOwnQuery(query, (answer) => inFlight.answered(answer))
  }

  /**
   * The name of a prepared statement on the wire, or the error that pg gives for one name with two texts: it cannot see
   * that itself once the names differ.
   */
  nameOnWire(name: string, text: string, plan: Plan | undefined): string | Error {
    // As pg has it, this is no name.
    if (name === '') return name
    const wire = plan === undefined ? name : wireName(name, plan)
    const renamed = this.#names.get(name)
    const previous = renamed ?? (wire === name ? undefined : this.#client.connection.parsedStatements[name])
    if (previous !== undefined && previous !== text)
      return new Error(`Prepared statements must be unique - '${name}' was used for a different statement`)
    if (wire !== name && renamed === undefined) this.#names.set(name, text)
    return wire
  }

  /** The error to hand to the application; undefined when the statement goes back to the queue instead. */
  failed(carrier: QueryCarrier, inFlight: InFlightStatement, failed: FailedStatement): unknown {
    const retryable = failed.untouched && this.#client.pipeline !== true
    const error = inFlight.failed(failed.error, retryable)
    if (error === undefined) this.#client._queryQueue.unshift(carrier)
    return error
  }
}
