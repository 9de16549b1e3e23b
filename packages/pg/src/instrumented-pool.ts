import { AsyncResource } from 'node:async_hooks'
import type { Runtime } from '@expand-contract/core'
import pg from 'pg'
import type { InstrumentOptions } from './instrument-options.ts'
import { instrumentedClient } from './instrumented-client.ts'

type ConnectCallback = Parameters<typeof pg.Pool.prototype.connect>[0]

/**
 * A real pg.Pool whose connections are instrumented clients.
 *
 * ```ts
 * const pool = instrumentedPool(runtime, { connectionString })
 * await runtime.withContext({ userId: '42' }, () => pool.query('select name from users where id = $1', [1]))
 * ```
 * @throws EC_DRIVER
 */
export function instrumentedPool(
  runtime: Runtime,
  config: pg.PoolConfig = {},
  options: InstrumentOptions = {},
): pg.Pool {
  const { Pool } = options.pg ?? pg
  const Client = instrumentedClient(runtime, options)
  class InstrumentedPool extends Pool {
    // pg-pool calls a callback that had to wait in the async context of whoever released the client: bound to its own,
    // so that `pool.query` keeps the request it was sent in.
    override connect(): Promise<pg.PoolClient>
    override connect(callback: ConnectCallback): void
    override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
      if (typeof callback !== 'function') return super.connect()
      super.connect(AsyncResource.bind(callback))
      return undefined
    }
  }
  // Descriptors, because pg hides the password by making it one that cannot be enumerated.
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(config))
  return new InstrumentedPool(Object.assign(copy, { Client }))
}
