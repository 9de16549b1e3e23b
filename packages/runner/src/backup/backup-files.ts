import type { Readable, Writable } from 'node:stream'

/** The files of backups, of which the runner itself touches none. `backupFiles` of the command line are those of a disk. */
export interface BackupFiles {
  read(path: string): Readable
  /** Makes the folder of a file that is to be written, and writes something there to see whether it can be; no file is left. */
  prepare(path: string): Promise<void>
  /** Writes a file anew; it is on the disk when the stream has ended. */
  write(path: string): Writable
  exists(path: string): Promise<boolean>
  /** Gives a file its name; false where another one has it, which is never written over. */
  giveName(from: string, to: string): Promise<boolean>
  /** Also where there is none. */
  remove(path: string): Promise<void>
}
