import { ExpandContractError } from '@expand-contract/core'
import type { UnleashErrorCode } from './error-catalogue.ts'
import type { ByChance, NeedsField } from './flag-steadiness.ts'

const quoted = (name: string): string => JSON.stringify(name)

const REMEDY =
  'In Unleash, set the stickiness to userId, sessionId or a context field such as tenantId, and give that field to withContext.'

const how = (flag: string, { flag: where, what }: ByChance): string =>
  where === flag ? `(${what})` : `through its parent ${quoted(where)} (${what})`

const byChance = (flag: string, random: ByChance): string =>
  `The flag ${quoted(flag)} decides by chance ${how(flag, random)}: one user would read the old column in one request and the new one in the next.`

export const randomFlag = (flag: string, random: ByChance): string =>
  `${byChance(flag, random)} Reads stay on the old column. ${REMEDY}`

export function randomFlagRefused(flag: string, random: ByChance): ExpandContractError {
  const code: UnleashErrorCode = 'EC_UNLEASH_RANDOM_STICKINESS'
  return new ExpandContractError(code, {
    message: byChance(flag, random),
    hint: `${REMEDY} To start all the same, with reads on the old column, set randomStickiness: 'old'.`,
  })
}

export const contextlessFlag = (flag: string, needs: NeedsField): string =>
  `The flag ${quoted(flag)} would decide by chance ${how(flag, needs)} for a context without ${needs.oneOf.join(' and ')}. Such reads stay on the old column. Give ${needs.oneOf.join(' or ')} to withContext, or choose a stickiness that every context has.`

export const unknownFlag = (flag: string): string =>
  `Unleash does not know the flag ${quoted(flag)}, so reads stay on the old column. Create it, or correct its name in the migration; the client's project, tags and namePrefix also limit what it sees.`

export const notSynchronised = (waitedMs: number): string =>
  `The Unleash client had no answer from its server after ${waitedMs} ms. Reads stay on the old column until it has one. Its 'error' event has the reason; a client with disableAutoStart must be started.`

export const staleFlags = (maxAgeMs: number, then: 'keep' | 'old'): string =>
  `The Unleash client has had no answer from its server for more than ${Math.round(maxAgeMs / 1_000)} s. ${STALE[then]}`

const STALE = {
  keep: 'The flag values known last stay in force, and a flip does not arrive.',
  old: 'Reads are on the old column until it has one.',
} as const
