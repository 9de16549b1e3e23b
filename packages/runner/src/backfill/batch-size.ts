/** How a backfill weighs its own speed against the statements of the application. */
export type BackfillProfile = 'gentle' | 'fast'

interface Sizes {
  /** Pages of the first batch. */
  readonly first: number
  readonly most: number
  /** What a batch should take, in milliseconds. */
  readonly batchMs: number
}

/**
 * Measured against one plain UPDATE of the table, and against a live workload on busy cores: batches of 128 pages reach its
 * speed and take the workload's p95 to 2.0 to 4.5 times of idle, of 64 pages 0.89 and 1.33, of 16 pages 0.80 and 1.3. So a gentle
 * backfill starts small, and both grow towards a time.
 */
const PROFILES: Readonly<Record<BackfillProfile, Sizes>> = {
  gentle: { first: 16, most: 64, batchMs: 60 },
  fast: { first: 64, most: 256, batchMs: 120 },
}

/** A batch does not grow by more than this at once: one that hit empty pages says nothing of the next. */
const GROWTH = 1.5

export interface BatchSizeOptions {
  readonly profile: BackfillProfile
  /** What a batch should take, in milliseconds. @defaultValue 60 for gentle, 120 for fast */
  readonly batchMs?: number | undefined
  /** What it was before. @defaultValue that of the profile */
  readonly pages?: number | undefined
}

/** How many pages the next batch has, so that it takes about as long as was asked for. */
export class BatchSize {
  readonly #sizes: Sizes
  #pages: number

  constructor({ profile, batchMs, pages }: BatchSizeOptions) {
    this.#sizes = { ...PROFILES[profile], ...(batchMs !== undefined && { batchMs }) }
    this.#pages = pages ?? this.#sizes.first
  }

  get pages(): number {
    return Math.max(1, Math.round(this.#pages))
  }

  /** A batch of this many pages has taken so long. */
  took(pages: number, ms: number): void {
    const fitting = (pages * this.#sizes.batchMs) / Math.max(ms, 1)
    this.#pages = Math.min(Math.max(1, fitting), this.#pages * GROWTH, this.#sizes.most)
  }

  /** A batch was given up, for a lock or a deadlock: a smaller one holds fewer rows for a shorter time. */
  failed(): void {
    this.#pages = Math.max(1, this.#pages / 2)
  }
}
