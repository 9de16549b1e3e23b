import type { Observer } from '@expand-contract/core'
import type { Plan } from '@expand-contract/sql'

/** What was told, by observer: each message holds a migration and a reason alone, so there are few. */
const told = new WeakMap<Observer, Set<string>>()

/** Warns once for each migration where the rewriter itself has failed, so that somebody reports it: `cause` is what went wrong. */
export function warnOfFailures(observer: Observer, { reasons }: Plan): void {
  for (const { migration, code, message, cause } of reasons) {
    if (cause === undefined) continue
    const before = told.get(observer) ?? new Set()
    if (before.has(message)) continue
    told.set(observer, before.add(message))
    observer.onWarning?.({ code, message, migration, cause })
  }
}
