import { types } from 'node:util'
import type { RequestScope, Runtime } from '@expand-contract/core'
import { SerialQueue, type StatementRunner } from '@expand-contract/session'
import { askOwnQuery } from './ask-own-query.ts'
import { ConnectionLoss } from './connection-loss.ts'
import { type CopyStreams, copyInProgress, isBroken, isStream } from './copy-streams.ts'
import { withoutShortFields, withShortFields } from './error-fields.ts'
import type { HeldConnection } from './held-connection.ts'
import type { DriverSql, Handler, PendingQuery } from './postgres-js-internals.ts'
import { handOver, type Outcome, setText, takeOutcome } from './postgres-js-internals.ts'

export interface PlannedQueriesParts {
  readonly runtime: Runtime
  readonly runner: () => StatementRunner
  /**
   * The statement gets its connection first and is planned then, since it may wait long for one. undefined: it is handed to
   * what it was made by, which has one.
   */
  readonly acquire: (() => Promise<HeldConnection>) | undefined
  /** Statements are of one session, so each waits for those before it. */
  readonly ordered: boolean
  /** The streams of COPY on the connections that are acquired. */
  readonly copies: CopyStreams | undefined
}

export interface QueryToPlan {
  readonly query: PendingQuery
  readonly text: string
  readonly args: readonly unknown[]
  /** The driver's, by which it was made. */
  readonly sql: DriverSql
  readonly handler: Handler
  /** A statement was not sent, or has failed. */
  readonly onFailure: ((error: unknown) => void) | undefined
}

/** Where a statement goes, and who hears of its failure. */
export interface Route {
  take(statement: QueryToPlan): void
  readonly onFailure?: (error: unknown) => void
}

/** The way of statements to the database: over one connection in their order, or over any of a pool. */
export class PlannedQueries implements Route {
  readonly #parts: PlannedQueriesParts
  /** Those that need their turn. */
  readonly #queue = new SerialQueue()
  /** Those that were handed to the driver, which keeps their order. */
  readonly #underWay = new Set<Promise<void>>()
  /** Of the one connection that there is without `acquire`. */
  readonly #own = new ConnectionLoss()

  constructor(parts: PlannedQueriesParts) {
    this.#parts = parts
  }

  /** Whether the one connection that there is without `acquire` was lost. */
  get lost(): boolean {
    return this.#own.known
  }

  take(statement: QueryToPlan): void {
    const { ordered, runner, runtime, copies } = this.#parts
    if (copies?.stuck) {
      statement.onFailure?.(copyInProgress())
      statement.query.reject(copyInProgress())
      return
    }
    const passes = this.#queue.isIdle && runner().passes(statement.text)
    const scope = passes ? undefined : runtime.scope()
    if (passes && !ordered) statement.handler(statement.query)
    else if (passes) this.#follow(this.#pass(statement))
    else if (ordered) this.#wait(statement, scope)
    else this.#follow(this.#run(statement, scope))
  }

  #wait(statement: QueryToPlan, scope: RequestScope | undefined): void {
    this.#queue.take(async () => {
      await Promise.all(this.#underWay)
      await this.#run(statement, scope)
    })
  }

  /** Resolves once everything that was taken is answered. */
  async idle(): Promise<void> {
    while (!this.#queue.isIdle || this.#underWay.size > 0) await Promise.all([this.#queue.idle(), ...this.#underWay])
  }

  #follow(done: Promise<void>): void {
    this.#underWay.add(done)
    done.then(() => this.#underWay.delete(done))
  }

  #pass({ query, handler, onFailure }: QueryToPlan): Promise<void> {
    return new Promise((done) => {
      const told = takeOutcome(query, {
        resolve(result) {
          told.resolve(result)
          done()
        },
        reject: (error) => {
          this.#parts.runner().untouchedFailed(error)
          onFailure?.(error)
          told.reject(error)
          done()
        },
      })
      handler(query)
    })
  }

  async #run(statement: QueryToPlan, scope: RequestScope | undefined): Promise<void> {
    const { query, text, onFailure } = statement
    const now: { sent: Outcome | undefined } = { sent: undefined }
    const told = takeOutcome(query, {
      resolve: (result) => (now.sent ?? told).resolve(result),
      reject: (error) => (now.sent ?? told).reject(error),
    })
    let connection: HeldConnection | undefined
    try {
      const { sql, handler } = statement
      const { acquire, copies } = this.#parts
      const own = { sql, handler, release: () => undefined }
      const held = acquire === undefined ? own : await (copies?.acquired(acquire) ?? acquire())
      connection = held
      const loss = acquire === undefined ? this.#own : new ConnectionLoss()
      const result = await this.#parts.runner().run({
        text,
        scope,
        ask: (ownQuery) => loss.guard(() => askOwnQuery(held.sql, ownQuery)),
        send: (wire) => loss.guard(() => deliver(statement, wire, { ...held, copies }, now)),
        retryable: query.cursorFn === undefined && query.forEachFn === undefined && query.streaming !== true,
      })
      told.resolve(result)
      if (!isStream(result)) held.release()
    } catch (cause) {
      const error = withoutShortFields(asTheDriverTells(cause))
      onFailure?.(error)
      told.reject(error)
      if (!isBroken(error)) connection?.release()
    }
  }
}

function deliver(
  { query, text, args }: QueryToPlan,
  wire: string,
  held: HeldConnection & Pick<PlannedQueriesParts, 'copies'>,
  now: { sent: Outcome | undefined },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (query.cancelled) {
      reject(new Error('the statement was cancelled before it was sent'))
      return
    }
    if (wire !== text || now.sent !== undefined) setText(query, { wire, args, text })
    now.sent = {
      resolve(result) {
        // The whole of a small COPY TO may have arrived before anybody hears of its beginning.
        if (isStream(result)) held.copies?.begin(result, held)
        resolve(result)
      },
      reject: (error) => reject(withShortFields(error)),
    }
    handOver(query, held.handler)
  })
}

/** What the driver says of itself, it says of any statement: that a connection is lost, or that a COPY is under way there. */
function asTheDriverTells(error: unknown): unknown {
  const cause = types.isNativeError(error) && 'code' in error && error.code === 'EC_CATALOG' ? error.cause : undefined
  return types.isNativeError(cause) && (isBroken(cause) || isCopyInProgress(cause)) ? cause : error
}

const isCopyInProgress = (error: Error): boolean => 'code' in error && error.code === 'COPY_IN_PROGRESS'
