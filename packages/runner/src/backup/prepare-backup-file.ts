import { runnerError } from '../runner-error.ts'
import type { BackupFiles } from './backup-files.ts'
import { fileExists, whyOf } from './write-backup-file.ts'

/**
 * Looks whether a backup can be written to a file, before anything is sent to the database.
 * @throws EC_BACKUP_EXISTS, EC_BACKUP_FOLDER
 */
export async function prepareBackupFile(files: Pick<BackupFiles, 'exists' | 'prepare'>, path: string): Promise<void> {
  if (await files.exists(path)) throw fileExists(path)
  try {
    await files.prepare(path)
  } catch (cause) {
    throw runnerError('EC_BACKUP_FOLDER', {
      message: `A backup cannot be written to ${path}: ${whyOf(cause)}. Nothing was sent to the database.`,
      hint: 'Name another file with --out, or another folder with `backups` of the configuration; or see to the folder, its owner and its disk.',
      cause,
    })
  }
}
