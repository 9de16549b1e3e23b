import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { link, mkdir, open, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { runnerError } from '../runner-error.ts'
import { type BackupHeader, type BackupSummary, END_OF_ROWS, MAGIC } from './backup-file.ts'
import { countLines } from './read-backup-file.ts'
import { zstdCompressor } from './zstd.ts'

export interface WriteBackupFile {
  /** Where it is written: another name than the one that it will have. */
  readonly path: string
  readonly header: BackupHeader
  readonly rows: Readable
  readonly signal?: AbortSignal | undefined
  readonly onRows?: ((rows: number) => void) | undefined
}

/** Streams the rows into a file, and has it on the disk when it returns. */
export async function writeBackupFile({ path, header, rows, signal, onRows }: WriteBackupFile): Promise<BackupSummary> {
  const [content, file] = [createHash('sha256'), createHash('sha256')]
  const trailer = { rows: 0, bytes: 0, sha256: '' }
  let fileBytes = 0
  await mkdir(dirname(path), { recursive: true })
  await pipeline(
    rows,
    async function* whole(source: AsyncIterable<Buffer>) {
      const line = Buffer.from(`${JSON.stringify(header)}\n`)
      content.update(line)
      yield Buffer.from(MAGIC)
      yield line
      for await (const part of source) {
        content.update(part)
        trailer.rows += countLines(part)
        trailer.bytes += part.length
        onRows?.(trailer.rows)
        yield part
      }
      trailer.sha256 = content.digest('hex')
      yield Buffer.from(`${END_OF_ROWS}${JSON.stringify(trailer)}\n`)
    },
    zstdCompressor(),
    async function* counted(source: AsyncIterable<Buffer>) {
      for await (const part of source) {
        file.update(part)
        fileBytes += part.length
        yield part
      }
    },
    createWriteStream(path, { mode: 0o600, flush: true }),
    signal === undefined ? {} : { signal },
  )
  return { header, trailer, fileSha256: file.digest('hex'), fileBytes }
}

/** @throws EC_BACKUP_EXISTS */
export async function checkFree(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found !== undefined) throw exists(path)
}

/**
 * Gives a file its name, unless another one has it: a link is made or refused, where a rename would put one in place of the other.
 * @throws EC_BACKUP_EXISTS
 */
export async function giveName(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    throw typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST' ? exists(to) : error
  }
  await rm(from, { force: true })
  // The name as well is to be there when the machine goes down; some platforms cannot open a folder.
  const folder = await open(dirname(to), 'r').catch(() => undefined)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}

const exists = (path: string) =>
  runnerError('EC_BACKUP_EXISTS', {
    message: `${path} is there already, and is not written over. Nothing was changed.`,
    hint: 'Name another file with --out.',
  })
