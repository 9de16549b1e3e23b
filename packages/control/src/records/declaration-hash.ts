import { createHash } from 'node:crypto'
import type { Migration } from '@expand-contract/core'

/** What of a declaration decides about the data: the rest may differ from one deploy to the next. */
export interface RecordedDeclaration {
  readonly table: { readonly schema: string | null; readonly name: string }
  readonly old: Readonly<Record<string, string | null>>
  readonly new: Readonly<Record<string, string | null>>
  readonly forward: Readonly<Record<string, string>>
  readonly backward: Readonly<Record<string, string>>
}

export function recordedDeclaration({ table, old, new: added, forward, backward }: Migration): RecordedDeclaration {
  const columns = (side: Migration['old']) =>
    Object.fromEntries(side.map(({ name, type }) => [name, type ?? null]).sort(byName))
  const mappings = (side: Migration['forward']) =>
    Object.fromEntries(
      Object.entries(side)
        .map(([name, mapping]) => [name, mapping.kind === 'column' ? `column ${mapping.column}` : mapping.sql])
        .sort(byName),
    )
  return {
    table: { schema: table.schema ?? null, name: table.name },
    old: columns(old),
    new: columns(added),
    forward: mappings(forward),
    backward: mappings(backward),
  }
}

/** The same for declarations that map the same columns in the same way. */
export const declarationHash = (migration: Migration): string =>
  `sha256:${createHash('sha256')
    .update(JSON.stringify(recordedDeclaration(migration)))
    .digest('hex')}`

const byName = ([one = '']: readonly (string | null)[], [other = '']: readonly (string | null)[]): number =>
  (one ?? '') < (other ?? '') ? -1 : 1
