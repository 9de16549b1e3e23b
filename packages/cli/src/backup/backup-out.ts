import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { prepareBackupFile } from '@expand-contract/runner'
import type { CommandContext } from '../command-context.ts'
import { backupFiles } from './backup-files.ts'

export interface BackupOut {
  readonly path: string
  /** As it is recorded: from the working directory on, where it is within it. */
  readonly name: string
}

/**
 * The file that a backup is to be written to, which can be, and is not there yet. Nothing is sent to the database before.
 * @throws EC_BACKUP_EXISTS, EC_BACKUP_FOLDER
 */
export async function backupOut(context: CommandContext, id: string, given: string | undefined): Promise<BackupOut> {
  const { cwd } = context.io
  const path = given === undefined ? await freeName(context, id) : resolve(cwd, given)
  await prepareBackupFile(backupFiles, path)
  const name = relative(cwd, path)
  return { path, name: name.startsWith('..') || isAbsolute(name) ? path : name }
}

async function freeName(context: CommandContext, id: string): Promise<string> {
  const { file, backups } = await context.config()
  const folder = resolve(file === undefined ? context.io.cwd : dirname(file), backups)
  await keepOut(folder)
  const stem = `${id.replaceAll(/[^\w.-]+/gu, '_')}.${new Date().toISOString().slice(0, 10)}`
  for (let number = 1; ; number += 1) {
    const path = join(folder, `${stem}${number === 1 ? '' : `-${number}`}.zst`)
    if (!(await backupFiles.exists(path))) return path
  }
}

/** The folder is usually one of a repository, and values of rows do not belong into it. */
const KEEP_OUT = '# Backups hold values of rows: keep them where backups are kept.\n*\n'

/** What cannot be made is told by the file that is to be written there. */
async function keepOut(folder: string): Promise<void> {
  if ((await stat(folder).catch(() => undefined)) !== undefined) return
  await mkdir(folder, { recursive: true }).catch(() => undefined)
  await writeFile(join(folder, '.gitignore'), KEEP_OUT).catch(() => undefined)
}
