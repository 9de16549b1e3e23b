import type { Runtime } from '@expand-contract/core'
import { DEFAULT_CATALOG_REFRESH_MS, engineOf } from '@expand-contract/session'
import pg from 'pg'
import type { InstrumentOptions } from './instrument-options.ts'
import { instrumentedClientClass } from './instrumented-client-class.ts'

/**
 * A subclass of pg.Client through which every statement passes the runtime's migrations. Hand it to whatever takes one:
 *
 * ```ts
 * const pool = new pg.Pool({ connectionString, Client: instrumentedClient(runtime) })
 * ```
 *
 * Everything else of a Client is as before. Statements that name no migrating table are handed on as they are. A statement
 * that cannot be kept in step is rejected with EC_REFUSED and never sent; EC_CATALOG says that the columns could not
 * be read, EC_PARSER that the parser could not be loaded.
 * @throws EC_DRIVER for a pg that cannot be built on
 */
export function instrumentedClient(runtime: Runtime, options: InstrumentOptions = {}): typeof pg.Client {
  const engine = engineOf(runtime, options.catalogRefreshMs ?? DEFAULT_CATALOG_REFRESH_MS)
  return instrumentedClientClass(engine, options.pg ?? pg, options.readCatalogOnConnect ?? true)
}
