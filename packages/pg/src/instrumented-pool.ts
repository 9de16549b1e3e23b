import type { Runtime } from '@expand-contract/core'
import pg from 'pg'
import type { InstrumentOptions } from './instrument-options.ts'
import { instrumentedClient } from './instrumented-client.ts'

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
  class InstrumentedPool extends Pool {}
  // Descriptors, because pg hides the password by making it one that cannot be enumerated.
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(config))
  return new InstrumentedPool(Object.assign(copy, { Client }))
}
