import type { Runtime } from '@expand-contract/core'
import { StatementRunner } from '@expand-contract/session'
import { CopyStreams, copyInProgress } from './copy-streams.ts'
import type { HeldConnection } from './held-connection.ts'
import { PlannedQueries, type Route } from './planned-queries.ts'
import type {
  DriverClasses,
  DriverPool,
  DriverSql,
  DriverTransaction,
  Handler,
  PendingQuery,
} from './postgres-js-internals.ts'
import { refuseFile, unsafeTransaction } from './refused-calls.ts'
import { type Call, type Members, withMembers } from './replaced-members.ts'
import { type Reservation, Reservations } from './reservations.ts'
import { templateText } from './template-text.ts'
import { TransactionScope } from './transaction-scope.ts'

export interface PlannedSqlParts {
  readonly runtime: Runtime
  readonly driver: DriverPool
  readonly classes: DriverClasses
  readonly catalogRefreshMs: number | undefined
}

/** An instance of postgres() whose statements are planned. */
export class PlannedSql {
  readonly sql: DriverSql
  readonly #parts: PlannedSqlParts
  readonly #runner: StatementRunner
  readonly #queries: PlannedQueries
  readonly #reservations: Reservations
  readonly #copies: CopyStreams
  /** Connections of the pool may have different search paths. */
  #mixed = false
  /** Set by `end`: resolves when the driver has been told. */
  #ending: Promise<void> | undefined

  constructor(parts: PlannedSqlParts) {
    this.#parts = parts
    const { runtime, driver, catalogRefreshMs } = parts
    const { host, port, database, max } = driver.options
    const shared = StatementRunner.of({ runtime, database: `${host}:${port}/${database}`, catalogRefreshMs })
    const single = max === 1
    this.#runner = single ? shared.connection({ path: 'same' }) : shared
    this.#reservations = new Reservations(driver, parts.classes)
    this.#copies = new CopyStreams(max)
    this.#queries = new PlannedQueries({
      runtime,
      ordered: single,
      copies: this.#copies,
      runner: () => this.#set(this.#mixed && !single ? this.#runner.connection({ path: 'unknown' }) : this.#runner),
      acquire: async () => held(await this.#reservations.reserve()),
    })
    this.sql = this.#wrap(driver, this.#route(single), {
      begin: (...args: unknown[]) => this.#begin(args),
      reserve: () => this.#reserve(),
      end: (options?: { readonly timeout?: number | null }) => this.#end(options),
      close: async () => {
        await this.#idle()
        return driver.close()
      },
    })
  }

  #set(runner: StatementRunner): StatementRunner {
    runner.standardConformingStrings = this.#parts.driver.parameters.standard_conforming_strings !== 'off'
    return runner
  }

  #route(single: boolean): Route {
    return {
      take: (statement) => {
        const { query, text, handler } = statement
        if (this.#ending !== undefined) {
          this.#ending.then(() => handler(query))
          return
        }
        // The driver says so only when it has sent it.
        if (!single && this.#runner.facts(text).opens) query.reject(unsafeTransaction())
        else this.#queries.take(statement)
      },
    }
  }

  #ofConnection(): { readonly queries: PlannedQueries; readonly runner: StatementRunner } {
    const runner = this.#set(this.#runner.connection({ path: this.#mixed ? 'unknown' : 'same' }))
    const { runtime } = this.#parts
    return {
      runner,
      queries: new PlannedQueries({
        runtime,
        ordered: true,
        copies: undefined,
        runner: () => runner,
        acquire: undefined,
      }),
    }
  }

  async #begin(args: readonly unknown[]): Promise<unknown> {
    const work = args.at(-1) as (sql: DriverSql) => unknown
    const options = args.length > 1 ? String(args[0]) : ''
    if (this.#copies.stuck) throw copyInProgress()
    return this.#parts.driver.begin(options, async (sql) => {
      const { queries, runner } = this.#ofConnection()
      const back = this.#copies.take()
      const over = (): void => {
        runner.setStatus('I')
        back()
      }
      runner.setStatus('T')
      try {
        return await this.#scope(sql, { queries, runner, over }, work)
      } finally {
        over()
      }
    })
  }

  #scope(
    sql: DriverSql,
    connection: { readonly queries: PlannedQueries; readonly runner: StatementRunner; readonly over: () => void },
    work: (sql: DriverSql) => unknown,
  ): Promise<unknown> {
    const { queries, runner, over } = connection
    const scope = new TransactionScope({
      ...{ queries, runner },
      driver: sql as DriverTransaction,
      enter: (inner, nested) => this.#scope(inner, connection, nested),
    })
    const done = scope.run(work, this.#wrap(sql, scope, { savepoint: (...args: unknown[]) => scope.savepoint(args) }))
    return done.catch((error: unknown) => {
      if (!queries.lost) throw error
      // The driver would send ROLLBACK to nobody, which ends the process. It fails by itself with what has closed the connection.
      over()
      return new Promise(() => undefined)
    })
  }

  async #reserve(): Promise<DriverSql> {
    const { sql, giveBack } = await this.#reservations.reserve()
    const back = this.#copies.take()
    const { queries } = this.#ofConnection()
    const release = async (): Promise<void> => {
      await queries.idle()
      back()
      giveBack()
    }
    return this.#wrap(sql, queries, { release: () => void release() })
  }

  async #idle(): Promise<void> {
    await this.#queries.idle()
    await this.#reservations.idle()
  }

  async #end(options: { readonly timeout?: number | null } = {}): Promise<unknown> {
    const { driver } = this.#parts
    // What was handed over in the same moment comes before, as it does with the driver.
    await undefined
    const told = Promise.withResolvers<void>()
    this.#ending ??= told.promise
    const { timeout } = options
    const patience = timeout == null ? [] : [new Promise((resolve) => setTimeout(resolve, timeout * 1_000))]
    await Promise.race([this.#idle(), ...patience])
    const ended = driver.end(options)
    told.resolve()
    return ended
  }

  #wrap(target: DriverSql, route: Route, members: Members): DriverSql {
    const planned = (result: unknown): unknown => {
      if (result instanceof this.#parts.classes.Query) this.#plan(result, { sql: target, route })
      return result
    }
    const own: Members = {
      unsafe: (...args: Parameters<DriverSql['unsafe']>) => planned(target.unsafe(...args)),
      file: refuseFile,
      ...members,
    }
    const call: Call = (_, __, args) => this.#placed(planned(target(...args)), args[0], call)
    return withMembers(target, own, call)
  }

  /** The driver keeps four frames of a template's stack, and one of them would be the proxy's. */
  #placed(result: unknown, strings: unknown, below: (...args: never) => unknown): unknown {
    if (!(result instanceof this.#parts.classes.Query) || result.handler.debug) return result
    const place = places.get(strings as object) ?? { stack: '' }
    if (!places.has(strings as object)) {
      places.set(strings as object, place)
      Error.captureStackTrace(place, below)
    }
    return Object.defineProperty(result, 'origin', { configurable: true, get: () => place.stack })
  }

  /** The query stays the driver's, and as lazy as it was. A fragment of another one is never handed over. */
  #plan(query: PendingQuery, { sql, route }: { readonly sql: DriverSql; readonly route: Route }): void {
    const native = query.handler
    const { driver, classes } = this.#parts
    const handler: Handler = () => {
      query.handler = native
      try {
        const { text, args } = query.tagged
          ? templateText(query, driver, classes)
          : { text: query.strings[0] ?? '', args: query.args }
        if (this.#runner.facts(text).leavesAnotherPath) this.#mixed = true
        route.take({ query, text, args, sql, handler: native, onFailure: route.onFailure })
      } catch (error) {
        query.reject(error)
      }
    }
    handler.debug = native.debug
    query.handler = handler
  }
}

/** Where each template was first used. */
const places = new WeakMap<object, { readonly stack: string }>()

const handlerOf = (sql: DriverSql): Handler => sql.unsafe('').handler

const held = ({ sql, passOn }: Reservation): HeldConnection => ({ sql, handler: handlerOf(sql), release: passOn })
