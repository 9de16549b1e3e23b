import { createHash } from 'node:crypto'
import type { Migration } from '@expand-contract/core'

/** PostgreSQL cuts names behind so many bytes. */
const MAX_BYTES = 63

const bytesOf = (text: string): number => Buffer.byteLength(text)

/**
 * The names that the counterpart of an index, a constraint or extended statistics may get, the better one first: that of the declaration, or the
 * old name with the new column in the place of the old one; one with a hash, where the first is taken. That of a check sorts behind the
 * old one, byte by byte: of the checks that a row violates, PostgreSQL reports the first by name.
 */
export function counterpartNames(migration: Migration, old: string, of: 'check' | 'other'): readonly string[] {
  const declared = Object.hasOwn(migration.constraints, old) ? migration.constraints[old] : undefined
  if (declared !== undefined) return [declared]
  const hash = createHash('sha256').update(`${migration.id}\n${old}`).digest('hex').slice(0, 8)
  const added = migration.new.map(({ name }) => name).join('_')
  const names = [withNewColumn(migration, old), `${old}_${added}`, `${old}_${hash}`, cut(old, hash)]
  return [...new Set(names)].flatMap((name) => (name !== undefined && fits(old, name, of) ? [name] : []))
}

const fits = (old: string, name: string, of: 'check' | 'other'): boolean =>
  bytesOf(name) <= MAX_BYTES &&
  (of === 'check' ? Buffer.compare(Buffer.from(name), Buffer.from(old)) > 0 : name !== old)

/** The old column is a whole word of the name: `users_name_idx`, and not `users_names`. */
function withNewColumn(migration: Migration, old: string): string | undefined {
  const [from, to] = [migration.old[0]?.name, migration.new.map(({ name }) => name).join('_')]
  if (from === undefined || migration.old.length > 1) return undefined
  const at = old.lastIndexOf(`_${from}_`)
  if (at >= 0) return `${old.slice(0, at)}_${to}_${old.slice(at + from.length + 2)}`
  return old.endsWith(`_${from}`) ? `${old.slice(0, -from.length)}${to}` : undefined
}

/** A name that is as long as it may be: a part of it, what sorts behind the byte that follows, and the hash. */
function cut(old: string, hash: string): string {
  let kept = ''
  for (const each of old) {
    if (bytesOf(kept + each) + 3 + hash.length > MAX_BYTES) return `${kept}${each < '~' ? '~' : '\uFFFD'}${hash}`
    kept += each
  }
  return `${kept}~${hash}`
}
