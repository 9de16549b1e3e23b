import type { UnleashContext, UnleashFeature, UnleashStrategy, UnleashVariant } from './unleash-like.ts'

/** Why a flag decides by chance, in words for a message. */
export interface ByChance {
  /** The flag itself, or the parent it waits for. */
  readonly flag: string
  /** `strategy "flexibleRollout" at 50 % with stickiness "random"` */
  readonly what: string
}

/** A draw that is only steady for contexts which have one of these fields. */
export interface NeedsField extends ByChance {
  readonly oneOf: readonly string[]
}

/** Whether the same context always gets the same answer from a flag, as long as the flag is not changed. */
export interface Steadiness {
  /** Set when no context does. */
  readonly random: ByChance | undefined
  /** What a context must have for a steady answer; none for most flags. */
  readonly needs: readonly NeedsField[]
}

const STEADY: Steadiness = Object.freeze({ random: undefined, needs: [] })

/**
 * Reads a flag's definition for what would make it flap. Unleash draws a random number per evaluation for stickiness
 * `random`, for the legacy strategy `gradualRolloutRandom`, and for stickiness `default` where the context has neither
 * userId nor sessionId. A rollout of 0 or 100 % draws nothing that matters. Any such strategy counts, also where
 * another strategy or a constraint would decide first. Strategies of the application's own are taken to be steady.
 */
export function steadinessOf(
  feature: UnleashFeature,
  parentOf: (name: string) => UnleashFeature | undefined,
): Steadiness {
  const draws = strategyDraws(feature)
  for (const dependency of feature.dependencies ?? []) {
    const parent = parentOf(dependency.feature)
    if (parent === undefined) continue
    draws.push(...strategyDraws(parent))
    if (dependency.enabled !== false && (dependency.variants?.length ?? 0) > 0) draws.push(...variantDraws(parent))
  }
  if (draws.length === 0) return STEADY
  return { random: draws.find((draw) => draw.oneOf.length === 0), needs: draws.filter((draw) => draw.oneOf.length > 0) }
}

/** The first need that a context does not meet. Unleash takes an empty text for none. */
export function missingField({ needs }: Steadiness, context: UnleashContext): NeedsField | undefined {
  return needs.find(({ oneOf }) => !oneOf.some((name) => fieldOf(context, name)))
}

function fieldOf(context: UnleashContext, name: string): string | undefined {
  if (name === 'userId' || name === 'sessionId' || name === 'remoteAddress') return context[name]
  return context.properties?.[name]
}

/** A draw without fields is random for everybody. */
type Draw = NeedsField

function strategyDraws({ name: flag, strategies = [] }: UnleashFeature): Draw[] {
  return strategies.flatMap((strategy) => {
    const drawn = STRATEGIES[strategy.name]?.(strategy)
    return drawn === undefined ? [] : [{ flag, ...drawn }]
  })
}

const STRATEGIES: Readonly<Record<string, (strategy: UnleashStrategy) => Omit<Draw, 'flag'> | undefined>> = {
  flexibleRollout({ name, parameters }) {
    const share = Number(parameters?.rollout)
    const stickiness = parameters?.stickiness || 'default'
    if (!isPartial(share) || (stickiness !== 'default' && stickiness !== 'random')) return undefined
    const what = `strategy ${JSON.stringify(name)} at ${share} % with stickiness ${JSON.stringify(stickiness)}`
    return { what, oneOf: stickiness === 'random' ? [] : ['userId', 'sessionId'] }
  },
  gradualRolloutRandom({ name, parameters }) {
    const share = Number(parameters?.percentage)
    return isPartial(share) ? { what: `strategy ${JSON.stringify(name)} at ${share} %`, oneOf: [] } : undefined
  },
}

const isPartial = (share: number): boolean => share > 0 && share < 100

/** A parent can be asked for one of its variants, and those are drawn, too; a missing custom field is drawn at random. */
function variantDraws({ name: flag, variants = [], strategies = [] }: UnleashFeature): Draw[] {
  const own = variantDraw(flag, variants, variants[0]?.stickiness)
  const drawn = strategies.map(({ variants: inner = [], parameters }) =>
    variantDraw(flag, inner, inner[0]?.stickiness || parameters?.stickiness),
  )
  return [own, ...drawn].filter((draw) => draw !== undefined)
}

function variantDraw(flag: string, variants: readonly UnleashVariant[], given: unknown): Draw | undefined {
  if (variants.filter((variant) => variant.weight > 0).length < 2) return undefined
  const stickiness = typeof given === 'string' && given !== '' ? given : 'default'
  const oneOf = VARIANT_FIELDS[stickiness] ?? [stickiness]
  return { flag, what: `variants with stickiness ${JSON.stringify(stickiness)}`, oneOf }
}

const VARIANT_FIELDS: Readonly<Record<string, readonly string[]>> = {
  default: ['userId', 'sessionId', 'remoteAddress'],
  random: [],
}
