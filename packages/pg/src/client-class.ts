import type pg from 'pg'
import {
  type ClientInternals,
  checkDriver,
  type LooseClientClass,
  type LooseQueryClass,
  type PgModule,
  type QueryCarrier,
} from './client-internals.ts'
import { Dispatcher, type MakeAheadQuery } from './dispatcher.ts'
import { Flight } from './flight.ts'
import { pulsePipeline } from './pipeline-queue.ts'
import { type PlannedQueryClass, plannedQueryClass } from './planned-query.ts'
import { planSubmittable, submittableText } from './planned-submittable.ts'
import { Session } from './session.ts'
import { planReporter } from './statement-event.ts'
import type { Waist } from './waist.ts'

interface QueryConfigLike {
  readonly text?: unknown
  readonly name?: unknown
  readonly query_timeout?: unknown
  readonly submit?: unknown
}

/** The subclass of a pg module's Client whose statements are planned by a waist. */
export function clientClass(waist: Waist, module: PgModule): typeof pg.Client {
  const { Client, Query } = checkDriver(module)
  const Planned = plannedQueryClass(Query)
  const makeAhead = aheadQueries(Query)
  const idle = waist.runtime.migrations.length === 0
  const subclass = idle ? class InstrumentedClient extends Client {} : withPlans(Client, { waist, Planned, makeAhead })
  return subclass as unknown as typeof pg.Client
}

interface Parts {
  readonly waist: Waist
  readonly Planned: PlannedQueryClass
  readonly makeAhead: MakeAheadQuery
}

function withPlans(Client: LooseClientClass, { waist, Planned, makeAhead }: Parts): LooseClientClass {
  const { runtime } = waist
  const onPlan = planReporter(runtime.observer)

  return class InstrumentedClient extends Client {
    readonly #session: Session
    readonly #dispatcher: Dispatcher
    /** Of Submittables that are not ours. */
    readonly #flights = new WeakMap<QueryCarrier, Flight>()

    constructor(config?: unknown) {
      super(config)
      const { host, port, database } = this as unknown as Record<string, unknown>
      this.#session = new Session(waist, `${host}:${port}/${database}`)
      this.#dispatcher = new Dispatcher(this, waist, makeAhead)
      watch(this, this.#session, (query) => this.#flightOf(query))
    }

    override query(config: unknown, values?: unknown, callback?: unknown): unknown {
      // A walsender takes replication commands, and has no catalog to ask.
      if (this.replication) return super.query(config, values, callback)
      if (typeof config === 'string')
        return this.#session.mayPass(config)
          ? super.query(config, values, callback)
          : this.#plan(config, { config, values, callback })
      if (config == null) return super.query(config, values, callback)
      const object = config as QueryConfigLike
      const submittable = typeof object.submit === 'function'
      const known = this.#dispatcher.textOf(object.name)
      const text = (submittable ? submittableText(config as QueryCarrier) : object.text) ?? known
      if (typeof text !== 'string' || (known === undefined && this.#session.mayPass(text)))
        return super.query(config, values, callback)
      if (!submittable) return this.#plan(text, { config: object, values, callback })
      const query = config as QueryCarrier
      const flight = this.#flight(text)
      this.#flights.set(query, flight)
      planSubmittable(query, flight, this.#dispatcher)
      return super.query(config, values, callback)
    }

    #flightOf(query: QueryCarrier): Flight | undefined {
      return query instanceof Planned ? query.flight : this.#flights.get(query)
    }

    #flight(text: string): Flight {
      return new Flight({ text, scope: runtime.scope() }, this.#session, onPlan)
    }

    #plan(
      text: string,
      call: { readonly config: QueryConfigLike | string; readonly values: unknown; readonly callback: unknown },
    ) {
      const { config, values, callback } = call
      const query = new Planned(config, values, callback)
      if (query.text === undefined) query.text = text
      const flight = this.#flight(text)
      query.fly(flight, this.#dispatcher)
      if (typeof config === 'object' && config.query_timeout !== undefined) query.query_timeout = config.query_timeout
      if (query.callback) {
        if (typeof query.callback !== 'function') throw new TypeError('callback is not a function')
        super.query(query)
        return undefined
      }
      const result = new (this._Promise ?? Promise)((resolve, reject) => {
        query.callback = (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer))
      }).catch((error: Error) => {
        // As pg does: the stack leads to the application's line instead of the socket.
        Error.captureStackTrace(error)
        throw error
      })
      super.query(query)
      return result
    }

    override _pulseQueryQueue(): void {
      if (this.pipeline !== true) super._pulseQueryQueue()
      else
        pulsePipeline({
          client: this,
          session: this.#session,
          dispatcher: this.#dispatcher,
          flightOf: (query) => this.#flightOf(query),
        })
    }
  }
}

/** Follows what the server says. It listens before pg does, which sends the next statement as soon as it hears it. */
function watch(client: ClientInternals, session: Session, flightOf: (query: QueryCarrier) => Flight | undefined): void {
  const { connection } = client
  connection.on('commandComplete', ({ text }) => {
    const active = client._activeQuery
    const sent = active == null ? undefined : submittableText(active)
    const flight = active == null || text !== 'PREPARE' ? undefined : flightOf(active)
    const original = flight?.touches === true ? flight.statement.text : undefined
    session.completed(text, { text: original, sent: typeof sent === 'string' ? sent : '' })
  })
  connection.on('readyForQuery', ({ status }) => {
    const alone = client.pipeline !== true || (client._sentQueryQueue?.length ?? 0) === 0
    session.ready(status === 'T' || status === 'E' ? status : 'I', alone)
  })
  connection.on('parameterStatus', ({ parameterName, parameterValue }) => {
    if (parameterName === 'search_path') session.pathReported()
    if (parameterName === 'standard_conforming_strings') session.standardConformingStrings = parameterValue !== 'off'
  })
}

/** Values as the text that the server sent: the application's type parsers have no part in it. */
const AS_TEXT = { getTypeParser: () => (value: unknown) => value }

function aheadQueries(Query: LooseQueryClass): MakeAheadQuery {
  return ({ text, values }, done) =>
    new Query({ text, types: AS_TEXT }, values, (error: unknown, result: never) => done(error ? { error } : { result }))
}
