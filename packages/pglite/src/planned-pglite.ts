import type { PGlite, QueryOptions, Transaction } from '@electric-sql/pglite'
import { query as templateQuery } from '@electric-sql/pglite/template'
import type { Runtime } from '@expand-contract/core'
import { SerialQueue } from '@expand-contract/session'
import { isLiveNamespace } from './pglite-internals.ts'
import { plannedLive } from './planned-live.ts'
import { PlannedSession, type Sender } from './planned-session.ts'
import { protocolMethods } from './refused-calls.ts'
import { withMembers } from './replaced-members.ts'

export interface PlannedPGliteParts {
  readonly runtime: Runtime
  readonly driver: PGlite
  readonly catalogRefreshMs: number | undefined
  /** Instruments another instance in the same way. */
  readonly again: (db: PGlite) => PGlite
}

type Statements = Pick<Transaction, 'query' | 'exec' | 'sql'>

/** An instance of PGlite whose statements are planned. */
export class PlannedPGlite {
  readonly db: PGlite
  readonly #parts: PlannedPGliteParts
  readonly #session: PlannedSession
  readonly #queue = new SerialQueue()
  #live: object | undefined

  constructor(parts: PlannedPGliteParts) {
    this.#parts = parts
    this.#session = new PlannedSession(parts)
    const { driver, again } = parts
    const close = (): Promise<void> => this.#queue.take(() => driver.close())
    const members = {
      ...this.#statements(driver, this.#queue),
      transaction: <T>(work: (tx: Transaction) => Promise<T>) => this.#queue.take(() => this.#transaction(work)),
      describeQuery: (text: string, options?: QueryOptions) => this.#describe(text, options),
      clone: async () => again((await driver.clone()) as PGlite),
      ...{ close, [Symbol.asyncDispose]: close },
      ...protocolMethods(driver),
    }
    this.db = withMembers(driver, members, (value) => (isLiveNamespace(value) ? this.#ownLive() : value))
  }

  #statements(on: Sender, queue: SerialQueue): Statements {
    const take = <T>(text: string, send: (wire: string) => Promise<T>): Promise<T> => {
      const scope = this.#parts.runtime.scope()
      return queue.take(() => this.#session.run({ text, scope, on, send }))
    }
    const query: Statements['query'] = (text, params, options) => take(text, (wire) => on.query(wire, params, options))
    return {
      query,
      exec: (text, options) => take(text, (wire) => on.exec(wire, options)),
      sql(strings, ...values) {
        const { query: text, params } = templateQuery(strings, ...values)
        return query(text, params)
      },
    }
  }

  async #transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const session = this.#session
    try {
      return await this.#parts.driver.transaction(async (tx) => {
        session.begun()
        const queue = new SerialQueue()
        const rollback = async (): Promise<void> => {
          await tx.rollback()
          session.settle()
        }
        const members = { ...this.#statements(tx, queue), rollback: () => queue.take(rollback) }
        try {
          return await work(withMembers(tx, members))
        } finally {
          // What was not awaited belongs to the transaction, too.
          await queue.idle()
        }
      })
    } finally {
      session.settle()
    }
  }

  #describe(text: string, options: QueryOptions | undefined): ReturnType<PGlite['describeQuery']> {
    const { driver, runtime } = this.#parts
    const scope = runtime.scope()
    const send = (wire: string) => driver.describeQuery(wire, options)
    return this.#queue.take(() => this.#session.describe({ text, scope, on: driver, send }))
  }

  #ownLive(): object {
    const { driver, runtime } = this.#parts
    this.#live ??= plannedLive(this.db, (text) => {
      const scope = runtime.scope()
      const send = async (wire: string): Promise<string> => wire
      return this.#queue.take(() => this.#session.describe({ text, scope, on: driver, send }))
    })
    return this.#live
  }
}
