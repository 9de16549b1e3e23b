import type { Observer } from './observer.ts'

const METHODS = {
  onStatement: true,
  onAnswer: true,
  onDecision: true,
  onCatalog: true,
  onWarning: true,
} as const satisfies Required<{
  [Method in keyof Observer]: true
}>

/** The observer with every method guarded: observing never breaks a statement. Absent methods stay absent. */
export function guardedObserver(observer: Observer | undefined): Observer {
  const guarded = Object.keys(METHODS).flatMap((key) => {
    const method = observer?.[key as keyof Observer] as ((event: never) => unknown) | undefined
    return method === undefined ? [] : [[key, guard((event: never) => method.call(observer, event))] as const]
  })
  return Object.freeze(Object.fromEntries(guarded))
}

// An observer that fails has no other observer to tell. An async method fails later, and its rejection, left alone, would
// end the process.
function guard(method: (event: never) => unknown): (event: never) => void {
  return (event) => {
    try {
      const result = method(event)
      if (typeof result === 'object') Promise.resolve(result).catch(() => undefined)
    } catch {}
  }
}
