import { createHash } from 'node:crypto'

/**
 * The name by which the sync trigger of a migration is known, in any database and in any schema: while a table, and all that
 * inherits from it, has an enabled trigger of this name, what cannot be planned is left to it. It belongs to one migration;
 * another of the same table needs its own. In SQL: `'~expand_contract_sync_' || left(encode(sha256(convert_to(id, 'UTF8')), 'hex'), 16)`.
 *
 * The id is hashed, since PostgreSQL cuts names at 63 bytes. BEFORE ROW triggers run in byte order of their names, and `~` (0x7E)
 * stands behind every letter and digit of ASCII, so this one sees what the others have made of the row.
 */
export const syncTriggerName = (migrationId: string): string =>
  `~expand_contract_sync_${createHash('sha256').update(migrationId).digest('hex').slice(0, 16)}`
