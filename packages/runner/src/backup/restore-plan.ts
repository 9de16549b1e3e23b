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
import type { BackupHeader, BackupSummary } from './backup-file.ts'
import type { BackupFiles } from './backup-files.ts'
import { checkBackupFile } from './check-backup-file.ts'
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
  await checkKey(client, { header, table, migration })
  const parts = { shape, key: header.key }
  const shield = await shieldOf(client, parts, facts.server)
  return { summary, backup, own: recorded?.own, record, parts, shield, resumed }
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

/** Takes the oid of the table, and the key as JSON. */
const KEY_PRESENT = `SELECT coalesce(pg_catalog.json_agg(k.name), '[]')::pg_catalog.text AS missing
  FROM pg_catalog.jsonb_to_recordset($2::pg_catalog.text::pg_catalog.jsonb) AS k(name pg_catalog.text, type pg_catalog.text)
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::pg_catalog.oid AND a.attname = k.name AND a.attnum > 0
    AND NOT a.attisdropped AND a.atttypid = pg_catalog.to_regtype(pg_catalog.regexp_replace(k.type, '\\([^()"]*\\)', '')))`

async function checkKey(
  client: RunnerClient,
  {
    header: { key },
    table,
    migration,
  }: { readonly header: BackupHeader; readonly table: TableFacts; readonly migration: Migration },
): Promise<void> {
  const { rows } = await client.query(KEY_PRESENT, [table.oid, JSON.stringify(key)])
  const missing = JSON.parse(String(rows[0]?.missing)) as readonly string[]
  if (missing.length === 0) return
  throw runnerError('EC_RESTORE_KEY', {
    message: `${table.schema}.${table.name} has no column ${missing.map((name) => JSON.stringify(name)).join(', ')} of the type that it had, by which the backup of ${migration.id} tells its rows apart. Nothing was changed.`,
    hint: 'Give it its name and type back for as long as the restore takes.',
    migration: migration.id,
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
