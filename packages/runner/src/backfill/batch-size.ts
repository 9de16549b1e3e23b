import { type BackfillProfile, PROFILES } from './profile.ts'

/** A batch does not grow by more than this at once: one that hit empty pages says nothing of the next. */
const GROWTH = 1.5

/**
 * PostgreSQL looks for a deadlock when a transaction has waited for a second, and ends the one that looks; a batch gives up a lock after 0.2 s. So
 * one that is no older than this has given up before a transaction that waits for it looks.
 */
const LONGEST_MS = 600

export interface BatchSizeOptions {
  readonly profile: BackfillProfile
  /** What a batch should take, in milliseconds. @defaultValue 60 for gentle, 120 for fast */
  readonly batchMs?: number | undefined
  /** What it was before. @defaultValue that of the profile */
  readonly pages?: number | undefined
}

/** How many pages the next batch has, so that it takes about as long as was asked for. */
export class BatchSize {
  readonly #sizes: { readonly first: number; readonly most: number; readonly batchMs: number }
  #pages: number

  constructor({ profile, batchMs, pages }: BatchSizeOptions) {
    this.#sizes = { ...PROFILES[profile], ...(batchMs !== undefined && { batchMs }) }
    this.#pages = pages ?? this.#sizes.first
  }

  get pages(): number {
    return Math.max(1, Math.round(this.#pages))
  }

  /** How long one of several pages may take, in milliseconds. */
  get longestMs(): number {
    return Math.max(LONGEST_MS, this.#sizes.batchMs * 3)
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
