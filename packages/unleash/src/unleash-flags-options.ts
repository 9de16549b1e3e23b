import { ExpandContractError, type WarningEvent } from '@expand-contract/core'
import type { UnleashErrorCode } from './error-catalogue.ts'

export interface UnleashFlagsOptions {
  /**
   * How long `createRuntime` waits for the client's first answer from its server, in milliseconds, so that the first requests
   * are decided by real flags. Costs that much of start-up when Unleash is down, and nothing otherwise. After it, reads
   * are old until the client has synchronised.
   * @defaultValue 2000
   */
  readonly startTimeoutMs?: number
  /**
   * From which age on flag data counts as stale, in milliseconds: the time since the client last heard from its server. Keep it
   * well above the client's `refreshInterval` (15 s by default, up to 11 times that after errors). `Infinity` switches
   * it off, which a client in streaming mode needs: it hears nothing while nothing changes. Costs one clock reading per decision.
   * @defaultValue 300000 (five minutes)
   */
  readonly maxAgeMs?: number
  /**
   * What stale flag data means. `keep`: the values known last stay in force, and a warning says that a flip would not
   * arrive. `old`: reads go back to the old column until Unleash answers again, so that reads move when Unleash fails.
   * @defaultValue 'keep'
   */
  readonly whenStale?: 'keep' | 'old'
  /**
   * What `createRuntime` does about a flag that decides by chance. `refuse`: throws EC_UNLEASH_RANDOM_STICKINESS, so the
   * mistake is found at the first start, but also keeps a process from restarting after a mistake in Unleash. `old`:
   * only a warning. A flag that becomes random later reads old with a warning in both cases.
   * @defaultValue 'refuse'
   */
  readonly randomStickiness?: 'refuse' | 'old'
  /**
   * Told once per flag and reason what an operator should know; see UnleashWarningCode. The runtime's observer is told as
   * well. What it throws is swallowed.
   * @defaultValue none: nothing is reported
   */
  readonly onWarning?: (warning: UnleashWarning) => void
}

/**
 * - `flags-not-synchronised`: the client had not heard from its server when `createRuntime` went on; reads are old.
 * - `flags-stale`: it has not for `maxAgeMs`. Comes again after every recovery.
 * - `flag-unknown`: Unleash does not know a flag; reads are old.
 * - `flag-random-stickiness`: a flag decides by chance; reads are old.
 * - `flag-needs-context`: a flag would decide by chance for a context without a certain field; such reads are old.
 */
export type UnleashWarningCode =
  | 'flags-not-synchronised'
  | 'flags-stale'
  | 'flag-unknown'
  | 'flag-random-stickiness'
  | 'flag-needs-context'

export interface UnleashWarning extends WarningEvent {
  readonly code: UnleashWarningCode
  /** The flag it is about, where it is about one. */
  readonly flag?: string
}

export type ParsedOptions = Required<UnleashFlagsOptions>

/** The options with their defaults. */
export function parseOptions(options: UnleashFlagsOptions): ParsedOptions {
  const parsed: ParsedOptions = {
    startTimeoutMs: options.startTimeoutMs ?? 2_000,
    maxAgeMs: options.maxAgeMs ?? 300_000,
    whenStale: options.whenStale ?? 'keep',
    randomStickiness: options.randomStickiness ?? 'refuse',
    onWarning: options.onWarning ?? (() => {}),
  }
  const { startTimeoutMs, maxAgeMs } = parsed
  // A longer timer would fire at once.
  check(
    Number.isFinite(startTimeoutMs) && startTimeoutMs >= 0 && startTimeoutMs < 2 ** 31,
    'startTimeoutMs',
    'milliseconds of 0 to 2147483647',
  )
  check(typeof maxAgeMs === 'number' && maxAgeMs > 0, 'maxAgeMs', 'milliseconds above 0, or Infinity')
  check(['keep', 'old'].includes(parsed.whenStale), 'whenStale', "'keep' or 'old'")
  check(['refuse', 'old'].includes(parsed.randomStickiness), 'randomStickiness', "'refuse' or 'old'")
  check(typeof parsed.onWarning === 'function', 'onWarning', 'a function')
  return parsed
}

function check(ok: boolean, name: string, expected: string): void {
  if (ok) return
  const code: UnleashErrorCode = 'EC_UNLEASH_OPTION'
  throw new ExpandContractError(code, {
    message: `The option \`${name}\` of unleashFlags is not ${expected}.`,
    hint: `Set \`${name}\` to ${expected}, or leave it out.`,
  })
}
