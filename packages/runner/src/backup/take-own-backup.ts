import { appendEvent, openControl, recordBackup, recordRestored } from '@expand-contract/control'
import { inSnapshot } from '../read-transaction.ts'
import { readShape } from '../rows/read-shape.ts'
import type { RunnerClient } from '../runner-client.ts'
import {
  type BackupOptions,
  type BackupTaken,
  backedUpOf,
  countComparison,
  headerOf,
  recordToBackUp,
} from './backup.ts'
import { checkKeyed } from './backup-key.ts'
import { BACKUP_SETTINGS, type BackedUp, compareRows, scratchColumns } from './backup-sql.ts'
import { differingRows, unmovedRows } from './differing-rows.ts'
import { loadOwnRows } from './load-own-rows.ts'
import { type OwnBackup, ownHeader, ownRequest } from './own-backup.ts'

export interface TakeOwnBackup
  extends Pick<BackupOptions, 'migration' | 'client' | 'copy' | 'schema' | 'operator' | 'signal'> {
  readonly own: OwnBackup
  /** Called as each part begins; must not throw. @defaultValue nothing */
  readonly onStep?: ((step: 'make' | 'restore' | 'compare') => void) | undefined
}

export interface OwnBackupTaken extends Pick<BackupTaken, 'record' | 'comparison' | 'compareMs'> {
  readonly key: readonly string[]
  readonly rows: number
  readonly bytes: number
  /** Rows that the backup has otherwise than the table, though nobody has changed them meanwhile: it does not count then. */
  readonly faults: number
  readonly makeMs: number
  readonly restoreMs: number
}

const SCRATCH = 'pg_temp."expand_contract_backup"'
const DIFFERING = 'pg_temp."expand_contract_differing"'

/**
 * Has the operator's own command make a backup, and another one give its rows back; compares these row by row with the table. A command that does
 * not use the snapshot that it is told reads the table somewhat later: what was changed from the beginning of the one to the end of the other may be either,
 * and all else must be the same.
 * @throws EC_CONTROL_TRANSITION, EC_BACKUP_KEY, EC_BACKUP_ROWS, EC_CONTROL_MOVED, EC_DECLARATION_CHANGED, and what the commands raise
 */
export async function takeOwnBackup(options: TakeOwnBackup): Promise<OwnBackupTaken> {
  const { migration, client, copy, schema = 'expand_contract', operator, own, signal, onStep } = options
  const control = openControl(client, { schema })
  const record = await recordToBackUp(control, migration)
  const { shape, trigger } = await readShape(client, migration, schema)
  await dropScratch(client)
  try {
    const taken = await inSnapshot(client, BACKUP_SETTINGS, async () => {
      // It waits for a command that may take hours.
      await client.query('SET LOCAL idle_in_transaction_session_timeout = 0')
      const backedUp = await backedUpOf(client, shape)
      checkKeyed(shape, backedUp)
      const header = await headerOf({ client, control, record, shape, identity: backedUp })
      const of = ownHeader(backedUp, header, own.format)
      const { rows } = await client.query('SELECT pg_catalog.pg_export_snapshot() AS snapshot')
      const snapshot = String(rows[0]?.snapshot)
      const started = performance.now()
      onStep?.('make')
      await own.make(ownRequest(of, snapshot))
      signal?.throwIfAborted()
      const made = performance.now()
      onStep?.('restore')
      await client.query(`CREATE TEMPORARY TABLE "expand_contract_backup" (${scratchColumns(header)}) ON COMMIT DROP`)
      const loaded = await loadOwnRows({ client, copy, own, of, snapshot, scratch: SCRATCH })
      signal?.throwIfAborted()
      const restored = performance.now()
      onStep?.('compare')
      const comparison = await countComparison(client, compareRows(backedUp, SCRATCH))
      await client.query(`CREATE TEMPORARY TABLE "expand_contract_differing" AS ${differingRows(backedUp, SCRATCH)}`)
      const ms = { makeMs: Math.round(made - started), restoreMs: Math.round(restored - made) }
      return { backedUp, of, loaded, comparison, ms, restored }
    })
    const { backedUp, of, loaded, comparison, ms } = taken
    const faults = await countUnmoved(client, backedUp)
    const compareMs = performance.now() - taken.restored
    const equal = faults === 0
    const whole = ms.makeMs + ms.restoreMs + Math.round(compareMs)
    const figures = { ...ms, ms: whole, compareMs: Math.round(compareMs), faults }
    const written = await recordBackup(control, {
      ...{ migration: migration.id, epoch: record.epoch, evidence: own.evidence, rows: loaded.rows },
      ...{ bytes: loaded.bytes, sha256: loaded.fingerprint, who: operator.who },
      figures: { ...figures, own: of, bypassed: Number(trigger?.bypassed ?? 0) },
    })
    const recorded = await recordRestored(control, { id: written.id, equal, figures: { ...comparison } })
    await appendEvent(control, {
      ...{ ...operator, migration: migration.id, kind: 'backup' },
      figures: { backup: recorded.id, kind: 'command', rows: loaded.rows, bytes: loaded.bytes, equal, ...figures },
    })
    const key = backedUp.key.map(({ name }) => name)
    return { record: recorded, key, rows: loaded.rows, bytes: loaded.bytes, comparison, faults, compareMs, ...ms }
  } finally {
    await dropScratch(client).catch(() => undefined)
  }
}

/** Of rows that differ, those that are now as they were when the command began: nobody has changed them, so it is the backup that has them otherwise. */
const countUnmoved = (client: RunnerClient, backedUp: BackedUp): Promise<number> =>
  inSnapshot(client, BACKUP_SETTINGS, async () => {
    const { rows } = await client.query(unmovedRows(backedUp, DIFFERING))
    return Number(rows[0]?.faults)
  })

/** It outlives the transaction that it is made in. */
const dropScratch = (client: RunnerClient): Promise<unknown> => client.query(`DROP TABLE IF EXISTS ${DIFFERING}`)
