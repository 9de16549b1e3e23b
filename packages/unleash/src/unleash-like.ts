/**
 * What is used of a client of `unleash-client`: its class `Unleash`. Declared here, so that the types of this package
 * hold with every version that fits.
 */
export interface UnleashLike {
  isEnabled(name: string, context: UnleashContext): boolean
  getFeatureToggleDefinition(name: string): UnleashFeature | undefined
  isSynchronized(): boolean
  on(event: 'changed' | 'unchanged', listener: () => void): unknown
  off(event: 'changed' | 'unchanged', listener: () => void): unknown
}

/** A context as Unleash takes it; `appName`, `environment` and `currentTime` are the client's own. */
export type UnleashContext = {
  readonly userId?: string
  readonly sessionId?: string
  readonly remoteAddress?: string
  readonly properties?: Record<string, string>
}

/** A flag as the client holds it. */
export interface UnleashFeature {
  readonly name: string
  readonly enabled: boolean
  readonly strategies?: readonly UnleashStrategy[]
  readonly variants?: readonly UnleashVariant[]
  readonly dependencies?: readonly UnleashDependency[]
}

export interface UnleashStrategy {
  readonly name: string
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly variants?: readonly UnleashVariant[]
}

export interface UnleashVariant {
  readonly weight: number
  readonly stickiness?: string
}

/** A parent that a flag waits for. */
export interface UnleashDependency {
  readonly feature: string
  readonly enabled?: boolean
  readonly variants?: readonly string[]
}
