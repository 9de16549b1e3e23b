import type { Engine, KnownText, OwnQuery } from '@expand-contract/session'
import { InFlightStatement, passes, planReporter, Session } from '@expand-contract/session'
import type pg from 'pg'
import { markPlanningClass } from './bare-query.ts'
import { keepCallsUntilSent } from './calls-in-turn.ts'
import {
  type ClientInternals,
  type ConnectCallback,
  checkDriver,
  type LooseClientClass,
  type LooseQueryClass,
  type PgModule,
  type QueryCarrier,
} from './client-internals.ts'
import { Dispatcher, type MakeOwnQuery } from './dispatcher.ts'
import { isOurs, ownQueriesOf } from './own-queries.ts'
import { pulsePipeline } from './pipeline-queue.ts'
import { isLiteral, plainConfig, shapeResult, shapesResult } from './plain-config.ts'
import { type PlannedQueryClass, plannedQueryClass } from './planned-query.ts'
import { planSubmittable, submittableText } from './planned-submittable.ts'
import { readOnConnect } from './read-on-connect.ts'
import { planAfterError, type SentAtOnce } from './sent-at-once.ts'

interface QueryConfigLike {
  readonly text?: unknown
  readonly name?: unknown
  readonly query_timeout?: unknown
  readonly submit?: unknown
}

/** The subclass of a pg module's Client whose statements are planned. */
export function clientClass(engine: Engine, module: PgModule, readsOnConnect: boolean): typeof pg.Client {
  const { Client, Query } = checkDriver(module)
  const Planned = plannedQueryClass(Query)
  const makeOwnQuery = ownQueriesOf(Query)
  const idle = engine.runtime.migrations.length === 0
  const parts = { engine, Query, Planned, makeOwnQuery, readsOnConnect }
  const subclass = idle ? class InstrumentedClient extends Client {} : withPlans(Client, parts)
  markPlanningClass(subclass)
  return subclass as unknown as typeof pg.Client
}

interface Parts {
  readonly engine: Engine
  readonly Query: LooseQueryClass
  readonly Planned: PlannedQueryClass
  readonly makeOwnQuery: MakeOwnQuery
  readonly readsOnConnect: boolean
}

function withPlans(Client: LooseClientClass, parts: Parts): LooseClientClass {
  const { engine, Query, Planned, makeOwnQuery, readsOnConnect } = parts
  const { runtime } = engine
  const onPlan = planReporter(runtime)

  return class InstrumentedClient extends Client {
    readonly #database: string
    readonly #session: Session
    readonly #dispatcher: Dispatcher
    /** Of Submittables that are not ours. */
    readonly #ofSubmittables = new WeakMap<QueryCarrier, InFlightStatement>()
    /** What is under way, if it was planned at once. */
    #sentAtOnce: SentAtOnce | undefined

    constructor(config?: unknown) {
      super(config)
      const { host, port, database } = this as unknown as Record<string, unknown>
      this.#database = `${host}:${port}/${database}`
      this.#session = new Session(engine, this.#database)
      this.#dispatcher = new Dispatcher(this, engine, makeOwnQuery)
      followSettings(this, this.#session)
    }

    override connect(callback?: ConnectCallback): unknown {
      if (!readsOnConnect || this.replication) return super.connect(callback)
      if (typeof callback === 'function') {
        super.connect((error, ...rest) => {
          if (error) return callback(error, ...rest)
          this.#readOnConnect().then((lost) => queueMicrotask(() => callback(lost ?? null, ...rest)))
        })
        return undefined
      }
      const connected = super.connect() as Promise<unknown>
      return connected.then(async (client) => {
        const lost = await this.#readOnConnect()
        if (lost !== undefined) throw lost
        return client
      })
    }

    /** The error by which the connection was lost meanwhile. */
    #readOnConnect(): Promise<Error | undefined> {
      const ask = (query: OwnQuery, done: InFlightStatement['answered']) => void super.query(makeOwnQuery(query, done))
      return readOnConnect({ client: this, engine, session: this.#session, store: this.#database, ask })
    }

    /**
     * What `cancel` of another client looks at: a statement that waits for a query of ours is the one under way, so that it is
     * that query which is cancelled, and the statement with it.
     */
    override get activeQuery(): QueryCarrier | null | undefined {
      const active = this._activeQuery
      return active != null && isOurs(active) ? (this._queryQueue[0] ?? active) : active
    }

    override set activeQuery(query: QueryCarrier | null | undefined) {
      this._activeQuery = query
    }

    override query(config: unknown, values?: unknown, callback?: unknown): unknown {
      return typeof config === 'string'
        ? this.#queryText(config, values, callback)
        : this.#queryObject(config, values, callback)
    }

    #queryText(text: string, values: unknown, callback: unknown): unknown {
      const session = this.#session
      const known = session.look(text)
      if (passes(known) || this.replication) return super.query(text, values, callback)
      const now = this.#planNow(known, undefined)
      if (now !== undefined) return this.#sent(now, super.query(now.planned.wire, values, callback))
      return this.#plan(this.#inFlight(text), { config: text, values, callback })
    }

    #queryObject(config: unknown, values: unknown, callback: unknown): unknown {
      const session = this.#session
      // A walsender takes replication commands, and has no catalog to ask.
      if (config == null || this.replication) return super.query(config, values, callback)
      const object = config as QueryConfigLike
      const submittable = typeof object.submit === 'function'
      const named = this.#dispatcher.textOf(object.name)
      const own = submittable ? submittableText(config as QueryCarrier) : object.text
      const text = own ?? named ?? this.#textNamedBefore(object.name)
      if (typeof text !== 'string') {
        session.sessionMayChange = true
        return super.query(config, values, callback)
      }
      const known = session.look(text)
      if (passes(known) && named === undefined) {
        if (submittable && !this.#isIdle) keepCallsUntilSent(config as QueryCarrier)
        return super.query(config, values, callback)
      }
      const now = submittable || !isLiteral(object) ? undefined : this.#planNow(known, object.name)
      if (now !== undefined) {
        const { planned, wireName } = now
        const plain = plainConfig(object)
        if (plain === undefined) {
          const wire = { ...object, text: planned.wire, ...(wireName !== undefined && { name: wireName }) }
          return this.#sent(now, super.query(wire, values, callback))
        }
        const [given, done] = typeof values === 'function' ? [plain.values, values] : [values || plain.values, callback]
        if (wireName === undefined && !shapesResult(plain))
          return this.#sent(now, super.query(planned.wire, given, done))
        const query = new Query(planned.wire, given, done)
        if (wireName !== undefined) query.name = wireName
        shapeResult(query, plain)
        return this.#sent(now, this.#ask(query))
      }
      const inFlight = this.#inFlight(text)
      if (!submittable) return this.#plan(inFlight, { config: object, values, callback })
      const query = config as QueryCarrier
      this.#ofSubmittables.set(query, inFlight)
      keepCallsUntilSent(query)
      planSubmittable(query, inFlight, this.#dispatcher)
      return super.query(config, values, callback)
    }

    /** What is handed over now is sent before `query` returns. */
    get #isIdle(): boolean {
      return this.readyForQuery === true && this._queryQueue.length === 0 && this._queryable
    }

    /** The text of a prepared statement that has its name on the wire, or waits for its turn. */
    #textNamedBefore(name: unknown): unknown {
      if (typeof name !== 'string' || name === '') return undefined
      const parsed = this.connection.parsedStatements[name]
      const waiting = this._queryQueue.find((query) => query.name === name)
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
      if (known?.rowsOnly !== true || this.pipeline === true || !this.#isIdle) return undefined
      const statement = { text: known.text, scope: runtime.scope() }
      const planned = this.#session.planNow(statement, known)
      if (planned.kind !== 'planned' || planned.plan.outcome === 'refused') return undefined
      const wireName =
        typeof name === 'string' ? this.#dispatcher.nameOnWire(name, known.text, planned.plan) : undefined
      if (wireName instanceof Error) return undefined
      onPlan?.(planned.plan, statement, planned.pins)
      return { statement, planned, name, wireName, query: undefined }
    }

    #sent<T>(sent: SentAtOnce, result: T): T {
      sent.query = this._activeQuery
      this.#sentAtOnce = sent
      return result
    }

    override _handleErrorMessage(message: unknown): void {
      const sent = this.#sentAtOnce
      if (sent !== undefined && sent.query === this._activeQuery) {
        const inFlight = InFlightStatement.of(sent.statement, this.#session, sent.planned)
        planAfterError(sent, inFlight, this.#dispatcher)
      }
      super._handleErrorMessage(message)
    }

    #inFlightOf(query: QueryCarrier): InFlightStatement | undefined {
      return query instanceof Planned ? query.inFlight : this.#ofSubmittables.get(query)
    }

    #inFlight(text: string): InFlightStatement {
      return new InFlightStatement({ text, scope: runtime.scope() }, this.#session, onPlan)
    }

    #plan(
      inFlight: InFlightStatement,
      call: { readonly config: QueryConfigLike | string; readonly values: unknown; readonly callback: unknown },
    ) {
      const { config, values, callback } = call
      const query = new Planned(config, values, callback)
      if (query.text === undefined) query.text = inFlight.statement.text
      query.bind(inFlight, this.#dispatcher)
      if (typeof config === 'object' && config.query_timeout !== undefined) query.query_timeout = config.query_timeout
      return this.#ask(query)
    }

    /** As pg does it for a query that it has made itself. */
    #ask(query: QueryCarrier): unknown {
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

    /** Before pg does: it sends the next statement as soon as it hears that the last one is done. */
    override _handleReadyForQuery(message?: { readonly status?: string }): void {
      const session = this.#session
      this.#sentAtOnce = undefined
      // Doubles of a connection, as pg's own tests have them, tell nothing.
      const status = message?.status === 'T' || message?.status === 'E' ? message.status : 'I'
      if (session.sessionMayChange || this.pipeline === true || status !== session.transaction.status) {
        const alone = this.pipeline !== true || (this._sentQueryQueue?.length ?? 0) === 0
        session.ready(status, { alone, idle: this.pipeline !== true && this._queryQueue.length === 0 })
      }
      super._handleReadyForQuery(message)
    }

    override _handleCommandComplete(message?: { readonly text?: string }): void {
      if (this.#session.sessionMayChange || this.pipeline === true) this.#completed(message?.text ?? '')
      super._handleCommandComplete(message)
    }

    #completed(tag: string): void {
      const active = this._activeQuery
      if (active != null && isOurs(active)) return
      const sent = active == null ? undefined : submittableText(active)
      const inFlight = active == null || tag !== 'PREPARE' ? undefined : this.#inFlightOf(active)
      const original = inFlight?.touches === true ? inFlight.statement.text : undefined
      this.#session.completed(tag, { text: original, sent: typeof sent === 'string' ? sent : '' })
    }

    override _pulseQueryQueue(): void {
      if (this.pipeline !== true) super._pulseQueryQueue()
      else
        pulsePipeline({
          client: this,
          session: this.#session,
          dispatcher: this.#dispatcher,
          inFlightOf: (query) => this.#inFlightOf(query),
        })
    }
  }
}

/** Settings that the server reports of its own accord. */
function followSettings({ connection }: ClientInternals, session: Session): void {
  connection.on('parameterStatus', ({ parameterName, parameterValue }) => {
    if (parameterName === 'search_path') session.pathReported()
    if (parameterName === 'standard_conforming_strings') session.standardConformingStrings = parameterValue !== 'off'
  })
}
