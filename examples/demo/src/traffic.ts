import { setTimeout as sleep } from 'node:timers/promises'
import type { Runtime } from '@expand-contract/core'
import type { Pool } from 'pg'
import type { Metrics } from './metrics.ts'
import * as requests from './requests.ts'
import { measuredQuery, type Request } from './requests.ts'

/** Users that send requests; a gradual rollout picks some of them. */
const USERS = 1_000
/** A pause after each request, so that latencies are those of a busy machine and not of a saturated one. */
const PAUSE_MS = 15

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
  /** Requests under way at a time. */
  readonly workers: number
}

/** Continuous mixed traffic until `stop`, which lets the requests that are under way finish. */
export function startTraffic({ pool, runtime, metrics, workers }: TrafficOptions): { stop(): Promise<void> } {
  let running = true
  const onPool = measuredQuery(pool, metrics)

  async function transaction(request: Request): Promise<void> {
    const client = await pool.connect()
    try {
      const query = measuredQuery(client, metrics)
      await query('begin')
      try {
        await request(query)
        await query('commit')
      } catch (error) {
        await client.query('rollback')
        throw error
      }
    } finally {
      client.release()
    }
  }

  /** Requests of several statements, transactions, work that belongs to no user, and requests of one statement. */
  const kinds: readonly (() => Promise<void>)[] = [
    () => withUser(() => requests.visit(onPool)),
    () => withUser(() => transaction(requests.checkOut)),
    () => pick(MIX)(onPool),
    () => withUser(() => pick(MIX)(onPool)),
    () => withUser(() => pick(MIX)(onPool)),
  ]

  const withUser = (request: () => Promise<void>): Promise<void> =>
    runtime.withContext({ userId: String(Math.floor(Math.random() * USERS)) }, request)

  async function work(): Promise<void> {
    while (running) {
      await pick(kinds)().catch((error: unknown) => metrics.failed(error))
      await sleep(Math.random() * 2 * PAUSE_MS)
    }
  }

  const all = Promise.all(Array.from({ length: workers }, work))
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
