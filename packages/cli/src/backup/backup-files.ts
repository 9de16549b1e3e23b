import { createReadStream, createWriteStream } from 'node:fs'
import { link, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { BackupFiles } from '@expand-contract/runner'

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''

/** Of file systems that know no links, as those of some network shares and of memory cards. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/** The name is taken by an empty file first, which is ours to be written over. */
async function takeName(from: string, to: string): Promise<boolean> {
  try {
    await (await open(to, 'wx')).close()
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
  await rename(from, to)
  return true
}

/** Files of a disk, which the owner alone may read: they hold values. */
export const backupFiles: BackupFiles = {
  read: (path) => createReadStream(path),
  async prepare(path) {
    await mkdir(dirname(path), { recursive: true })
    const probe = `${path}.${process.pid}.probe`
    try {
      // So much that a disk that is full says so.
      await writeFile(probe, Buffer.alloc(65_536), { mode: 0o600, flag: 'wx', flush: true })
    } finally {
      await rm(probe, { force: true })
    }
  },
  write: (path) => createWriteStream(path, { mode: 0o600, flush: true }),
  exists: async (path) => (await stat(path).catch(() => undefined)) !== undefined,
  async giveName(from, to) {
    try {
      // A link is made or refused, where a rename would put one file in place of another.
      await link(from, to)
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false
      if (!NO_LINKS.has(codeOf(error))) throw error
      if (!(await takeName(from, to))) return false
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
