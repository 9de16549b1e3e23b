import type { FlagContext } from '@expand-contract/core'
import type { UnleashContext } from './unleash-like.ts'

type Known = 'userId' | 'sessionId' | 'remoteAddress'
const KNOWN: ReadonlySet<string> = new Set<Known>(['userId', 'sessionId', 'remoteAddress'])

/**
 * The context of `withContext` for a strategy: the fields that Unleash knows by name, and everything else as text under
 * `properties`, where constraints and custom stickiness look. A property that is named like one of the client's own
 * fields (`appName`, `environment`) does not replace it: Unleash looks there first.
 */
export function unleashContext(context: FlagContext): UnleashContext {
  const known: { [K in Known]?: string } = {}
  let properties: Record<string, string> | undefined
  for (const name of Object.keys(context)) {
    const text = asText(context[name])
    if (text === undefined) continue
    if (KNOWN.has(name)) known[name as Known] = text
    else {
      properties ??= {}
      properties[name] = text
    }
  }
  return properties === undefined ? known : { ...known, properties }
}

/** Null comes from programs without types; a date that is none has no text that a constraint could compare. */
function asText(value: FlagContext[string] | null): string | undefined {
  if (value === undefined || value === null) return undefined
  if (!(value instanceof Date)) return String(value)
  return Number.isNaN(value.getTime()) ? undefined : value.toISOString()
}
