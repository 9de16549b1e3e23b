import type { StatementRunner } from '@expand-contract/session'
import type { PlannedQueries, QueryToPlan, Route } from './planned-queries.ts'
import type { DriverSql, DriverTransaction } from './postgres-js-internals.ts'

type Work = (sql: DriverSql) => unknown

export interface ScopeParts {
  readonly driver: DriverTransaction
  readonly queries: PlannedQueries
  readonly runner: StatementRunner
  /** Runs the work of a savepoint. */
  readonly enter: (sql: DriverSql, work: Work) => Promise<unknown>
}

/** The work of one `begin` or `savepoint`. As in postgres-js it fails when one of its statements does, caught or not. */
export class TransactionScope implements Route {
  readonly #parts: ScopeParts
  #failure: { readonly error: unknown } | undefined

  constructor(parts: ScopeParts) {
    this.#parts = parts
  }

  take(statement: QueryToPlan): void {
    // As the driver does for what it is handed: its failure is the scope's, and heard of there.
    statement.query.catch(() => undefined)
    this.#parts.queries.take(statement)
  }

  readonly onFailure = (error: unknown): void => {
    this.#failure ??= { error }
  }

  /** What was not awaited belongs to the transaction, too, so its end waits for that. */
  async run(work: Work, sql: DriverSql): Promise<unknown> {
    const result = await this.#work(work, sql)
    if (this.#failure !== undefined) throw this.#failure.error
    return result
  }

  async #work(work: Work, sql: DriverSql): Promise<unknown> {
    try {
      const result = work(sql)
      return await (Array.isArray(result) ? Promise.all(result) : result)
    } finally {
      await this.#parts.queries.idle()
    }
  }

  async savepoint(args: readonly unknown[]): Promise<unknown> {
    const { driver, queries, runner, enter } = this.#parts
    const [first] = args
    if (isTemplate(first)) return this.savepoint([(sql: DriverSql) => sql(...(args as Parameters<DriverSql>))])
    const work = args.at(-1) as Work
    const inner: Work = (sql) => enter(sql, work)
    await queries.idle()
    try {
      return await (args.length > 1 ? driver.savepoint(String(first), inner) : driver.savepoint(inner))
    } catch (error) {
      runner.rolledBackToSavepoint()
      throw error
    }
  }
}

const isTemplate = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'raw' in value && Array.isArray(value.raw)
