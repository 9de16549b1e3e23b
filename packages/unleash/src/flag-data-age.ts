import type { UnleashLike } from './unleash-like.ts'

/** When the client last heard from its server. */
export interface FlagDataAge {
  /** Undefined until it has heard from it once. */
  ageMs(): number | undefined
  /** Resolves with true once it has heard from it, or with false when the time is over. */
  heard(timeoutMs: number): Promise<boolean>
  stop(): void
}

/**
 * Counts the client's `changed` and `unchanged` as news from the server. `ready` is not one: it also comes from a backup file
 * that an earlier run left behind. `changed` and `synchronized` also come from bootstrap data.
 */
export function flagDataAge(unleash: UnleashLike): FlagDataAge {
  const waiting = new Set<() => void>()
  let heardAt = unleash.isSynchronized() && hasFetched(unleash) ? performance.now() : undefined

  const heard = (): void => {
    if (!hasFetched(unleash)) return
    heardAt = performance.now()
    for (const wake of waiting) wake()
  }
  unleash.on('changed', heard)
  unleash.on('unchanged', heard)

  return {
    ageMs: () => (heardAt === undefined ? undefined : performance.now() - heardAt),
    async heard(timeoutMs) {
      if (heardAt !== undefined || timeoutMs === 0) return heardAt !== undefined
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer)
          waiting.delete(wake)
          resolve()
        }
        const timer = setTimeout(wake, timeoutMs)
        waiting.add(wake)
      })
      // The client takes its first data into use one tick after it has told of it.
      await new Promise((resolve) => setImmediate(resolve))
      return heardAt !== undefined
    },
    stop() {
      unleash.off('changed', heard)
      unleash.off('unchanged', heard)
      for (const wake of waiting) wake()
    },
  }
}

/**
 * The client's events do not tell bootstrap data from the server's; its repository does, in a field that is not in its
 * types. Where that is missing (a repository of the application's own), every event counts.
 */
function hasFetched(unleash: UnleashLike): boolean {
  const repository: unknown = Reflect.get(unleash, 'repository')
  const connected: unknown =
    typeof repository === 'object' && repository !== null ? Reflect.get(repository, 'connected') : undefined
  return connected !== false
}
