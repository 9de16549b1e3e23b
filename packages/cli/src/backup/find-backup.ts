import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { BackupLook } from '@expand-contract/runner'
import type { CommandContext } from '../command-context.ts'

/**
 * Where a backup is on this machine, by the name that is recorded: from the working directory, or from the folder of the configuration.
 * The first of these places, where it is in none.
 */
export async function backupPath(context: CommandContext, name: string): Promise<string> {
  const { file } = await context.config()
  const places = [context.io.cwd, ...(file === undefined ? [] : [dirname(file)])].map((folder) => resolve(folder, name))
  for (const path of places) if ((await stat(path).catch(() => undefined)) !== undefined) return path
  return places[0] ?? name
}

/** Looks at the files of backups; one that is as it was is not read again, since gates are asked twice. */
export function lookAtBackups(context: CommandContext): (name: string) => Promise<BackupLook> {
  const known = new Map<string, string>()
  return async (name) => {
    const path = await backupPath(context, name)
    try {
      const { size, mtimeMs, ino } = await stat(path)
      const state = [path, size, mtimeMs, ino].join(' ')
      const sha256 = known.get(state) ?? (await checksumOf(path))
      known.set(state, sha256)
      return { sha256 }
    } catch (error) {
      return { missing: whyOf(error) }
    }
  }
}

async function checksumOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

function whyOf(error: unknown): string {
  const code = String(Object(error).code)
  return code === 'ENOENT' || code === 'ENOTDIR' ? 'is not there' : `cannot be read (${code})`
}
