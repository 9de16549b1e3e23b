import { types } from 'node:util'
import type { Runtime, Scope } from '@expand-contract/core'
import type { StatementRunner } from '@expand-contract/pg/session'
import { askAhead } from './ask-ahead.ts'
import { handOver, type Outcome, setText, takeOutcome } from './deliver.ts'
import { withoutShortFields, withShortFields } from './error-fields.ts'
import type { DriverSql, Handler, PendingQuery } from './pending-query.ts'

/** A connection that is the statement's alone until it is released. */
export interface HeldConnection {
  readonly sql: DriverSql
  readonly handler: Handler
  release(): void
}

export interface LaneParts {
  readonly runtime: Runtime
  readonly runner: () => StatementRunner
  /**
   * The statement gets its connection first and is planned then, since it may wait long for one. undefined: it is handed to
   * what it was made by, which has one.
   */
  readonly acquire: (() => Promise<HeldConnection>) | undefined
  /** Statements are of one session, so each waits for those before it. */
  readonly ordered: boolean
}

export interface LaneStatement {
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
  take(statement: LaneStatement): void
  readonly onFailure?: (error: unknown) => void
}

/** The way of statements to the database: over one connection in their order, or over any of a pool. */
export class Lane implements Route {
  readonly #parts: LaneParts
  #tail: Promise<unknown> = Promise.resolve()
  #waiting = 0
  readonly #underWay = new Set<Promise<void>>()

  constructor(parts: LaneParts) {
    this.#parts = parts
  }

  take(statement: LaneStatement): void {
    const { ordered, runner, runtime } = this.#parts
    const passes = this.#waiting === 0 && runner().passes(statement.text)
    const scope = passes ? undefined : runtime.scope()
    if (passes && !ordered) statement.handler(statement.query)
    else if (passes) this.#follow(this.#pass(statement))
    else if (ordered) this.#wait(statement, scope)
    else this.#follow(this.#run(statement, scope))
  }

  #wait(statement: LaneStatement, scope: Scope | undefined): void {
    this.#waiting++
    this.#tail = this.#tail.then(async () => {
      await Promise.all(this.#underWay)
      await this.#run(statement, scope)
      this.#waiting--
    })
  }

  /** Resolves once everything that was taken is answered. */
  async idle(): Promise<void> {
    while (this.#waiting > 0 || this.#underWay.size > 0) await Promise.all([this.#tail, ...this.#underWay])
  }

  #follow(done: Promise<void>): void {
    this.#underWay.add(done)
    done.then(() => this.#underWay.delete(done))
  }

  #pass({ query, handler, onFailure }: LaneStatement): Promise<void> {
    return new Promise((done) => {
      const told = takeOutcome(query, {
        resolve(result) {
          told.resolve(result)
          done()
        },
        reject: (error) => {
          this.#parts.runner().passedInVain(error)
          onFailure?.(error)
          told.reject(error)
          done()
        },
      })
      handler(query)
    })
  }

  async #run(statement: LaneStatement, scope: Scope | undefined): Promise<void> {
    const { query, text, onFailure } = statement
    const now: { sent: Outcome | undefined } = { sent: undefined }
    const told = takeOutcome(query, {
      resolve: (result) => (now.sent ?? told).resolve(result),
      reject: (error) => (now.sent ?? told).reject(error),
    })
    let connection: HeldConnection | undefined
    try {
      const { sql, handler } = statement
      const { acquire } = this.#parts
      const held = acquire === undefined ? { sql, handler, release: () => undefined } : await acquire()
      connection = held
      const result = await this.#parts.runner().run({
        text,
        scope,
        ask: (ahead) => askAhead(held.sql, ahead),
        send: (wire) => deliver(statement, wire, held, now),
        again: query.cursorFn === undefined && query.forEachFn === undefined && query.streaming !== true,
      })
      told.resolve(result)
      if (isStream(result)) result.once('close', () => held.release())
      else held.release()
    } catch (cause) {
      const error = withoutShortFields(cause)
      onFailure?.(error)
      told.reject(error)
      if (!isBroken(error)) connection?.release()
    }
  }
}

function deliver(
  { query, text, args }: LaneStatement,
  wire: string,
  { handler }: HeldConnection,
  now: { sent: Outcome | undefined },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (query.cancelled) {
      reject(new Error('the statement was cancelled before it was sent'))
      return
    }
    if (wire !== text || now.sent !== undefined) setText(query, { wire, args, text })
    now.sent = { resolve, reject: (error) => reject(withShortFields(error)) }
    handOver(query, handler)
  })
}

/** The driver puts a connection away that has broken. */
const isBroken = (error: unknown): boolean =>
  types.isNativeError(error) && ('errno' in error || ('severity' in error && error.severity === 'FATAL'))

interface Stream {
  once(event: 'close', listener: () => void): unknown
}

const isStream = (value: unknown): value is Stream =>
  typeof value === 'object' && value !== null && 'pipe' in value && 'once' in value
