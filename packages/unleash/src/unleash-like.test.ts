import type { Unleash } from 'unleash-client'
import type { Unleash as OldestUnleash } from 'unleash-client-oldest'
import { expectTypeOf, test } from 'vitest'
import type { UnleashContext, UnleashFeature, UnleashLike } from './unleash-like.ts'

type Definition<Client extends { getFeatureToggleDefinition(name: string): unknown }> = NonNullable<
  ReturnType<Client['getFeatureToggleDefinition']>
>

test('the real client fits what is declared of it', () => {
  expectTypeOf<Unleash>().toExtend<UnleashLike>()
  expectTypeOf<Definition<Unleash>>().toExtend<UnleashFeature>()
  expectTypeOf<UnleashContext>().toExtend<NonNullable<Parameters<Unleash['isEnabled']>[1]>>()
})

test('so does the oldest one that is declared to', () => {
  expectTypeOf<OldestUnleash>().toExtend<UnleashLike>()
  expectTypeOf<Definition<OldestUnleash>>().toExtend<UnleashFeature>()
  expectTypeOf<UnleashContext>().toExtend<NonNullable<Parameters<OldestUnleash['isEnabled']>[1]>>()
})
