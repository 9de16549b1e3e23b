/** How actions wait for tables that are in use. */
export interface LockOptions {
  /**
   * How long one try waits for its lock, in milliseconds. While it waits, every other statement on the table queues behind it. Keep it
   * below deadlock_timeout (1 s), so that a deadlock never kills a transaction of the application. @defaultValue 200
   */
  readonly lockTimeoutMs?: number
  /**
   * How long one try waits for the weak lock that goes ahead, in milliseconds. It blocks no reader and no writer; an autovacuum yields
   * to it after deadlock_timeout. @defaultValue 5000
   */
  readonly vacuumTimeoutMs?: number
  /**
   * How long a statement outside of a transaction, as CREATE INDEX CONCURRENTLY, waits for the transactions of others, in milliseconds. It
   * blocks no reader and no writer meanwhile, and what it has built so far is lost when it gives up. @defaultValue 30 minutes
   */
  readonly buildTimeoutMs?: number
  /** Tries before it is given up. Each has its timeout, the last one as well. @defaultValue 30 */
  readonly maxTries?: number
  /** No try begins after so many milliseconds. @defaultValue 30 minutes */
  readonly giveUpAfterMs?: number
  /** The pause after the first failed try, in milliseconds; it doubles up to `maxPauseMs`, and half of it is chance. @defaultValue 250 */
  readonly firstPauseMs?: number
  /** @defaultValue 30000 */
  readonly maxPauseMs?: number
}

export const LOCK_DEFAULTS: Required<LockOptions> = Object.freeze({
  lockTimeoutMs: 200,
  vacuumTimeoutMs: 5_000,
  buildTimeoutMs: 1_800_000,
  maxTries: 30,
  giveUpAfterMs: 1_800_000,
  firstPauseMs: 250,
  maxPauseMs: 30_000,
})

/** The pause behind a failed try, with jitter: those that wait for one another must not meet again. */
export function pauseAfter(tries: number, { firstPauseMs, maxPauseMs }: Required<LockOptions>, random: number): number {
  const whole = Math.min(maxPauseMs, firstPauseMs * 2 ** Math.min(tries - 1, 20))
  return Math.round(whole / 2 + (whole / 2) * random)
}
