import type { FlagContext, FlagSource, Observer } from '@expand-contract/core'
import { flagDataAge } from './flag-data-age.ts'
import {
  contextlessFlag,
  notSynchronised,
  randomFlag,
  randomFlagRefused,
  staleFlags,
  unknownFlag,
} from './flag-messages.ts'
import { type ByChance, missingField } from './flag-steadiness.ts'
import { knownFlags } from './known-flags.ts'
import { checkClient } from './unleash-client-check.ts'
import { unleashContext } from './unleash-context.ts'
import { parseOptions, type UnleashFlagsOptions } from './unleash-flags-options.ts'
import type { UnleashLike } from './unleash-like.ts'
import { warningReporter } from './warning-reporter.ts'

/**
 * Read-switch flags from a client of `unleash-client`, which stays the application's own: it is neither started nor
 * destroyed here.
 *
 * ```ts
 * import { createRuntime } from '@expand-contract/core'
 * import { unleashFlags } from '@expand-contract/unleash'
 * import { Unleash } from 'unleash-client'
 *
 * const unleash = new Unleash({ appName: 'shop', url, customHeaders: { Authorization: token } })
 * const flags = unleashFlags(unleash, { onWarning: (warning) => logger.warn(warning) })
 * const runtime = await createRuntime({ migrations, flags })
 * ```
 *
 * A flag that is false, that Unleash does not know, or that decides by chance means the old column, and so does a client
 * that has not heard from its server yet, whatever its backup file says.
 * @throws EC_UNLEASH_CLIENT, EC_UNLEASH_OPTION; from `start`, EC_UNLEASH_RANDOM_STICKINESS
 */
export function unleashFlags(unleash: UnleashLike, options: UnleashFlagsOptions = {}): FlagSource {
  checkClient(unleash)
  const { startTimeoutMs, maxAgeMs, whenStale, randomStickiness, onWarning } = parseOptions(options)
  const age = flagDataAge(unleash)
  const known = knownFlags(unleash)
  let observer: Observer = {}
  const report = warningReporter((warning) => {
    observer.onWarning?.(warning)
    onWarning(warning)
  })
  let used: readonly string[] = []

  const usable = (): boolean => {
    const ageMs = age.ageMs()
    if (ageMs === undefined) return false
    if (ageMs <= maxAgeMs) {
      report.over('flags-stale')
      return true
    }
    report.once('flags-stale', undefined, () => staleFlags(maxAgeMs, whenStale))
    return whenStale === 'keep'
  }

  /** What makes a flag in use flap, as far as its definition says it now. */
  const randomness = (flag: string): ByChance | undefined => {
    const found = known.get(flag)
    if (found === undefined) report.once('flag-unknown', flag, () => unknownFlag(flag))
    else report.over('flag-unknown', flag)
    const random = found?.steadiness.random
    if (random === undefined) report.over('flag-random-stickiness', flag)
    return random
  }
  const reportRandom = (flag: string, random: ByChance): void =>
    report.once('flag-random-stickiness', flag, () => randomFlag(flag, random))

  const changed = (): void => {
    known.changed()
    if (age.ageMs() === undefined) return
    for (const flag of used) {
      const random = randomness(flag)
      if (random !== undefined) reportRandom(flag, random)
    }
  }
  unleash.on('changed', changed)

  const stop = (): void => {
    age.stop()
    unleash.off('changed', changed)
  }

  return {
    isEnabled(flag: string, context: FlagContext): boolean {
      if (!usable()) return false
      const found = known.get(flag)
      if (found === undefined) {
        report.once('flag-unknown', flag, () => unknownFlag(flag))
        return false
      }
      const { feature, steadiness } = found
      const given = unleashContext(context)
      // A flag that is off is off for everybody, whatever its strategies say.
      if (feature.enabled) {
        if (steadiness.random !== undefined) {
          reportRandom(flag, steadiness.random)
          return false
        }
        const missing = missingField(steadiness, given)
        if (missing !== undefined) {
          report.once('flag-needs-context', flag, () => contextlessFlag(flag, missing))
          return false
        }
      }
      return unleash.isEnabled(flag, given)
    },

    async start(flags, observing) {
      observer = observing ?? {}
      if (!(await age.heard(startTimeoutMs)))
        report.once('flags-not-synchronised', undefined, () => notSynchronised(startTimeoutMs))
      used = [...flags]
      if (age.ageMs() === undefined) return
      for (const flag of used) {
        const random = randomness(flag)
        if (random === undefined) continue
        if (randomStickiness === 'refuse') {
          stop()
          throw randomFlagRefused(flag, random)
        }
        reportRandom(flag, random)
      }
    },

    ageMs: age.ageMs,
    stop,
  }
}
