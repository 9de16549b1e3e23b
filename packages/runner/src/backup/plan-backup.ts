import { openControl } from '@expand-contract/control'
import { inSnapshot } from '../read-transaction.ts'
import { readShape } from '../rows/read-shape.ts'
import type { RunnerClient } from '../runner-client.ts'
import { type BackupOptions, backedUpOf, recordToBackUp } from './backup.ts'
import { type BackupKeyColumn, checkKeyed } from './backup-key.ts'
import { BACKUP_SETTINGS, copyRows } from './backup-sql.ts'

/** What a backup would copy; nothing is written. */
export interface BackupPlan {
  readonly table: string
  /** Empty where there is none: rows are told by what they hold. */
  readonly key: readonly BackupKeyColumn[]
  /** As the statistics have it; -1 where they say nothing. */
  readonly rows: number
  readonly bytes: number
  /** As psql runs it. */
  readonly sql: string
}

/**
 * `own`: the rows are to come back by a command of the operator, which needs a key.
 * @throws EC_CONTROL_TRANSITION, EC_BACKUP_KEY
 */
export async function planBackup(
  client: RunnerClient,
  {
    migration,
    schema = 'expand_contract',
    own = false,
  }: Pick<BackupOptions, 'migration' | 'schema'> & { readonly own?: boolean | undefined },
): Promise<BackupPlan> {
  await recordToBackUp(openControl(client, { schema }), migration)
  const { shape } = await readShape(client, migration, schema)
  return inSnapshot(client, BACKUP_SETTINGS, async () => {
    const backedUp = await backedUpOf(client, shape)
    if (own) checkKeyed(shape, backedUp)
    const { rows, bytes } = shape.table
    return { table: backedUp.table, key: backedUp.key, rows, bytes, sql: copyRows(backedUp) }
  })
}
