import type { Unleash } from 'unleash-client'
import { expectTypeOf, test } from 'vitest'
import type { UnleashContext, UnleashFeature, UnleashLike } from './unleash-like.ts'

test('the real client fits what is declared of it', () => {
  expectTypeOf<Unleash>().toExtend<UnleashLike>()
  expectTypeOf<NonNullable<ReturnType<Unleash['getFeatureToggleDefinition']>>>().toExtend<UnleashFeature>()
  expectTypeOf<UnleashContext>().toExtend<NonNullable<Parameters<Unleash['isEnabled']>[1]>>()
})
