import { describe, expect, test } from 'vitest'
import { missingField, steadinessOf } from './flag-steadiness.ts'
import type { UnleashFeature, UnleashStrategy } from './unleash-like.ts'

const flag = (strategies: readonly UnleashStrategy[], rest: Partial<UnleashFeature> = {}): UnleashFeature => ({
  name: 'read-new',
  enabled: true,
  strategies,
  ...rest,
})
const rollout = (share: string | number, stickiness?: string): UnleashStrategy => ({
  name: 'flexibleRollout',
  parameters: { rollout: share, groupId: 'read-new', ...(stickiness === undefined ? {} : { stickiness }) },
})
const none = (): undefined => undefined
const variants = (stickiness?: string) =>
  ['a', 'b'].map(() => ({ weight: 500, ...(stickiness === undefined ? {} : { stickiness }) }))

describe('a flag is steady for every context', () => {
  test.each([
    ['without strategies', flag([])],
    ['on for everybody', flag([{ name: 'default' }])],
    ['rolled out by user', flag([rollout('50', 'userId')])],
    ['rolled out by a field of its own', flag([rollout('50', 'tenantId')])],
    ['random at 0 %', flag([rollout('0', 'random')])],
    [
      'random at 100 %',
      flag([rollout(100, 'random'), { name: 'gradualRolloutRandom', parameters: { percentage: '100' } }]),
    ],
    ['with a rollout that is no number', flag([rollout('half', 'random')])],
    ['with a strategy of the application', flag([{ name: 'fullMoon' }])],
    ['with variants, which nobody asks for', flag([], { variants: variants('random') })],
    ['with an unknown parent', flag([], { dependencies: [{ feature: 'gone' }] })],
  ])('%s', (_, feature) => {
    const steadiness = steadinessOf(feature, none)
    expect(steadiness).toEqual({ random: undefined, needs: [] })
    expect(missingField(steadiness, {})).toBeUndefined()
  })
})

describe('a flag decides by chance', () => {
  test.each([
    ['with stickiness random', flag([rollout('50', 'random')]), /"flexibleRollout" at 50 % with stickiness "random"/u],
    ['behind another strategy', flag([rollout('10', 'userId'), rollout('1', 'random')]), /at 1 %/u],
    [
      'with the legacy strategy',
      flag([{ name: 'gradualRolloutRandom', parameters: { percentage: '20' } }]),
      /"gradualRolloutRandom" at 20 %/u,
    ],
  ])('%s', (_, feature, what) => {
    expect(steadinessOf(feature, none).random).toMatchObject({ flag: 'read-new', what: expect.stringMatching(what) })
  })

  test('through its parent', () => {
    const parent = { ...flag([rollout('50', 'random')]), name: 'parent' }
    const child = flag([], { dependencies: [{ feature: 'parent', enabled: false }] })
    expect(steadinessOf(child, () => parent).random).toMatchObject({ flag: 'parent' })
  })

  test('through a random variant of its parent', () => {
    const parent = { ...flag([], { variants: variants('random') }), name: 'parent' }
    const child = flag([], { dependencies: [{ feature: 'parent', variants: ['a'] }] })
    expect(steadinessOf(child, () => parent).random).toMatchObject({ flag: 'parent' })
  })
})

describe('a flag is steady for contexts with a field', () => {
  test.each([['default'], [''], [undefined]])('rolled out with stickiness %j: userId or sessionId', (stickiness) => {
    const steadiness = steadinessOf(flag([rollout('50', stickiness)]), none)
    expect(steadiness.random).toBeUndefined()
    expect(missingField(steadiness, { userId: '1' })).toBeUndefined()
    expect(missingField(steadiness, { sessionId: '1' })).toBeUndefined()
    for (const context of [{}, { userId: '' }, { remoteAddress: '10.0.0.1' }, { properties: { tenantId: '1' } }])
      expect(missingField(steadiness, context)?.oneOf).toEqual(['userId', 'sessionId'])
  })

  test.each([
    [
      'of the parent, as Unleash draws them by default',
      { variants: variants() },
      ['userId', 'sessionId', 'remoteAddress'],
    ],
    ['of the parent, by a field', { variants: variants('tenantId') }, ['tenantId']],
    [
      'of a strategy of the parent, by its stickiness',
      {
        strategies: [
          { name: 'flexibleRollout', parameters: { rollout: '100', stickiness: 'tenantId' }, variants: variants() },
        ],
      },
      ['tenantId'],
    ],
  ])('waiting for a variant %s', (_, parent, oneOf) => {
    const child = flag([], { dependencies: [{ feature: 'parent', variants: ['a'] }] })
    const steadiness = steadinessOf(child, () => ({ name: 'parent', enabled: true, ...parent }))
    expect(missingField(steadiness, {})?.oneOf).toEqual(oneOf)
    expect(missingField(steadiness, { userId: '1', properties: { tenantId: '1' } })).toBeUndefined()
  })

  test('but not for a parent with one variant only', () => {
    const child = flag([], { dependencies: [{ feature: 'parent', variants: ['a'] }] })
    const parent = { name: 'parent', enabled: true, variants: [{ weight: 1000 }, { weight: 0 }] }
    expect(steadinessOf(child, () => parent).needs).toEqual([])
  })
})
