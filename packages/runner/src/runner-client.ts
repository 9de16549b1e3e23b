/**
 * A connection of a driver, as far as the runner needs one; a `Client` or a checked-out client of `pg` is one. It must stay the same
 * one between calls, since transactions span them, and must know of no migration: `instrumentedPool` would rewrite what is sent.
 */
export interface RunnerClient {
  query(text: string, values?: unknown[]): Promise<RunnerAnswer>
}

export interface RunnerAnswer {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** Of the command tag, as `pg` has it: rows that an UPDATE has changed. Without it they are counted in SQL. */
  readonly rowCount?: number | null
}
