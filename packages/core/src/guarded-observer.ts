import type { Observer } from './observer.ts'

/** The observer with every method guarded: observing never breaks a statement. Absent methods stay absent. */
export function guardedObserver(observer: Observer | undefined): Observer {
  const guarded: { -readonly [K in keyof Observer]: Observer[K] } = {}
  const guard = <K extends keyof Observer>(key: K): void => {
    const method = observer?.[key] as ((event: never) => void) | undefined
    if (method === undefined) return
    guarded[key] = ((event: never) => {
      try {
        method.call(observer, event)
      } catch {
        // An observer that throws has no other observer to tell.
      }
    }) as NonNullable<Observer[K]>
  }
  guard('onStatement')
  guard('onDecision')
  guard('onCatalog')
  guard('onWarning')
  return Object.freeze(guarded)
}
