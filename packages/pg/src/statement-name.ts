import { createHash } from 'node:crypto'
import type { Plan } from '@expand-contract/session'

/** PostgreSQL cuts longer names, silently. */
const MAX_BYTES = 63

/** The last name of each plan: a text has one name as a rule, and joining and hashing it anew costs 1 us. */
const names = new WeakMap<Plan, { readonly name: string; readonly wire: string }>()

const digest = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, length)

/**
 * The name of a prepared statement on the wire: the application's where the text is the application's, else one of the
 * name and the text, so that each plan of a text is a statement of its own on the server.
 */
export function wireName(name: string, plan: Plan): string {
  if (plan.outcome === 'unchanged') return name
  const known = names.get(plan)
  if (known?.name === name) return known.wire
  const wire = joined(name, digest(plan.text, 12))
  names.set(plan, { name, wire })
  return wire
}

function joined(name: string, hash: string): string {
  const whole = `${name}#${hash}`
  return Buffer.byteLength(whole) <= MAX_BYTES ? whole : `${digest(name, 22)}#${hash}`
}
