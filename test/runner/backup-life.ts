import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openControl, readMigration } from '@expand-contract/control'
import { type Migration, quoteTable } from '@expand-contract/core'
import {
  type BackupTaken,
  checkBackup,
  controlHandlers,
  executeActions,
  planRestore,
  planStage,
  type Restored,
  type RestoreOptions,
  restore,
  runStage,
  type StageName,
  switchReads,
  takeBackup,
} from '@expand-contract/runner'
import type pg from 'pg'
import { backupCopy } from '../../packages/cli/src/backup/backup-copy.ts'
import { backupFiles } from '../../packages/cli/src/backup/backup-files.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'
import { ExpandedDatabase } from './expanded-database.ts'

const OPERATOR = { who: 'test' }

/** Migrations that are led to their end, with a folder for backups. */
export class BackupLife implements AsyncDisposable {
  readonly db: ExpandedDatabase
  readonly folder: string
  #backups = 0

  private constructor(db: ExpandedDatabase, folder: string) {
    this.db = db
    this.folder = folder
  }

  static async open(major: PostgresMajor, sql: string): Promise<BackupLife> {
    return new BackupLife(await ExpandedDatabase.open(major, sql), await mkdtemp(join(tmpdir(), 'ec-backup-')))
  }

  get client(): pg.Client {
    return this.db.client
  }

  record(migration: Migration) {
    return readMigration(openControl(this.client), migration.id)
  }

  async phase(migration: Migration) {
    return (await this.record(migration))?.phase
  }

  async stage(migration: Migration, ...names: StageName[]): Promise<void> {
    for (const name of names) {
      const record = await this.record(migration)
      const actions = await planStage(this.client, { migration, stage: name, record, confirmed: ['publication'] })
      const handlers = {
        ...controlHandlers({ migration, record, operator: OPERATOR }),
        wait: async (): Promise<void> => undefined,
      }
      await runStage(this.client, migration, { actions, operation: name, handlers })
    }
  }

  /** `expand`, every row filled, and `switch`. */
  async switched(migration: Migration): Promise<void> {
    await this.db.expand(migration)
    const [{ name = '' } = {}] = migration.old
    await this.client.query(
      `update ${quoteTable(migration.table)} set "${name.replaceAll('"', '""')}" = "${name.replaceAll('"', '""')}"`,
    )
    const record = await this.record(migration)
    await executeActions(this.client, switchReads.plan(migration, await this.db.facts(migration), {}), {
      operation: 'switch',
      handlers: {
        ...controlHandlers({ migration, record, operator: OPERATOR }),
        wait: async (): Promise<void> => undefined,
      },
    })
  }

  nextPath(): string {
    this.#backups += 1
    return join(this.folder, `${this.#backups}.zst`)
  }

  backup(migration: Migration, path: string = this.nextPath()): Promise<BackupTaken & { readonly path: string }> {
    const { client } = this
    return takeBackup({
      ...{ migration, client, path, copy: backupCopy(client), files: backupFiles, operator: OPERATOR },
    }).then((taken) => ({ ...taken, path }))
  }

  check(migration: Migration, { record, path }: Awaited<ReturnType<BackupLife['backup']>>) {
    const { client } = this
    return checkBackup({
      ...{ migration, client, path, record, copy: backupCopy(client), files: backupFiles, operator: OPERATOR },
    })
  }

  async restore(migration: Migration, path: string, more: Partial<RestoreOptions> = {}): Promise<Restored | undefined> {
    const client = (more.client ?? this.client) as pg.Client
    const common = { client, path, files: backupFiles }
    const plan = await planRestore({ ...common, migration })
    return restore({ ...common, plan, copy: backupCopy(client), operator: OPERATOR, ...more })
  }

  /** What a restore would give rows that no key tells. */
  async forecast(migration: Migration, path: string) {
    const { client } = this
    const plan = await planRestore({ client, path, files: backupFiles, copy: backupCopy(client), migration })
    return plan.forecast
  }

  rows(sql: string): Promise<readonly Record<string, unknown>[]> {
    return this.db.rows(sql)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.db.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}
