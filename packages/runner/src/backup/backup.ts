import {
  appendEvent,
  type BackupRecord,
  type Control,
  type MigrationRecord,
  type Operator,
  openControl,
  readMigration,
  recordBackup,
  recordRestored,
} from '@expand-contract/control'
import { type Migration, phaseAfter, quoteIdentifier, shellWord } from '@expand-contract/core'
import { checkDeclaration } from '../phase/check-declaration.ts'
import { inSnapshot } from '../read-transaction.ts'
import { readShape } from '../rows/read-shape.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'
import { columnOf, type SyncShape } from '../sql/sync-shape.ts'
import type { BackupCopy } from './backup-copy.ts'
import type { BackupHeader, BackupSummary } from './backup-file.ts'
import type { BackupFiles } from './backup-files.ts'
import { type RowIdentity, readRowIdentity } from './backup-key.ts'
import {
  BACKUP_SETTINGS,
  type BackedUp,
  compareRows,
  copyInto,
  copyRows,
  DEFINITIONS,
  scratchColumns,
  tableOf,
} from './backup-sql.ts'
import { checkBackupFile } from './check-backup-file.ts'
import { checkRowColumns } from './check-row-columns.ts'
import { compareWholeRows, severalOlds } from './keyless-sql.ts'
import { prepareBackupFile } from './prepare-backup-file.ts'
import { readBackupFile } from './read-backup-file.ts'
import { fileExists, fileFailed, writeBackupFile } from './write-backup-file.ts'

/** What a backup has beside the table: every row is counted once. */
export interface BackupComparison {
  /** In both, and the same. */
  readonly same: number
  /** The new columns say the same, and the old ones have another value. */
  readonly other: number
  /** The new columns say something else by now. */
  readonly changed: number
  /** In the table alone. */
  readonly added: number
  /** In the backup alone. */
  readonly gone: number
  /**
   * Where no key tells rows apart: rows of the backup whose new columns say what others say that had another old value. Once such a row
   * is changed, nothing tells what it had. A changed row counts as one that is gone and one that was added.
   */
  readonly uncertain?: number | undefined
}

export interface BackupOptions {
  readonly migration: Migration
  /** A connection of its own; the transaction is open as long as it takes. */
  readonly client: RunnerClient
  /** By the same connection. */
  readonly copy: BackupCopy
  readonly files: BackupFiles
  /** The control schema. @defaultValue 'expand_contract' */
  readonly schema?: string | undefined
  readonly operator: Operator
  /** The file, which must not be there yet. */
  readonly path: string
  /** How the file is called in the control schema. @defaultValue as `path` has it */
  readonly name?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Called while rows are read; must not throw. @defaultValue nothing */
  readonly onProgress?: ((step: 'copy' | 'compare', rows: number) => void) | undefined
}

export interface BackupTaken {
  readonly record: BackupRecord
  readonly summary: BackupSummary
  readonly comparison: BackupComparison
  readonly copyMs: number
  readonly compareMs: number
}

/**
 * Copies key, old columns and a digest of the new ones, where there is no key a digest of all else that a row holds, into a compressed file, and restores it at once into a scratch table: from the file on
 * the disk, in the same snapshot, and compared row by row in both directions. Only then has the file its name. It may be run again at any time.
 * @throws EC_BACKUP_EXISTS, EC_BACKUP_FOLDER, EC_BACKUP_FILE, EC_CONTROL_TRANSITION, EC_BACKUP_KEY, EC_BACKUP_NODE, EC_CONTROL_MOVED, EC_DECLARATION_CHANGED
 */
export async function takeBackup(options: BackupOptions): Promise<BackupTaken> {
  const { migration, client, copy, files, schema = 'expand_contract', operator, path, name = path, signal } = options
  const control = openControl(client, { schema })
  await prepareBackupFile(files, path)
  const record = await recordToBackUp(control, migration)
  // Asked before the rows are read: a writer in between counts as one behind the backup.
  const { shape, trigger } = await readShape(client, migration, schema)
  const partial = `${path}.partial`
  const taken = await inSnapshot(client, BACKUP_SETTINGS, async () => {
    const backedUp = await backedUpOf(client, shape)
    const header = await headerOf({ client, control, record, shape, identity: backedUp })
    try {
      const started = performance.now()
      const onRows = (rows: number): void => options.onProgress?.('copy', rows)
      const pid = Number(
        (await client.query('SELECT pg_catalog.pg_backend_pid()::pg_catalog.text AS pid')).rows[0]?.pid,
      )
      const rows = copy.to(copyRows(backedUp))
      const cancel = async (): Promise<void> => copy.cancel?.(pid)
      const summary = await writeBackupFile({ into: files.write(partial), header, rows, signal, onRows, cancel })
      const copied = performance.now()
      signal?.throwIfAborted()
      const compared = await comparedWith({ ...options, path: partial }, { backedUp, header })
      const compareMs = performance.now() - copied
      if (!(await files.giveName(partial, path))) throw fileExists(path)
      return { summary, comparison: compared.comparison, copyMs: copied - started, compareMs }
    } catch (error) {
      await files.remove(partial).catch(() => undefined)
      throw fileFailed(error, path)
    }
  })
  const { summary, comparison, copyMs, compareMs } = taken
  const { rows, sha256: content } = summary.trailer
  const equal = isEqual(comparison) && comparison.changed + comparison.added + comparison.gone === 0
  const ms = Math.round(copyMs + compareMs)
  const figures = { ms, copyMs: Math.round(copyMs), compareMs: Math.round(compareMs), textBytes: summary.trailer.bytes }
  const written = await recordBackup(control, {
    ...{ migration: migration.id, epoch: record.epoch, path: name, rows, bytes: summary.fileBytes },
    ...{
      sha256: summary.fileSha256,
      who: operator.who,
      figures: { ...figures, content, bypassed: Number(trigger?.bypassed ?? 0) },
    },
  })
  const recorded = await recordRestored(control, { id: written.id, equal, figures: { ...comparison } })
  await appendEvent(control, {
    ...{ ...operator, migration: migration.id, kind: 'backup' },
    figures: { backup: recorded.id, rows, bytes: summary.fileBytes, equal, ...figures },
  })
  return { record: recorded, ...taken }
}

/** No row of the table has another old value than the backup, where the new columns say the same. */
const isEqual = ({ other }: BackupComparison): boolean => other === 0

export interface CheckBackupOptions extends Omit<BackupOptions, 'path' | 'name'> {
  readonly path: string
  /** What was recorded of it. */
  readonly record: BackupRecord
}

/**
 * Restores a backup that was taken earlier into a scratch table again, and compares it with the table of now. Rows that were changed, have come or are
 * gone since are counted, and are no fault.
 * @throws EC_BACKUP_DAMAGED, EC_BACKUP_OTHER
 */
export async function checkBackup(options: CheckBackupOptions): Promise<Omit<BackupTaken, 'copyMs'>> {
  const { migration, client, schema = 'expand_contract', operator, path } = options
  const control = openControl(client, { schema })
  const now = await recordToBackUp(control, migration)
  const summary = await readBackupFile(path, options.files.read(path))
  const { shape, server } = await readShape(client, migration, schema)
  checkBackupFile(path, { summary, migration, now, table: shape.table, database: server.database })
  const { key, whole } = summary.header
  if (whole !== undefined) await checkRowColumns(client, { columns: whole, table: shape.table, migration })
  const started = performance.now()
  const { comparison } = await inSnapshot(client, BACKUP_SETTINGS, async () =>
    comparedWith(options, { backedUp: { ...sides(shape), key, whole }, header: summary.header }),
  )
  const compareMs = performance.now() - started
  const equal = isEqual(comparison)
  const record = await recordRestored(control, { id: options.record.id, equal, figures: { ...comparison } })
  await appendEvent(control, {
    ...{ ...operator, migration: migration.id, kind: 'backup-checked' },
    figures: { backup: record.id, equal, ...comparison, compareMs: Math.round(compareMs) },
  })
  return { record, summary, comparison, compareMs }
}

export async function recordToBackUp(control: Control, migration: Migration): Promise<MigrationRecord> {
  const { id } = migration
  const record = await readMigration(control, id)
  if (record !== undefined && phaseAfter(record.phase, 'backup') !== undefined) {
    checkDeclaration(migration, record)
    return record
  }
  throw runnerError('EC_CONTROL_TRANSITION', {
    message: `${id} is in the phase ${record?.phase ?? 'off'}; a backup of the old column is taken in switch, contract or hold. Nothing was changed.`,
    hint: `Run \`expand-contract status ${shellWord(id)}\`, which says what is next.`,
    migration: id,
  })
}

const sides = (shape: SyncShape): Omit<BackedUp, keyof RowIdentity> => ({
  ...{ table: tableOf(shape.table), old: shape.old, new: shape.new },
})

export async function backedUpOf(client: RunnerClient, shape: SyncShape): Promise<BackedUp> {
  return { ...sides(shape), ...(await readRowIdentity(client, shape)) }
}

const SCRATCH = 'pg_temp."expand_contract_backup"'

/** The file as it is on the disk, in a table that is gone with the transaction. */
async function comparedWith(
  options: Pick<BackupOptions, 'client' | 'copy' | 'files' | 'path' | 'onProgress'>,
  { backedUp, header }: { readonly backedUp: BackedUp; readonly header: BackupHeader },
): Promise<{ readonly comparison: BackupComparison }> {
  const { client, onProgress } = options
  await client.query(`CREATE TEMPORARY TABLE "expand_contract_backup" (${scratchColumns(header)}) ON COMMIT DROP`)
  await loadInto(options, SCRATCH)
  await client.query(`ANALYZE ${SCRATCH}`)
  onProgress?.('compare', 0)
  if (backedUp.whole === undefined) return { comparison: await countComparison(client, compareRows(backedUp, SCRATCH)) }
  const comparison = await countComparison(client, compareWholeRows(backedUp, SCRATCH))
  const { rows } = await client.query(severalOlds(backedUp, SCRATCH))
  return { comparison: { ...comparison, uncertain: Number(rows[0]?.uncertain) } }
}

export async function countComparison(client: RunnerClient, sql: string): Promise<BackupComparison> {
  const { rows } = await client.query(sql)
  const count = (name: string): number => Number(rows[0]?.[name])
  const [same, other, changed] = [count('same'), count('other'), count('changed')]
  return { same, other, changed, added: count('added'), gone: count('gone') }
}

/** Reads the file into a table; damage takes the statement back. */
export const loadInto = (
  { copy, files, path }: Pick<BackupOptions, 'copy' | 'files' | 'path'>,
  scratch: string,
): Promise<BackupSummary> => readBackupFile(path, files.read(path), copy.from(copyInto(scratch)))

interface HeaderParts {
  readonly client: RunnerClient
  readonly control: Control
  readonly record: MigrationRecord
  readonly shape: SyncShape
  readonly identity: RowIdentity
}

export async function headerOf({ client, control, record, shape, identity }: HeaderParts): Promise<BackupHeader> {
  const { migration, table } = shape
  const now = await readMigration(control, migration.id)
  if (now?.epoch !== record.epoch || now.phase !== record.phase)
    throw runnerError('EC_CONTROL_MOVED', {
      message: `${migration.id} has moved on to the phase ${now?.phase}, epoch ${now?.epoch}, since the backup was begun. Nothing was changed.`,
      hint: 'Run the command again.',
      migration: migration.id,
    })
  const { rows } = await client.query(
    `SELECT pg_catalog.current_database() AS name, pg_catalog.current_setting('server_version_num') AS version,
      pg_catalog.to_char(pg_catalog.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS now`,
  )
  const [server] = rows
  const found = await client.query(DEFINITIONS, [table.oid, shape.old.map(({ name }) => name)])
  const definitions = (JSON.parse(String(found.rows[0]?.found ?? 'null')) ?? []) as readonly string[]
  return {
    ...{ migration: migration.id, declarationHash: record.declarationHash, key: identity.key },
    ...(identity.whole !== undefined && { whole: identity.whole }),
    table: { schema: table.schema, name: table.name },
    old: shape.old.flatMap(({ name, declared }) => {
      const column = columnOf(table, name)
      return column === undefined ? [] : [{ ...column, name: declared, defaults: [] }]
    }),
    new: shape.new.map(({ name, type }) => ({ name, type })),
    ...{ database: String(server?.name), serverVersion: Number(server?.version), takenAt: String(server?.now) },
    ...{ epoch: record.epoch, phase: record.phase },
    definitions: definitions.map((sql) => withDeclaredNames(sql, shape)),
  }
}

/** A column that is set aside has another name in them. */
const withDeclaredNames = (sql: string, { old }: SyncShape): string =>
  old.reduce(
    (text, { name, declared }) =>
      name === declared
        ? text
        : text.replaceAll(quoteIdentifier(name), quoteIdentifier(declared)).replaceAll(name, declared),
    sql,
  )
