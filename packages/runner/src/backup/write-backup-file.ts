import { createHash } from 'node:crypto'
import type { Readable, Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { types } from 'node:util'
import { runnerError } from '../runner-error.ts'
import { type BackupHeader, type BackupSummary, END_OF_ROWS, KEYLESS_MAGIC, MAGIC } from './backup-file.ts'
import { countLines } from './read-backup-file.ts'
import { zstdCompressor } from './zstd.ts'

export interface WriteBackupFile {
  /** The file, under another name than the one that it will have. */
  readonly into: Writable
  readonly header: BackupHeader
  readonly rows: Readable
  /** Ends the statement that the rows come from, where the file ends before them. */
  readonly cancel: () => Promise<void>
  readonly signal?: AbortSignal | undefined
  readonly onRows?: ((rows: number) => void) | undefined
}

/** Streams the rows into a file, and has it on the disk when it returns. */
export async function writeBackupFile(options: WriteBackupFile): Promise<BackupSummary> {
  try {
    return await written(options)
  } catch (error) {
    await endOf(options)
    throw error
  }
}

/** A connection takes no other statement before a COPY has come to its end: its stream must not be destroyed. */
async function endOf({ rows, cancel }: WriteBackupFile): Promise<void> {
  if (rows.readableEnded || rows.errored !== null) return
  const ended = finished(rows).catch(() => undefined)
  await cancel().catch(() => undefined)
  rows.resume()
  await ended
}

async function written({ into, header, rows, signal, onRows }: WriteBackupFile): Promise<BackupSummary> {
  const [content, file] = [createHash('sha256'), createHash('sha256')]
  const trailer = { rows: 0, bytes: 0, sha256: '' }
  let fileBytes = 0
  async function* whole(): AsyncGenerator<Buffer> {
    const line = Buffer.from(`${JSON.stringify(header)}\n`)
    content.update(line)
    yield Buffer.from(header.whole === undefined ? MAGIC : KEYLESS_MAGIC)
    yield line
    for await (const part of rows.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      content.update(part)
      trailer.rows += countLines(part)
      trailer.bytes += part.length
      onRows?.(trailer.rows)
      yield part
    }
    trailer.sha256 = content.digest('hex')
    yield Buffer.from(`${END_OF_ROWS}${JSON.stringify(trailer)}\n`)
  }
  await pipeline(
    whole,
    zstdCompressor(),
    async function* counted(source: AsyncIterable<Buffer>) {
      for await (const part of source) {
        file.update(part)
        fileBytes += part.length
        yield part
      }
    },
    into,
    signal === undefined ? {} : { signal },
  )
  return { header, trailer, fileSha256: file.digest('hex'), fileBytes }
}

/** Why the system would not have it; its own words, which have names and no values. */
export const whyOf = (error: unknown): string => (types.isNativeError(error) ? error.message : String(error))

/** What the system said while a file was written; any other error stays as it is. */
export function fileFailed(error: unknown, path: string): unknown {
  if (!(types.isNativeError(error) && 'syscall' in error && 'errno' in error)) return error
  return runnerError('EC_BACKUP_FILE', {
    message: `The backup ${path} could not be written to its end: ${whyOf(error)}. No file was left, and nothing is recorded.`,
    hint: 'See to the disk: it needs about as much room as the key and the old column take, compressed. Or name a file on another one with --out.',
    cause: error,
  })
}

export const fileExists = (path: string) =>
  runnerError('EC_BACKUP_EXISTS', {
    message: `${path} is there already, and is not written over. Nothing was changed.`,
    hint: 'Name another file with --out.',
  })
