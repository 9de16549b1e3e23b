/** How a backfill weighs its own speed against the statements of the application. */
export type BackfillProfile = 'gentle' | 'fast'

interface Profile {
  /** Pages of the first batch. */
  readonly first: number
  readonly most: number
  /** What a batch should take, in milliseconds. */
  readonly batchMs: number
  /** Whether each commit waits until it is on disk, as those of the application do. */
  readonly durable: boolean
}

/**
 * Measured against one plain UPDATE of the table, and against a live workload (docs/performance.md). What a batch costs beside its rows is divided
 * by more of them where it is large: by the server's processor, batches of 512 pages reach 0.97 of the UPDATE, of 256 pages 0.945, and of 1,024 pages,
 * which leave the caches, 0.94. What an application waits for is its commit, which flushes all that the backfill has written to the log
 * since the last one: a gentle backfill flushes its own, batch by batch.
 */
export const PROFILES: Readonly<Record<BackfillProfile, Profile>> = {
  gentle: { first: 16, most: 48, batchMs: 60, durable: true },
  fast: { first: 64, most: 512, batchMs: 120, durable: false },
}
