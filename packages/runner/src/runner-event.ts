import type { Action } from './action.ts'

/** A session that stands in the way. */
export interface Blocker {
  readonly pid: number
  readonly application: string
  readonly role: string
  /** As pg_stat_activity has it: `idle in transaction`; `prepared transaction`, which no session holds. */
  readonly state: string
  /** When its transaction began. */
  readonly since: Date | undefined
  /** Its statement without literals; undefined where the role may not see it, or it cannot be told what is a value. */
  readonly statement: string | undefined
  /** `client backend`, `autovacuum worker`, ... */
  readonly kind: string
  /** A vacuum against wraparound, which yields to nobody. */
  readonly yields: boolean
}

/** What happens while actions are executed. Libraries report; only the cli prints. */
export type RunnerEvent =
  | { readonly type: 'started'; readonly action: Action }
  | { readonly type: 'done'; readonly action: Action; readonly ms: number }
  | { readonly type: 'committed'; readonly transaction: string; readonly tries: number; readonly lockedMs: number }
  | {
      readonly type: 'waiting'
      readonly transaction: string
      /** Tries that have failed so far. */
      readonly tries: number
      readonly sqlState: string
      readonly blockers: readonly Blocker[]
      readonly retryInMs: number
    }
  /** A statement outside of a transaction waits for others, and blocks nobody meanwhile. */
  | {
      readonly type: 'blocked'
      readonly action: Action
      readonly blockers: readonly Blocker[]
      readonly waitedMs: number
    }

/** A listener that fails must not break what it listens to. */
export function reporter(onEvent: ((event: RunnerEvent) => void) | undefined): (event: RunnerEvent) => void {
  return (event) => {
    try {
      onEvent?.(event)
    } catch {}
  }
}
