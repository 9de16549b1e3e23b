import type { CatalogOptions } from '@expand-contract/session'
import type { PgModule } from './pg-internals.ts'

export interface InstrumentOptions extends CatalogOptions {
  /**
   * Whether a new connection reads the columns before `connect` is done, so that no statement waits for it: 20 to 90 ms for
   * the first connection of a process, one round trip for others. `false` leaves it to the first statement.
   * @defaultValue true
   */
  readonly readCatalogOnConnect?: boolean
  /**
   * The pg module to build on, where the ORM has a copy of its own. Any JavaScript pg from 8.17 on; not pg-native.
   * @defaultValue the `pg` that this package finds
   */
  readonly pg?: PgModule
}
