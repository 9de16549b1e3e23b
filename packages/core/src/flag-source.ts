import type { FlagContext } from './flag-context.ts'
import type { Observer } from './observer.ts'

/**
 * Where read-switch flags come from. `isEnabled` is called at most once per request, transaction or single statement and
 * migration, in the phase `switch` alone; it must be synchronous and fast. False, unknown and not yet known mean the old
 * side; an exception, or anything but true or false, counts as false and is reported to the observer.
 */
export interface FlagSource {
  isEnabled(flag: string, context: FlagContext): boolean
  /**
   * Called once by `createRuntime` with the flags in use, which waits for it; may refuse flags it cannot serve. What an
   * operator should know later on goes to the observer.
   */
  start?(flags: readonly string[], observer?: Observer): Promise<void> | void
  /** Milliseconds since the flag data was last known to be fresh; undefined: never. */
  ageMs?(): number | undefined
  /** Called once by `runtime.close()`. */
  stop?(): Promise<void> | void
}
