import { createHash } from 'node:crypto'

/** Names that every file system keeps as they are. */
const PLAIN = /^[a-z0-9_][a-z0-9._-]{0,99}$/u
/** Windows keeps these for devices, whatever the extension. */
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/u

/**
 * The name of the files of a migration, without extension: its id, where that is a plain name. Else what is left of it without what a file
 * system or a link may trip over, with a hash, so that `Users.name` and `users.name` are two files everywhere.
 */
export function runbookName(id: string): string {
  if (PLAIN.test(id) && !DEVICES.test(id) && !id.endsWith('.')) return id
  const kept = id
    .replaceAll(/[^A-Za-z0-9_]+/gu, '-')
    .replaceAll(/^-+|-+$/gu, '')
    .slice(0, 60)
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 8)
  return kept === '' ? `migration-${hash}` : `${kept}-${hash}`
}
