import { ExpandContractError } from '@expand-contract/core'
import type { UnleashErrorCode } from './error-catalogue.ts'
import type { UnleashLike } from './unleash-like.ts'

const METHODS = ['isEnabled', 'getFeatureToggleDefinition', 'isSynchronized', 'on', 'off'] as const

/** The namespace of unleash-client has functions of the same names, so what is missing is named. */
export function checkClient(unleash: UnleashLike): void {
  const missing = METHODS.filter((method) => typeof Reflect.get(Object(unleash), method) !== 'function')
  if (missing.length === 0) return
  const code: UnleashErrorCode = 'EC_UNLEASH_CLIENT'
  throw new ExpandContractError(code, {
    message: `What was given to unleashFlags is not a client of unleash-client: it has no ${missing.join(', ')}.`,
    hint: 'Give the object that `new Unleash({ ... })`, `initialize({ ... })` or `startUnleash({ ... })` returns.',
  })
}
