import { processWide, type Runtime } from '@expand-contract/core'
import type { CatalogOptions } from '@expand-contract/session'
import type postgres from 'postgres'
import { PlannedSql } from './planned-sql.ts'
import { checkDriver, type DriverPool } from './postgres-js-internals.ts'

export interface InstrumentedSqlOptions extends CatalogOptions {}

/**
 * The instance of postgres() with every statement passing the runtime's migrations: tagged templates with their fragments and
 * helpers, `unsafe`, cursors, and everything within `begin`, `savepoint` and `reserve`.
 *
 * ```ts
 * const sql = instrumentedSql(runtime, postgres(url))
 * ```
 *
 * Statements that name no migrating table are sent as they are. A statement that cannot be kept in step is rejected with
 * EC_REFUSED and never sent; `sql.file` throws EC_POSTGRES_JS_FILE.
 * @throws EC_POSTGRES_JS for what is not an instance of postgres-js from 3.4.8 on, or transforms rows
 */
export function instrumentedSql<Types extends Record<string, unknown>>(
  runtime: Runtime,
  sql: postgres.Sql<Types>,
  options: InstrumentedSqlOptions = {},
): postgres.Sql<Types> {
  const driver = sql as unknown as DriverPool
  const classes = checkDriver(driver)
  if (runtime.migrations.length === 0) return sql
  const { catalogRefreshMs } = options
  const own = new PlannedSql({ runtime, driver, classes, catalogRefreshMs }).sql
  drivers.set(own, driver)
  return own as unknown as postgres.Sql<Types>
}

/** What each instrumented instance was made of. */
const drivers = processWide('postgres-js.drivers/1', () => new WeakMap<object, DriverPool>())

/** The instance of postgres() below an instrumented one. */
export const driverOf = (sql: object): DriverPool | undefined => drivers.get(sql)
