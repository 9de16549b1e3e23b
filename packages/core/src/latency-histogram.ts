/** Sixteen for each doubling, from a microsecond to 9.5 hours. */
export const LATENCY_BUCKETS = 512
const LONGEST_US = 2 ** 35

/** The bucket of a duration in microseconds. What is longer than 9.5 hours is in the last one, and what is none in the first. */
export function latencyBucket(us: number): number {
  if (us >= LONGEST_US) return LATENCY_BUCKETS - 1
  // Shifts are for 32 bits; four doublings are 64 buckets.
  if (us >= 2 ** 32) return latencyBucket(us / 16) + 64
  const whole = us >= 1 ? us >>> 0 : 0
  const doublings = 31 - Math.clz32(whole)
  return doublings < 4 ? whole : (doublings - 3) * 16 + ((whole >>> (doublings - 4)) & 15)
}

/** The shortest duration in a bucket, in microseconds; that of the next bucket is beyond its longest. */
export function latencyBucketStart(bucket: number): number {
  const doublings = bucket >> 4
  return doublings === 0 ? bucket : (16 + (bucket & 15)) * 2 ** (doublings - 1)
}

/**
 * The duration that a part of all does not exceed, in microseconds: 0.95 for p95. It is the middle of a bucket, so it is off by half a microsecond
 * or a 32nd (3.1 %) at most. undefined where nothing was counted.
 */
export function latencyPercentile(counts: ArrayLike<number>, part: number): number | undefined {
  const all = latencyCount(counts)
  if (all === 0) return undefined
  const wanted = Math.min(Math.max(Math.ceil(part * all), 1), all)
  let seen = 0
  let bucket = -1
  while (seen < wanted) {
    bucket += 1
    seen += counts[bucket] ?? 0
  }
  return (latencyBucketStart(bucket) + latencyBucketStart(bucket + 1)) / 2
}

/** How many durations were counted. */
export function latencyCount(counts: ArrayLike<number>): number {
  let all = 0
  for (let bucket = 0; bucket < counts.length; bucket++) all += counts[bucket] ?? 0
  return all
}

/** The counts of several histograms together, without empty buckets at the end; exact, whatever the order. */
export function mergedLatencies(several: readonly ArrayLike<number>[]): readonly number[] {
  const merged: number[] = Array.from({ length: Math.max(0, ...several.map(usedBuckets)) }, () => 0)
  for (const counts of several)
    for (let bucket = 0; bucket < merged.length; bucket++)
      merged[bucket] = (merged[bucket] ?? 0) + (counts[bucket] ?? 0)
  return merged
}

function usedBuckets(counts: ArrayLike<number>): number {
  let used = counts.length
  while (used > 0 && (counts[used - 1] ?? 0) === 0) used -= 1
  return used
}

/** Counts durations in buckets that grow with them. What one takes is an addition in an array of two kilobytes. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(LATENCY_BUCKETS)
  #isEmpty = true

  record(us: number): void {
    const bucket = latencyBucket(us)
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#isEmpty = false
  }

  get isEmpty(): boolean {
    return this.#isEmpty
  }

  /** What was counted, by bucket, without empty ones at the end; then it is empty again. */
  take(): readonly number[] {
    const taken = mergedLatencies([this.#counts])
    this.#counts.fill(0)
    this.#isEmpty = true
    return taken
  }
}
