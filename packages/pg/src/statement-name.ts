import { createHash } from 'node:crypto'
import type { Plan } from '@expand-contract/sql'

/** PostgreSQL cuts longer names, silently. */
const MAX_BYTES = 63

const hashes = new WeakMap<Plan, string>()

const digest = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, length)

/**
 * The name of a prepared statement on the wire: the application's where the text is the application's, else one of the
 * name and the text, so that each plan of a text is a statement of its own on the server.
 */
export function wireName(name: string, plan: Plan): string {
  if (plan.outcome === 'unchanged') return name
  let hash = hashes.get(plan)
  if (hash === undefined) {
    hash = digest(plan.text, 12)
    hashes.set(plan, hash)
  }
  const joined = `${name}#${hash}`
  return joined.length <= MAX_BYTES / 3 || Buffer.byteLength(joined) <= MAX_BYTES
    ? joined
    : `${digest(name, 22)}#${hash}`
}
