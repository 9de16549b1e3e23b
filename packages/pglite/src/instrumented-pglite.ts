import type { PGlite } from '@electric-sql/pglite'
import { processWide, type Runtime } from '@expand-contract/core'
import type { CatalogOptions } from '@expand-contract/session'
import { checkDriver, notPGlite, type PGliteLike } from './pglite-internals.ts'
import { PlannedPGlite } from './planned-pglite.ts'

export interface InstrumentedPGliteOptions extends CatalogOptions {}

/** What was returned by `instrumentedPGlite`. */
const instrumented = processWide('pglite.instrumented/2', () => new WeakMap<object, PGlite>())

/** The instance of PGlite below an instrumented one. */
export const driverOf = (db: object): PGlite | undefined => instrumented.get(db)

/**
 * The instance of PGlite with every statement passing the runtime's migrations: `query`, `sql`, `exec`, everything within
 * `transaction`, and live queries. It is of the type that was handed in, extensions included.
 *
 * ```ts
 * const db = instrumentedPGlite(runtime, new PGlite(dataDir))
 * ```
 *
 * Statements that name no migrating table are sent as they are. A statement that cannot be kept in step is rejected with
 * EC_REFUSED and never sent; messages of the wire protocol that would run one, with EC_PGLITE_PROTOCOL.
 * @throws EC_PGLITE for what is not an instance of PGlite, or is instrumented already
 */
export function instrumentedPGlite<Db extends PGliteLike>(
  runtime: Runtime,
  db: Db,
  options: InstrumentedPGliteOptions = {},
): Db {
  const driver = checkDriver(db)
  if (instrumented.has(db)) throw notPGlite()
  if (runtime.migrations.length === 0) return db
  const { catalogRefreshMs } = options
  const again = (clone: PGlite): PGlite => instrumentedPGlite(runtime, clone, options)
  const own = new PlannedPGlite({ runtime, driver, catalogRefreshMs, again }).db as unknown as Db
  instrumented.set(own, driver)
  return own
}
