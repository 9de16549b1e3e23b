import type { Side } from '@expand-contract/core'

/** How often, and when first and last, a SELECT read one side. */
export interface SideReads {
  readonly count: number
  readonly firstAt: number | undefined
  readonly lastAt: number | undefined
}

/** What happened in some time: of one process or of several, of a second or of a stage. */
export interface Figures {
  /** Milliseconds that each statement took, as the application saw it. */
  readonly latenciesMs: readonly number[]
  /** What went wrong, one entry for each request that failed. */
  readonly failures: readonly string[]
  readonly reads: Readonly<Record<Side, SideReads>>
  /** Requests and transactions that read both sides of one migration. */
  readonly mixed: number
}

/** Milliseconds since the epoch with fractions, so that processes of one machine can be compared. */
export const now = (): number => performance.timeOrigin + performance.now()

export function mergeFigures(all: readonly Figures[]): Figures {
  return {
    latenciesMs: all.flatMap((figures) => figures.latenciesMs),
    failures: all.flatMap((figures) => figures.failures),
    reads: { old: mergeReads(all.map(({ reads }) => reads.old)), new: mergeReads(all.map(({ reads }) => reads.new)) },
    mixed: all.reduce((sum, figures) => sum + figures.mixed, 0),
  }
}

function mergeReads(all: readonly SideReads[]): SideReads {
  const times = all.flatMap(({ firstAt, lastAt }) => [firstAt ?? [], lastAt ?? []].flat())
  return {
    count: all.reduce((sum, reads) => sum + reads.count, 0),
    firstAt: times.length === 0 ? undefined : Math.min(...times),
    lastAt: times.length === 0 ? undefined : Math.max(...times),
  }
}

/** The share of reads that came from the new columns, 0 to 1. */
export const shareOfNew = ({ reads }: Figures): number =>
  reads.new.count / Math.max(1, reads.old.count + reads.new.count)

/** The value below which a share of the measured ones lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
