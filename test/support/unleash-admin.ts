/** A strategy as Unleash's admin API takes it. */
export interface FlagStrategy {
  /** `flexibleRollout`, `userWithId`, ... */
  readonly name: string
  /** `{ rollout: '10', stickiness: 'userId', groupId: 'my-flag' }` */
  readonly parameters?: Readonly<Record<string, string>>
  readonly constraints?: readonly FlagConstraint[]
}

export interface FlagConstraint {
  readonly contextName: string
  readonly operator: string
  readonly values?: readonly string[]
  readonly value?: string
  readonly inverted?: boolean
  readonly caseInsensitive?: boolean
}

/** The flags of the project `default` in the environment `development`, as an operator changes them. */
export interface UnleashAdmin {
  createFlag(name: string): Promise<void>
  /** Replaces all strategies; a flag without any is on for everybody. */
  setStrategies(name: string, strategies: readonly FlagStrategy[]): Promise<void>
  enable(name: string): Promise<void>
  disable(name: string): Promise<void>
  /** Makes one flag wait for another. */
  addParent(name: string, parent: string): Promise<void>
  /** Adds a kind of strategy that a new server has not: one of the legacy ones, or the application's own. */
  createStrategyKind(name: string, parameter: string): Promise<void>
}

export function unleashAdmin(url: string, token: string): UnleashAdmin {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/admin${path}`, {
      method,
      headers: { authorization: token, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`Unleash answered ${response.status} to ${method} ${path}: ${text.slice(0, 500)}`)
    return text === '' ? undefined : JSON.parse(text)
  }
  const features = '/projects/default/features'
  const environment = (name: string): string => `${features}/${encodeURIComponent(name)}/environments/development`

  return {
    createFlag: async (name) => void (await call('POST', features, { name, type: 'release' })),
    async setStrategies(name, strategies) {
      const path = `${environment(name)}/strategies`
      const before = (await call('GET', path)) as readonly { readonly id: string }[]
      // The new ones first: an enabled flag without any strategy is on for everybody.
      for (const strategy of strategies) await call('POST', path, { parameters: {}, constraints: [], ...strategy })
      for (const { id } of before) await call('DELETE', `${path}/${id}`)
    },
    enable: async (name) => void (await call('POST', `${environment(name)}/on`)),
    disable: async (name) => void (await call('POST', `${environment(name)}/off`)),
    addParent: async (name, feature) =>
      void (await call('POST', `${features}/${encodeURIComponent(name)}/dependencies`, { feature })),
    createStrategyKind: async (name, parameter) =>
      void (await call('POST', '/strategies', { name, parameters: [{ name: parameter, type: 'percentage' }] })),
  }
}
