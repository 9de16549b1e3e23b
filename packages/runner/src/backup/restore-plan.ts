import {
  type BackupRecord,
  type Control,
  type MigrationRecord,
  openControl,
  readBackups,
  readEvents,
  readMigration,
} from '@expand-contract/control'
import { type Migration, phaseAfter, shellWord } from '@expand-contract/core'
import { loadParser } from '@expand-contract/sql'
import {
  chooseShield,
  mayBeReplica,
  readUserTriggers,
  type TriggerShield,
  type UserTrigger,
} from '../backfill/user-triggers.ts'
import type { ColumnFacts, MigrationFacts, TableFacts } from '../facts.ts'
import { type Confirmation, checkTable, checkTriggerOrder } from '../operations/refuse-expand.ts'
import { checkDeclaration } from '../phase/check-declaration.ts'
import { readFacts } from '../read-facts.ts'
import { readMembers } from '../rows/member.ts'
import { tableMissing } from '../rows/table-missing.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'
import { syncShape } from '../sql/sync-shape.ts'
import type { BackupCopy } from './backup-copy.ts'
import type { BackupSummary } from './backup-file.ts'
import type { BackupFiles } from './backup-files.ts'
import { checkBackupFile } from './check-backup-file.ts'
import { checkRowColumns } from './check-row-columns.ts'
import { isKeyless } from './keyless-restore-sql.ts'
import { forecastRestore, type RestoreForecast } from './load-keyless.ts'
import type { OwnBackupHeader } from './own-backup.ts'
import { readBackupFile } from './read-backup-file.ts'
import type { RestoreParts } from './restore-sql.ts'
import { readRestoring } from './restoring.ts'

export interface PlanRestore {
  readonly migration: Migration
  readonly client: RunnerClient
  /** The control schema. @defaultValue 'expand_contract' */
  readonly schema?: string | undefined
  readonly files: BackupFiles
  /** The file; undefined: the newest one that a command of the operator has made, and another one is to give back. */
  readonly path: string | undefined
  /** By the same connection, to say ahead what rows without a key would get. @defaultValue it is not said */
  readonly copy?: BackupCopy | undefined
  /** What is known and meant, and would be refused otherwise. @defaultValue nothing */
  readonly confirmed?: readonly Confirmation[] | undefined
}

/** What a restore works with: all of it was checked, and nothing changed. */
export interface RestorePlan {
  readonly summary: BackupSummary
  readonly backup: BackupRecord
  /** What is recorded of one that a command gives back; undefined: it is a file. */
  readonly own: OwnBackupHeader | undefined
  readonly record: MigrationRecord
  readonly parts: RestoreParts
  readonly shield: TriggerShield
  /** Of rows that no key tells, before anything is changed; undefined: there is a key, it goes on, or nobody has asked. */
  readonly forecast: RestoreForecast | undefined
  /** The columns are back, and rows are to be filled yet: an earlier run was interrupted. */
  readonly resumed: boolean
}

/**
 * Reads the whole file, and all that a restore asks for, before anything is changed.
 * @throws EC_CONTROL_TRANSITION, EC_BACKUP_DAMAGED, EC_BACKUP_OTHER, EC_RESTORE_KEY, EC_RESTORE_UNFINISHED, EC_COLUMN_IN_USE, EC_PUBLICATION, EC_BACKFILL_TRIGGERS
 */
export async function planRestore(options: PlanRestore): Promise<RestorePlan> {
  const { migration, client, schema = 'expand_contract', path, confirmed = [] } = options
  await loadParser()
  const control = openControl(client, { schema })
  const record = await readMigration(control, migration.id)
  const restoring = await readRestoring(client, { migration, controlSchema: schema })
  const resumed = record?.phase === 'contract' && restoring !== undefined
  if (record === undefined || (!resumed && phaseAfter(record.phase, 'restore') === undefined))
    throw notDropped(migration, record)
  checkDeclaration(migration, record)
  const recorded = path === undefined ? await ownBackup(client, { ...options, schema }) : undefined
  const summary = recorded?.summary ?? (await readBackupFile(path ?? '', options.files.read(path ?? '')))
  const { header } = summary
  const name = path ?? 'What the command gives back'
  const facts = await readFacts(client, migration, { controlSchema: schema })
  const { table, server } = facts
  if (table === undefined) throw tableMissing(migration, server.database)
  checkBackupFile(name, { summary, migration, now: record, table, database: server.database })
  if (resumed && restoring !== summary.fileSha256) throw otherFile(migration, name)
  const backup = recorded?.backup ?? (await recordedBackup(client, { ...options, schema, summary }))
  if (!resumed) checkFreeNames(migration, table)
  const whole = resumed ? table : { ...table, columns: [...table.columns, ...header.old.map(asNullable)] }
  checkTable(migration, { ...facts, table: whole })
  if (!resumed && table.publications.length > 0 && !confirmed.includes('publication')) throw published(migration, table)
  const shape = syncShape(migration, { ...facts, table: whole })
  checkTriggerOrder(shape)
  await checkRowColumns(client, { columns: header.whole ?? header.key, table, migration })
  const parts = { shape, key: header.key, whole: header.whole }
  const shield = await shieldOf(client, parts, facts.server)
  const { copy, files } = options
  const forecast =
    isKeyless(parts) && copy !== undefined && path !== undefined && !resumed
      ? await forecastRestore({ client, copy, files, path, parts, header, backedUp: summary.trailer.rows })
      : undefined
  return { summary, backup, own: recorded?.own, record, parts, shield, forecast, resumed }
}

/** A column comes back nullable and without a default: what it had is given back by `rollback`. */
const asNullable = (column: ColumnFacts): ColumnFacts => ({ ...column, notNull: false, defaults: [], identity: false })

async function shieldOf(
  client: RunnerClient,
  { shape }: RestoreParts,
  { role, version }: MigrationFacts['server'],
): Promise<TriggerShield> {
  const triggers: UserTrigger[] = []
  const columns = shape.old.map(({ name }) => name)
  for (const member of await readMembers(client, shape.table))
    triggers.push(...(await readUserTriggers(client, member, columns)))
  return chooseShield(triggers, await mayBeReplica(client, version), { migration: shape.migration, role })
}

interface RecordedOwn {
  readonly backup: BackupRecord
  readonly own: OwnBackupHeader
  readonly summary: BackupSummary
}

/** The newest one of this life that a command has made. Whether the rows are those of it is seen when they come. */
async function ownBackup(client: RunnerClient, { migration, schema }: PlanRestore): Promise<RecordedOwn> {
  const control = openControl(client, { schema })
  const expanded = await expandedAt(control, migration)
  const backups = await readBackups(control, { migration: migration.id, limit: 1_000 })
  const backup = backups.find(({ path, equal, epoch }) => path === undefined && equal === true && epoch >= expanded)
  const own = backup?.figures.own as OwnBackupHeader | undefined
  if (backup === undefined || own === undefined)
    throw runnerError('EC_BACKUP_OTHER', {
      message: `No backup of ${migration.id} is recorded that a command has made, and that was compared in this life of the migration. Nothing was changed.`,
      hint: `Name the file of a backup with --from; \`expand-contract log\` has its name.`,
      migration: migration.id,
    })
  const { rows, bytes, sha256 = '' } = backup
  const trailer = { rows, bytes, sha256 }
  return { backup, own, summary: { header: own.header, trailer, fileSha256: sha256, fileBytes: bytes } }
}

async function expandedAt(control: Control, { id }: Migration): Promise<number> {
  const events = await readEvents(control, { migration: id, kind: 'phase', limit: 1_000 })
  return Number(events.findLast(({ figures }) => figures.operation === 'expand')?.figures.epoch ?? 0)
}

/** One that was restored and compared in this life of the migration: another one may be of other columns of the same names. */
async function recordedBackup(
  client: RunnerClient,
  { migration, schema, summary, path }: PlanRestore & { readonly summary: BackupSummary },
): Promise<BackupRecord> {
  const control = openControl(client, { schema })
  const expanded = await expandedAt(control, migration)
  const backups = await readBackups(control, { migration: migration.id, limit: 1_000 })
  const found = backups.find(({ sha256 }) => sha256 === summary.fileSha256)
  if (found !== undefined && found.equal === true && found.epoch >= expanded) return found
  const why =
    found === undefined
      ? 'is not one that is recorded in this database'
      : found.equal === true
        ? 'is of an earlier life of the migration'
        : 'was not equal to the table when it was compared last'
  throw runnerError('EC_BACKUP_OTHER', {
    message: `${path} ${why}. Nothing was changed.`,
    hint: `Name the file that counted for the drop: ${backups.find(({ equal, epoch }) => equal === true && epoch >= expanded)?.path ?? '`expand-contract log` has its name'}.`,
    migration: migration.id,
  })
}

function checkFreeNames({ id, old }: Migration, table: TableFacts): void {
  const taken = old.filter(({ name }) => table.columns.some((column) => column.name === name))
  if (taken.length === 0) return
  throw runnerError('EC_COLUMN_IN_USE', {
    message: `${table.schema}.${table.name} has a column ${taken.map(({ name }) => JSON.stringify(name)).join(', ')} again, which the restore of ${id} has not made. Nothing was changed.`,
    hint: 'Give it another name, or drop it if it is not needed.',
    migration: id,
  })
}

const notDropped = ({ id }: Migration, record: MigrationRecord | undefined) =>
  runnerError('EC_CONTROL_TRANSITION', {
    message: `restore is not possible for ${id}, which is in the phase ${record?.phase ?? 'off'}: the old column is brought back from \`dropped\` alone. Nothing was changed.`,
    hint: `Run \`expand-contract status ${shellWord(id)}\`: from other phases \`rollback\` leads back, and loses nothing.`,
    migration: id,
  })

const otherFile = ({ id }: Migration, path: string) =>
  runnerError('EC_RESTORE_UNFINISHED', {
    message: `A restore of ${id} was begun from another file than ${path}, and is not finished. Nothing was changed.`,
    hint: 'Go on with the file that it was begun with.',
    migration: id,
  })

const published = ({ id }: Migration, table: TableFacts) =>
  runnerError('EC_PUBLICATION', {
    message: `The table ${table.schema}.${table.name} is published by ${table.publications.map((each) => JSON.stringify(each)).join(', ')} without a list of columns: a subscriber without the old column of ${id} stops at the first write behind the restore. Nothing was changed.`,
    hint: 'Add the column on the subscriber first, or publish the table with a list of columns; and confirm it.',
    migration: id,
  })
