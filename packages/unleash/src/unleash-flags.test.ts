import * as unleashClient from 'unleash-client'
import { describe, expect, test } from 'vitest'
import { unleashFlags } from './unleash-flags.ts'
import type { UnleashFlagsOptions } from './unleash-flags-options.ts'
import type { UnleashLike } from './unleash-like.ts'

const client = (): unleashClient.Unleash =>
  new unleashClient.Unleash({
    appName: 'refusals',
    url: 'http://127.0.0.1:1/api',
    disableAutoStart: true,
    disableMetrics: true,
    skipInstanceCountWarning: true,
  })

describe('unleashFlags refuses at once', () => {
  test('what is not a client, by what it lacks', () => {
    const module: unknown = unleashClient
    expect(() => unleashFlags(module as UnleashLike)).toThrow(
      /EC_UNLEASH_CLIENT: .*it has no isSynchronized, on, off\.\n.*new Unleash/u,
    )
    expect(() => unleashFlags(JSON.parse('null'))).toThrow(/EC_UNLEASH_CLIENT/u)
  })

  test.each<[string, unknown]>([
    ['maxAgeMs', 0],
    ['maxAgeMs', Number.NaN],
    ['startTimeoutMs', -1],
    ['startTimeoutMs', Number.POSITIVE_INFINITY],
    ['whenStale', 'new'],
    ['randomStickiness', 'allow'],
    ['onWarning', 'console'],
  ])('the option %s as %s', (name, value) => {
    const options: UnleashFlagsOptions = { [name]: value }
    expect(() => unleashFlags(client(), options)).toThrow(new RegExp(`EC_UNLEASH_OPTION: The option \`${name}\``, 'u'))
  })
})

test('a client that was never started is old, and has no age', async () => {
  const warnings: string[] = []
  const flags = unleashFlags(client(), { startTimeoutMs: 10, onWarning: ({ code }) => warnings.push(code) })
  await flags.start?.(['read-new'])
  expect(flags.isEnabled('read-new', { userId: '1' })).toBe(false)
  expect(flags.ageMs?.()).toBeUndefined()
  expect(warnings).toEqual(['flags-not-synchronised'])
})

test('the observer of the runtime is told what the option is told', async () => {
  const told: string[] = []
  const flags = unleashFlags(client(), { startTimeoutMs: 10 })
  await flags.start?.(['read-new'], { onWarning: ({ code }) => told.push(code) })
  expect(told).toEqual(['flags-not-synchronised'])
})
