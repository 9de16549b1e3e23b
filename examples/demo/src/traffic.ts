import { setTimeout as sleep } from 'node:timers/promises'
import type { Runtime } from '@expand-contract/core'
import type { Pool } from 'pg'
import { Ledger } from './ledger.ts'
import type { Metrics } from './metrics.ts'
import * as requests from './requests.ts'
import { measuredQuery, type Request, type Sender } from './requests.ts'
import { CUSTOMERS } from './shop.ts'

/** Users that send requests; a gradual rollout picks some of them. */
const USERS = 1_000
/** Processes that there may be, each with customers of its own. */
const PROCESSES = 2
/** A pause after each request, so that latencies are those of a busy machine and not of a saturated one. */
const PAUSE_MS = 30

/** Single requests, most of them reads; those named twice come twice as often. */
const MIX: readonly Request[] = [
  requests.customerByKey,
  requests.customerByKey,
  requests.customersByName,
  requests.customersByName,
  requests.namesFrom,
  requests.largeOrders,
  requests.ordersOfCustomer,
  requests.wholeOrder,
  requests.placeOrder,
  requests.changeOrder,
  requests.renameCustomer,
  requests.registerCustomer,
]

export interface TrafficOptions {
  readonly pool: Pool
  readonly runtime: Runtime
  readonly metrics: Metrics
  readonly ledger: Ledger
  /** Which of the processes this is, from 0. */
  readonly place: number
  /** Requests under way at a time. */
  readonly workers: number
}

/** Continuous mixed traffic until `stop`, which lets the requests that are under way finish. */
export function startTraffic({ pool, runtime, metrics, ledger, place, workers }: TrafficOptions): {
  stop(): Promise<void>
} {
  let running = true
  const onPool = measuredQuery(pool, metrics)

  async function transaction(request: Request, sender: Sender): Promise<void> {
    const client = await pool.connect()
    try {
      const query = measuredQuery(client, metrics)
      const written = new Ledger()
      await query('begin')
      try {
        await request(query, { ...sender, ledger: written })
        await query('commit')
        ledger.include(written.entries())
      } catch (error) {
        await client.query('rollback')
        throw error
      }
    } finally {
      client.release()
    }
  }

  /** Requests of several statements, transactions, work that belongs to no user, and requests of one statement. */
  const kinds: readonly ((sender: Sender) => Promise<void>)[] = [
    (sender) => withUser(() => requests.visit(onPool, sender)),
    (sender) => withUser(() => transaction(requests.checkOut, sender)),
    (sender) => pick(MIX)(onPool, sender),
    (sender) => withUser(() => pick(MIX)(onPool, sender)),
    (sender) => withUser(() => pick(MIX)(onPool, sender)),
  ]

  const withUser = (request: () => Promise<void>): Promise<void> =>
    runtime.withContext({ userId: String(Math.floor(Math.random() * USERS)) }, request)

  /** One request after the other. Of the customers every so many-th is its own. */
  async function work(index: number): Promise<void> {
    const [first, step] = [place * workers + index, PROCESSES * workers]
    const ownCustomer = (limit = CUSTOMERS): number =>
      1 + first + step * (requests.below(Math.ceil((limit - first) / step)) - 1)
    while (running) {
      await pick(kinds)({ ledger, ownCustomer }).catch((error: unknown) => metrics.failed(error))
      await sleep(Math.random() * 2 * PAUSE_MS)
    }
  }

  const all = Promise.all(Array.from({ length: workers }, (_, index) => work(index)))
  return {
    async stop() {
      running = false
      await all
    },
  }
}

function pick<T>(choices: readonly T[]): T {
  return choices[Math.floor(Math.random() * choices.length)] as T
}
