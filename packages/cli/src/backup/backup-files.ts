import { createReadStream, createWriteStream, mkdirSync } from 'node:fs'
import { link, open, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { BackupFiles } from '@expand-contract/runner'

/** Files of a disk, which the owner alone may read: they hold values. */
export const backupFiles: BackupFiles = {
  read: (path) => createReadStream(path),
  write(path) {
    mkdirSync(dirname(path), { recursive: true })
    return createWriteStream(path, { mode: 0o600, flush: true })
  },
  exists: async (path) => (await stat(path).catch(() => undefined)) !== undefined,
  async giveName(from, to) {
    try {
      // A link is made or refused, where a rename would put one file in place of another.
      await link(from, to)
    } catch (error) {
      if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST') return false
      throw error
    }
    await rm(from, { force: true })
    // The name as well is to be there when the machine goes down; some platforms cannot open a folder.
    const folder = await open(dirname(to), 'r').catch(() => undefined)
    await folder?.sync().catch(() => undefined)
    await folder?.close()
    return true
  },
  remove: (path) => rm(path, { force: true }),
}
