export interface CatalogOptions {
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
}

export const DEFAULT_CATALOG_REFRESH_MS = 1_000
