import type { Readable, Writable } from 'node:stream'

/**
 * COPY by the connection that the runner works with, as far as it needs it: with `pg`, `client.query(to(sql))` and `client.query(from(sql))`
 * of pg-copy-streams.
 */
export interface BackupCopy {
  /** Runs `COPY ... TO STDOUT`. */
  to(sql: string): Readable
  /** Ends what the backend of this pid runs, by another connection. Without it the rest of a COPY is read and thrown away. */
  cancel?(pid: number): Promise<void>
  /** Runs `COPY ... FROM STDIN`; what destroys it takes the statement back. */
  from(sql: string): Writable
}
