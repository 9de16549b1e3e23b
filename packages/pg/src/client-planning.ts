import {
  type Engine,
  InFlightStatement,
  type KnownText,
  type OnPlan,
  type OwnQuery,
  passes,
  Session,
} from '@expand-contract/session'
import { isOurs } from './ask-own-query.ts'
import { keepCallsUntilSent } from './calls-in-turn.ts'
import { Dispatcher, type MakeOwnQuery } from './dispatcher.ts'
import type { ConnectCallback, LooseClient, LooseClientClass, LooseQueryClass, QueryCarrier } from './pg-internals.ts'
import { pulsePipeline } from './pipeline-queue.ts'
import type { PlannedQueryClass } from './planned-query.ts'
import { planSubmittable, submittableText } from './planned-submittable.ts'
import { isLiteral, QueryCall, type QueryConfigLike } from './query-call.ts'
import { readOnConnect } from './read-on-connect.ts'
import { planAfterError, type SentAtOnce } from './sent-at-once.ts'

/** What the clients of one class share. */
export interface PlanningParts {
  readonly engine: Engine
  /** pg's own classes. */
  readonly Client: LooseClientClass
  readonly Query: LooseQueryClass
  readonly Planned: PlannedQueryClass
  readonly makeOwnQuery: MakeOwnQuery
  readonly readsOnConnect: boolean
  readonly onPlan: OnPlan | undefined
}

/**
 * Plans the statements of one client. What its class overrides comes here, and from here pg's own methods are called, as `super`
 * would.
 */
export class ClientPlanning {
  readonly #client: LooseClient
  readonly #parts: PlanningParts
  /** Has pg's own methods. */
  readonly #pg: LooseClient
  readonly #database: string
  readonly #session: Session
  readonly #dispatcher: Dispatcher
  /** Of Submittables that are not ours. */
  readonly #ofSubmittables = new WeakMap<QueryCarrier, InFlightStatement>()
  /** What is under way, if it was planned at once. */
  #sentAtOnce: SentAtOnce | undefined
  /** What is under way has failed. */
  #failed = false

  constructor(client: LooseClient, parts: PlanningParts) {
    const { engine, Client, makeOwnQuery } = parts
    this.#client = client
    this.#parts = parts
    this.#pg = Client.prototype
    this.#database = `${client.host}:${client.port}/${client.database}`
    this.#session = new Session(engine, this.#database)
    this.#dispatcher = new Dispatcher(client, engine, makeOwnQuery)
    followSettings(client, this.#session)
  }

  connect(callback: ConnectCallback | undefined): unknown {
    const client = this.#client
    const { connect } = this.#pg
    if (!this.#parts.readsOnConnect || client.replication) return connect.call(client, callback)
    if (typeof callback === 'function') {
      connect.call(client, (error, ...rest) => {
        if (error) return callback(error, ...rest)
        this.#readOnConnect().then((lost) => queueMicrotask(() => callback(lost ?? null, ...rest)))
      })
      return undefined
    }
    const connected = connect.call(client) as Promise<unknown>
    return connected.then(async (connectedClient) => {
      const lost = await this.#readOnConnect()
      if (lost !== undefined) throw lost
      return connectedClient
    })
  }

  /** The error by which the connection was lost meanwhile. */
  #readOnConnect(): Promise<Error | undefined> {
    const { engine, makeOwnQuery } = this.#parts
    const client = this.#client
    const ask = (query: OwnQuery, done: InFlightStatement['answered']) =>
      void this.#pg.query.call(client, makeOwnQuery(query, done))
    return readOnConnect({ client, engine, session: this.#session, store: this.#database, ask })
  }

  query(config: unknown, values: unknown, callback: unknown): unknown {
    return typeof config === 'string'
      ? this.#queryText(config, values, callback)
      : this.#queryObject(config, values, callback)
  }

  #queryText(text: string, values: unknown, callback: unknown): unknown {
    const known = this.#session.look(text)
    if (passes(known) || this.#client.replication) return this.#passOn(text, values, callback)
    const call = new QueryCall(text, values, callback)
    const now = this.#planNow(known, undefined)
    return now === undefined ? this.#queue(call, this.#inFlight(text)) : this.#send(call, now)
  }

  #queryObject(config: unknown, values: unknown, callback: unknown): unknown {
    const session = this.#session
    // A walsender takes replication commands, and has no catalog to ask.
    if (config == null || this.#client.replication) return this.#passOn(config, values, callback)
    const object = config as QueryConfigLike
    const submittable = typeof object.submit === 'function'
    const named = this.#dispatcher.textOf(object.name)
    const own = submittable ? submittableText(config as QueryCarrier) : object.text
    const text = own ?? named ?? this.#textNamedBefore(object.name)
    if (typeof text !== 'string') {
      session.sessionMayChange = true
      return this.#passOn(config, values, callback)
    }
    const known = session.look(text)
    if (passes(known) && named === undefined) {
      if (submittable && !this.#isIdle) keepCallsUntilSent(config as QueryCarrier)
      return this.#passOn(config, values, callback)
    }
    if (!submittable) {
      const call = new QueryCall(object, values, callback)
      const now = isLiteral(object) ? this.#planNow(known, object.name) : undefined
      return now === undefined ? this.#queue(call, this.#inFlight(text)) : this.#send(call, now)
    }
    const query = config as QueryCarrier
    const inFlight = this.#inFlight(text)
    if (!(query instanceof this.#parts.Query)) inFlight.sendOnce()
    this.#ofSubmittables.set(query, inFlight)
    keepCallsUntilSent(query)
    planSubmittable(query, inFlight, this.#dispatcher)
    return this.#passOn(config, values, callback)
  }

  #passOn(config: unknown, values: unknown, callback: unknown): unknown {
    return this.#pg.query.call(this.#client, config, values, callback)
  }

  /** What is handed over now is sent before `query` returns. */
  get #isIdle(): boolean {
    const client = this.#client
    return client.readyForQuery === true && client._queryQueue.length === 0 && client._queryable
  }

  /** The text of a prepared statement that has its name on the wire, or waits for its turn. */
  #textNamedBefore(name: unknown): unknown {
    if (typeof name !== 'string' || name === '') return undefined
    const client = this.#client
    const parsed = client.connection.parsedStatements[name]
    const waiting = client._queryQueue.find((query) => query.name === name)
    return parsed ?? (waiting && (this.#inFlightOf(waiting)?.statement.text ?? submittableText(waiting)))
  }

  /**
   * Plans a statement that pg sends before `query` returns. It is pg's own query from there on, as one that touches
   * nothing is: what answers to an error is made when there is one. undefined: its turn has to be waited for.
   */
  #planNow(known: KnownText | undefined, name: unknown): SentAtOnce | undefined {
    try {
      return this.#plannedNow(known, name)
    } catch {
      // It fails the same way when its turn has come, and then that statement alone.
      return undefined
    }
  }

  #plannedNow(known: KnownText | undefined, name: unknown): SentAtOnce | undefined {
    if (known?.facts.rowsOnly !== true || this.#client.pipeline === true || !this.#isIdle) return undefined
    const { engine, onPlan } = this.#parts
    const statement = { text: known.text, scope: engine.runtime.scope() }
    const planned = this.#session.planNow(statement, known)
    if (planned.kind !== 'planned' || planned.plan.outcome === 'refused') return undefined
    // Something may have to go ahead of it.
    if (planned.plan.overtaken !== undefined && this.#session.transaction.status === 'T') return undefined
    const wireName = typeof name === 'string' ? this.#dispatcher.nameOnWire(name, known.text, planned.plan) : undefined
    if (wireName instanceof Error) return undefined
    onPlan?.(planned.plan, statement, planned.pins)
    return { statement, planned, sentAt: engine.timer.now(), name, wireName, query: undefined }
  }

  #send(call: QueryCall, now: SentAtOnce): unknown {
    const { planned, wireName } = now
    const result = call.isText
      ? this.#passOn(planned.wire, call.values, call.callback)
      : this.#ask(call.make(this.#parts.Query, { text: planned.wire, name: wireName }))
    now.query = this.#client._activeQuery
    this.#sentAtOnce = now
    return result
  }

  #inFlight(text: string): InFlightStatement {
    const { engine, onPlan } = this.#parts
    return new InFlightStatement({ text, scope: engine.runtime.scope() }, this.#session, onPlan)
  }

  #inFlightOf(query: QueryCarrier): InFlightStatement | undefined {
    return query instanceof this.#parts.Planned ? query.inFlight : this.#ofSubmittables.get(query)
  }

  /** A statement that is planned when pg sends it. */
  #queue(call: QueryCall, inFlight: InFlightStatement): unknown {
    const query = call.make(this.#parts.Planned)
    if (query.text === undefined) query.text = inFlight.statement.text
    query.bind(inFlight, this.#dispatcher)
    return this.#ask(query)
  }

  /** As pg does it for a query that it has made itself. */
  #ask(query: QueryCarrier): unknown {
    const client = this.#client
    if (query.callback) {
      if (typeof query.callback !== 'function') throw new TypeError('callback is not a function')
      this.#pg.query.call(client, query)
      return undefined
    }
    const result = new (client._Promise ?? Promise)((resolve, reject) => {
      query.callback = (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer))
    }).catch((error: Error) => {
      // As pg does: the stack leads to the application's line instead of the socket.
      Error.captureStackTrace(error)
      throw error
    })
    this.#pg.query.call(client, query)
    return result
  }

  /** Before pg tells the query that is under way. */
  errorMessage(): void {
    this.#failed = true
    const sent = this.#sentAtOnce
    if (sent === undefined || sent.query !== this.#client._activeQuery) return
    planAfterError(sent, InFlightStatement.of(sent.statement, this.#session, sent.planned), this.#dispatcher)
  }

  /** Before pg hears of it: it sends the next statement as soon as it hears that the last one is done. */
  readyForQuery(message: { readonly status?: string } | undefined): void {
    const session = this.#session
    const { pipeline, _sentQueryQueue, _queryQueue, _activeQuery } = this.#client
    if (this.#parts.engine.timer.isOn && !this.#failed) this.#timed()
    this.#failed = false
    this.#sentAtOnce = undefined
    const behind = this.#dispatcher.behind(_activeQuery)
    if (behind !== undefined) _queryQueue.unshift(behind)
    // Doubles of a connection, as pg's own tests have them, tell nothing.
    const status = message?.status === 'T' || message?.status === 'E' ? message.status : 'I'
    if (!session.sessionMayChange && pipeline !== true && status === session.transaction.status) return
    const alone = pipeline !== true || (_sentQueryQueue?.length ?? 0) === 0
    session.ready(status, { alone, idle: pipeline !== true && _queryQueue.length === 0 })
  }

  /** The answer to what is under way has arrived. A query of somebody else's class may have handed it out in parts. */
  #timed(): void {
    const { engine, Query } = this.#parts
    const active = this.#client._activeQuery
    const sent = this.#sentAtOnce
    if (active == null || !(active instanceof Query)) return
    if (sent !== undefined && sent.query === active) engine.timer.answered(sent.planned, sent.sentAt)
    else {
      const inFlight = this.#inFlightOf(active)
      engine.timer.answered(inFlight?.sent, inFlight?.sentAt)
    }
  }

  commandComplete(message: { readonly text?: string } | undefined): void {
    if (!this.#session.sessionMayChange && this.#client.pipeline !== true) return
    const tag = message?.text ?? ''
    const active = this.#client._activeQuery
    if (active != null && isOurs(active)) return
    const sent = active == null ? undefined : submittableText(active)
    const inFlight = active == null || tag !== 'PREPARE' ? undefined : this.#inFlightOf(active)
    const original = inFlight?.touches === true ? inFlight.statement.text : undefined
    this.#session.completed(tag, { text: original, sent: typeof sent === 'string' ? sent : '' })
  }

  pulsePipeline(): void {
    pulsePipeline({
      client: this.#client,
      session: this.#session,
      dispatcher: this.#dispatcher,
      inFlightOf: (query) => this.#inFlightOf(query),
    })
  }
}

/** Settings that the server reports of its own accord. */
function followSettings({ connection }: LooseClient, session: Session): void {
  connection.on('parameterStatus', ({ parameterName, parameterValue }) => {
    if (parameterName === 'search_path') session.pathReported()
    if (parameterName === 'standard_conforming_strings') session.standardConformingStrings = parameterValue !== 'off'
  })
}
