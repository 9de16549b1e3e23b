import { setImmediate as breathe } from 'node:timers/promises'
import type { Runtime } from '@expand-contract/core'
import type { Pool } from 'pg'
import type { Ledger } from './ledger.ts'
import { firstOwnRow, OWN_ROWS } from './schema.ts'
import { OWN, type Own, SHARED, type Statement } from './statements.ts'
import type { Witness } from './witness.ts'

export interface WorkerOptions {
  readonly index: number
  readonly pool: Pool
  readonly runtime: Runtime
  readonly ledger: Ledger
  readonly witness: Witness
  /** Told of everything that went wrong; the worker carries on. */
  readonly onFailure: (error: unknown) => void
}

const pick = <T>(choices: readonly T[]): T => choices[Math.floor(Math.random() * choices.length)] as T

/** One after the other, sends requests and transactions of a few statements each. */
export class Worker {
  statements = 0
  readonly #options: WorkerOptions
  readonly #own: Own
  #running = true
  readonly #waiting: (() => void)[] = []
  readonly #done: Promise<void>

  constructor(options: WorkerOptions) {
    this.#options = options
    let last = firstOwnRow(options.index)
    this.#own = { ledger: options.ledger, ids: [], nextId: () => ++last }
    this.#done = this.#work()
  }

  /** Resolves when everything that this worker has under way now is over. */
  settled(): Promise<void> {
    return new Promise((resolve) => void this.#waiting.push(resolve))
  }

  async stop(): Promise<void> {
    this.#running = false
    await this.#done
  }

  async #work(): Promise<void> {
    await this.#guarded(() => this.#seed())
    while (this.#running) {
      for (const resolve of this.#waiting.splice(0)) resolve()
      await this.#guarded(pick([this.#request, this.#request, this.#transaction, this.#requestOfTransaction]))
      await breathe()
    }
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  async #seed(): Promise<void> {
    const ids = Array.from({ length: OWN_ROWS }, () => this.#own.nextId())
    await this.#options.pool.query("insert into accounts select unnest($1::int[]), 'start'", [ids])
    for (const id of ids) this.#own.ledger.put(id, 'start', 0)
    this.#own.ids.push(...ids)
  }

  /** Statements on whatever connections the pool gives, as one request. */
  readonly #request = (): Promise<void> => this.#inContext(() => this.#onPool())

  /** A transaction that belongs to no request. */
  readonly #transaction = (): Promise<void> => this.#inTransaction(pick(['commit', 'commit', 'rollback']))

  /** Single statements and a transaction in one request. */
  readonly #requestOfTransaction = (): Promise<void> =>
    this.#inContext(async () => {
      await this.#onPool()
      await this.#inTransaction('commit')
    })

  #inContext(fn: () => Promise<void>): Promise<void> {
    const { runtime, witness, pool } = this.#options
    const userId = String(Math.floor(Math.random() * 1_000))
    return runtime.withContext({ userId }, () => witness.unit('request', pool, fn))
  }

  async #onPool(): Promise<void> {
    for (const statement of [pick(OWN), pick(OWN), pick(SHARED)])
      await this.#run(statement, this.#options.pool, (change) => change())
  }

  async #inTransaction(end: 'commit' | 'rollback'): Promise<void> {
    const client = await this.#options.pool.connect()
    const changes: (() => void)[] = []
    try {
      await client.query('begin')
      await this.#options.witness.unit('transaction', client, async (reread) => {
        await this.#run(pick(OWN), client, (change) => changes.push(change))
        await reread()
        await this.#run(pick(SHARED), client, (change) => changes.push(change))
      })
      await client.query(end)
      if (end === 'commit') for (const change of changes) change()
      client.release()
    } catch (error) {
      // Whatever state it is in, this connection is not used again.
      client.release(true)
      throw error
    }
  }

  async #run(statement: Statement, db: Parameters<Statement>[0], keep: Parameters<Statement>[2]): Promise<void> {
    this.statements++
    await statement(db, this.#own, keep)
  }

  async #guarded(fn: () => Promise<void>): Promise<void> {
    try {
      await fn()
    } catch (error) {
      this.#options.onFailure(error)
    }
  }
}
