import { createHash } from 'node:crypto'

const PREFIX = '_ec_held_'
/** NAMEDATALEN - 1. */
const MAX_BYTES = 63

/**
 * The name that an old column has while it is held: set aside, and still kept in step. A name that would be cut at 63 bytes is hashed, so that
 * two columns that begin alike are still two.
 */
export function heldColumnName(column: string): string {
  const plain = `${PREFIX}${column}`
  if (new TextEncoder().encode(plain).length <= MAX_BYTES) return plain
  return `${PREFIX}${createHash('sha256').update(column).digest('hex').slice(0, 32)}`
}
