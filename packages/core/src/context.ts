import { AsyncLocalStorage } from 'node:async_hooks'
import type { Pins } from './decision.ts'
import type { FlagContext } from './flag-context.ts'
import type { PinPlace } from './pin-place.ts'
import { processWide } from './process-wide.ts'

/** What one request carries: the context its flags are evaluated for, and the read sides decided so far. */
export interface RequestScope {
  readonly context: FlagContext
  readonly pins: Pins
  /** By migration, where and when its side was decided last. */
  readonly places: Map<string, PinPlace | undefined>
}

interface RunningScope extends RequestScope {
  /** The caller's own object, by which a nested call is known to be the same request; `context` is a frozen copy of it. */
  readonly given: FlagContext
}

// One per process: `withContext` of one copy of this package counts for statements that another one sends.
const storage = processWide('context/1', () => new AsyncLocalStorage<RunningScope>())

const NO_CONTEXT: FlagContext = Object.freeze({})

/** The flag context of a statement that runs outside `withContext`. */
export const noContext = (): FlagContext => NO_CONTEXT

/** The scope of the running request, or undefined outside of one. */
export const currentScope = (): RequestScope | undefined => storage.getStore()

/** Runs `fn` as one request. A nested call with the same context object keeps the pins; with another it is a request of its own. */
export function runInScope<T>(context: FlagContext, fn: () => T): T {
  const outer = storage.getStore()
  if (outer !== undefined && (outer.given === context || outer.context === context)) return fn()
  return storage.run({ given: context, context: Object.freeze({ ...context }), pins: new Map(), places: new Map() }, fn)
}
