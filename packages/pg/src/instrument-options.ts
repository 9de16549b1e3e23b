import type { PgModule } from './client-internals.ts'

export interface InstrumentOptions {
  /**
   * How long, in milliseconds, the columns that exist may be taken as known. A statement outside of a transaction never
   * runs on older knowledge, nor does a transaction begin on it. So a tool that adds a column and then waits this long plus
   * the longest transaction knows that every process writes both columns.
   *
   * Each process asks every half of it, once per database and search path, ahead of a statement on the connection at
   * hand: one round trip of 1 to 2 ms; 20 ms after a change. 0 asks before every statement.
   * @defaultValue 1000
   */
  readonly catalogRefreshMs?: number
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

export const DEFAULT_CATALOG_REFRESH_MS = 1_000
