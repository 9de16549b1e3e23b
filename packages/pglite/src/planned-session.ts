import type { PGlite, Transaction } from '@electric-sql/pglite'
import type { RequestScope, Runtime } from '@expand-contract/core'
import { StatementRunner } from '@expand-contract/session'
import { askOwnQuery } from './ask-own-query.ts'

/** What sends a statement: the instance, or a transaction of it. */
export type Sender = Pick<Transaction, 'query' | 'exec' | 'closed'>

export interface SessionStatement<T> {
  readonly text: string
  /** The request that it was sent in. */
  readonly scope: RequestScope | undefined
  readonly on: Sender
  /** Sends the text that was planned. */
  send(text: string): Promise<T>
}

export interface SessionParts {
  readonly runtime: Runtime
  readonly driver: PGlite
  readonly catalogRefreshMs: number | undefined
}

/** The one connection of a PGlite: statements are planned and sent one after the other. */
export class PlannedSession {
  readonly #driver: PGlite
  readonly #runner: StatementRunner

  constructor({ runtime, driver, catalogRefreshMs }: SessionParts) {
    this.#driver = driver
    // Two instances never share a database: each has its data to itself while it is open.
    const database = `PGlite ${crypto.randomUUID()}`
    this.#runner = StatementRunner.of({ runtime, database, catalogRefreshMs, sole: true }).connection({ path: 'same' })
  }

  /** PGlite has begun a transaction by itself. */
  begun(): void {
    this.#runner.setStatus('T')
  }

  async run<T>(statement: SessionStatement<T>): Promise<T> {
    const before = this.#runner.status
    try {
      const answer = await this.#plan(this.#runner, statement)
      this.settle()
      return answer
    } catch (error) {
      this.settle({ before, error })
      throw withText(error, statement.text)
    }
  }

  /** Plans a text that is not run by what `send` does with it, so nothing is followed. */
  async describe<T>(statement: SessionStatement<T>): Promise<T> {
    const runner = this.#runner.connection({ path: 'same' })
    runner.setStatus(this.#runner.status)
    try {
      return await this.#plan(runner, statement)
    } catch (error) {
      this.settle({ before: this.#runner.status, error })
      throw withText(error, statement.text)
    }
  }

  async #plan<T>(runner: StatementRunner, { text, scope, on, send }: SessionStatement<T>): Promise<T> {
    // PGlite says what there is to say.
    if (on.closed || runner.passes(text)) return send(text)
    // PGlite does not tell the setting, which matters for texts with a backslash alone.
    if (text.includes('\\') && runner.status !== 'E')
      runner.standardConformingStrings = await this.#conformingStrings(on)
    const ask: Parameters<StatementRunner['run']>[0]['ask'] = (query) => askOwnQuery(on, this.#driver, query)
    return runner.run({ text, scope, ask, send, retryable: true })
  }

  async #conformingStrings(on: Sender): Promise<boolean> {
    const text = "SELECT pg_catalog.current_setting('standard_conforming_strings') AS setting"
    const { rows } = await askOwnQuery(on, this.#driver, { text, values: [] })
    return rows[0]?.setting !== 'off'
  }

  /**
   * PGlite knows whether a transaction is open; whether it has failed is told by the error: one that PGlite itself raises,
   * for a value that it cannot serialize, leaves it as it was.
   */
  settle(failure?: { readonly before: StatementRunner['status']; readonly error: unknown }): void {
    const driver = this.#driver
    const runner = this.#runner
    const known = failure?.before ?? runner.status
    const open = driver.ready && driver.isInTransaction()
    const failed = failure !== undefined && isDatabaseError(failure.error)
    const status = !open ? 'I' : failed ? 'E' : known === 'I' ? 'T' : known
    if (status !== runner.status) runner.setStatus(status)
  }
}

/** Also of a query of ours. */
function isDatabaseError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return 'severity' in error || (error.cause instanceof Error && 'severity' in error.cause)
}

/** PGlite's errors show the statement, which is to be the application's. */
function withText(error: unknown, text: string): unknown {
  if (error instanceof Error && 'severity' in error && 'query' in error) error.query = text
  return error
}
