import type { BackfillProgress } from './ranges.ts'
import type { ThrottleLoad, ThrottleReason } from './throttle.ts'

/** What a backfill tells while it runs. Figures and keys alone, never a value of a row. */
export type BackfillEvent =
  | {
      readonly type: 'start'
      readonly resumed: boolean
      readonly progress: BackfillProgress
      readonly members: readonly string[]
    }
  | {
      readonly type: 'progress'
      readonly progress: BackfillProgress
      /** Rows per second of the last minutes; undefined at the beginning. */
      readonly rate: number | undefined
      /** The same of the last minute. */
      readonly lastMinute: number | undefined
      /** With what it has waited in the last minutes; undefined before 1 % and before 10 s. */
      readonly secondsLeft: number | undefined
      readonly load: ThrottleLoad | undefined
      readonly batch: { readonly ms: number; readonly rows: number; readonly pages: number }
    }
  | {
      readonly type: 'wait'
      readonly reason: ThrottleReason
      readonly waitedMs: number
      /** The longer it waits, the later it ends. */
      readonly secondsLeft: number | undefined
      readonly load: ThrottleLoad | undefined
    }
  /** A batch was given up for a lock, and is tried again. */
  | { readonly type: 'busy'; readonly code: string; readonly pages: number }
  | { readonly type: 'failed-rows'; readonly relation: string; readonly block: number; readonly rows: number }
  /** A member was rewritten, so its blocks are others: it begins again. */
  | { readonly type: 'rewritten'; readonly relation: string }
  | { readonly type: 'vacuum'; readonly relation: string; readonly ms: number }
