import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reachableByAll } from './embedded-binaries.ts'

/** A cluster is 40 MB and keeps up to 1 GB of WAL; a container's default /dev/shm has 64 MB. */
const ROOM = 2 * 1024 ** 3

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize >= ROOM
  } catch {
    return false
  }
}

/** A new folder that any user can enter: in memory where there is room and it was not asked to be durable, else on disk. */
export function scratchFolder(prefix: string, durable: boolean): string {
  const candidates = [...(!durable && hasRoom('/dev/shm') ? ['/dev/shm'] : []), tmpdir(), '/tmp', '/var/tmp']
  for (const parent of candidates) {
    try {
      if (!reachableByAll(parent)) continue
      const folder = mkdtempSync(join(parent, prefix))
      chmodSync(folder, 0o755)
      return folder
    } catch {
      // Not there, or not ours to write in: the next one.
    }
  }
  throw new Error(`No folder for temporary data: none of ${candidates.join(', ')} can be written and entered by all.`)
}

/** Removes a folder, also while a server is still letting go of its files. */
export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
