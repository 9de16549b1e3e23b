import { type Steadiness, steadinessOf } from './flag-steadiness.ts'
import type { UnleashFeature, UnleashLike } from './unleash-like.ts'

interface KnownFlag {
  readonly feature: UnleashFeature
  readonly steadiness: Steadiness
}

/** Flag definitions with what was read from them. */
export interface KnownFlags {
  /** Undefined where Unleash does not know the flag. */
  get(flag: string): KnownFlag | undefined
  /** To be called when any definition may have changed; a parent's counts for its children. */
  changed(): void
}

/** Reads a definition once, not for every decision: the client replaces its definitions, and never changes one. */
export function knownFlags(unleash: UnleashLike): KnownFlags {
  const known = new Map<string, KnownFlag>()
  const definition = (flag: string): UnleashFeature | undefined => unleash.getFeatureToggleDefinition(flag)
  return {
    get(flag) {
      const feature = definition(flag)
      if (feature === undefined) return undefined
      const before = known.get(flag)
      if (before?.feature === feature) return before
      const now = { feature, steadiness: steadinessOf(feature, definition) }
      known.set(flag, now)
      return now
    },
    changed: () => known.clear(),
  }
}
