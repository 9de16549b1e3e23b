import { createHash, type Hash } from 'node:crypto'
import { type Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { types } from 'node:util'
import { runnerError } from '../runner-error.ts'
import {
  type BackupHeader,
  type BackupSummary,
  type BackupTrailer,
  END_OF_ROWS,
  KEYLESS_MAGIC,
  MAGIC,
} from './backup-file.ts'
import { zstdDecompressor } from './zstd.ts'

/** A header is some kilobytes, and a trailer some hundred bytes: what is longer is damage. */
const LONGEST_LINE = 1_048_576

/**
 * Reads a file from its beginning to its end, and compares it with what its trailer says: a part that is missing, a byte that was changed and a header
 * that was changed are found. Its rows go into a stream, which ends well only where all of it is right.
 * @throws EC_BACKUP_DAMAGED
 */
export async function readBackupFile(path: string, from: Readable, into: Writable = nowhere()): Promise<BackupSummary> {
  const parser = new BackupParser(path)
  const file = createHash('sha256')
  let fileBytes = 0
  let found: Pick<BackupSummary, 'header' | 'trailer'> | undefined
  try {
    await pipeline(
      from,
      async function* counted(source: AsyncIterable<Buffer>) {
        for await (const part of source) {
          file.update(part)
          fileBytes += part.length
          yield part
        }
      },
      zstdDecompressor(),
      async function* rowsOf(source: AsyncIterable<Buffer>) {
        for await (const part of source) yield* parser.take(part)
        found = parser.end()
      },
      into,
    )
  } catch (error) {
    if (isOfZstd(error)) throw damaged(path, 'it is not what was compressed', error)
    throw error
  }
  if (found === undefined) throw damaged(path, 'it was not read to its end')
  return { ...found, fileSha256: file.digest('hex'), fileBytes }
}

const nowhere = (): Writable =>
  new Writable({
    write(_part, _encoding, done) {
      done()
    },
  })

const isOfZstd = (error: unknown): boolean =>
  types.isNativeError(error) && 'code' in error && /^ZSTD_|^Z_|^ERR_ZLIB|^UNKNOWN_ERROR/u.test(String(error.code))

/** Of which this version knows nothing. */
const LATER = /^expand-contract backup (?:[3-9]|\d\d+)\n$/u

type Section = 'magic' | 'header' | 'rows' | 'trailer' | 'end'

class BackupParser {
  readonly #path: string
  readonly #hash: Hash = createHash('sha256')
  #section: Section = 'magic'
  #magic = ''
  #rest = Buffer.alloc(0)
  #parts: Buffer[] = []
  #header: BackupHeader | undefined
  #trailer: BackupTrailer | undefined
  #rows = 0
  #bytes = 0

  constructor(path: string) {
    this.#path = path
  }

  /** Answers the rows that are whole by now. */
  *take(part: Buffer): Generator<Buffer> {
    // A value may be of any length, so that a row comes in many parts.
    this.#parts.push(part)
    if (this.#section === 'rows' && !part.includes(10)) return
    this.#rest = Buffer.concat([this.#rest, ...this.#parts])
    this.#parts = []
    for (let more = true; more; )
      if (this.#section === 'rows') {
        const { rows, ended } = this.#rowsOf()
        if (rows.length > 0) yield rows
        more = ended
      } else more = this.#lineOf()
  }

  /** One line of another section; false where it is not whole yet. */
  #lineOf(): boolean {
    const end = this.#rest.indexOf(10)
    if (this.#section === 'end') {
      if (this.#rest.length > 0) throw damaged(this.#path, 'something stands behind its end')
      return false
    }
    if (end < 0) {
      if (this.#rest.length > LONGEST_LINE) throw damaged(this.#path, 'a line of it has no end')
      return false
    }
    const line = this.#rest.subarray(0, end + 1)
    this.#rest = this.#rest.subarray(end + 1)
    if (this.#section === 'magic') {
      this.#magic = line.toString('utf8')
      if (LATER.test(this.#magic)) throw ofLater(this.#path)
      if (this.#magic !== MAGIC && this.#magic !== KEYLESS_MAGIC) throw notABackup(this.#path)
      this.#section = 'header'
    } else if (this.#section === 'header') {
      this.#header = this.#jsonOf<BackupHeader>(line)
      if ((this.#header.whole === undefined) !== (this.#magic === MAGIC))
        throw damaged(this.#path, 'its first line is not that of its header')
      this.#hash.update(line)
      this.#section = 'rows'
    } else {
      this.#trailer = this.#jsonOf<BackupTrailer>(line)
      this.#section = 'end'
    }
    return true
  }

  #jsonOf<T>(line: Buffer): T {
    try {
      return JSON.parse(line.toString('utf8')) as T
    } catch (error) {
      throw damaged(this.#path, `its ${this.#section} cannot be read`, error)
    }
  }

  /** Whole lines of what has come, up to the end mark. */
  #rowsOf(): { readonly rows: Buffer; readonly ended: boolean } {
    const last = this.#rest.lastIndexOf(10)
    const lines = this.#rest.subarray(0, last + 1)
    const at = endOfRows(lines)
    const rows = at === undefined ? lines : lines.subarray(0, at)
    this.#rest = this.#rest.subarray(at === undefined ? last + 1 : at + END_OF_ROWS.length)
    this.#hash.update(rows)
    this.#bytes += rows.length
    this.#rows += countLines(rows)
    if (at !== undefined) this.#section = 'trailer'
    return { rows, ended: at !== undefined }
  }

  end(): Pick<BackupSummary, 'header' | 'trailer'> {
    const [header, trailer] = [this.#header, this.#trailer]
    if (this.#section === 'magic') throw notABackup(this.#path)
    if (header === undefined || trailer === undefined || this.#section !== 'end')
      throw damaged(this.#path, `it ends in its ${this.#section}`)
    const found = { rows: this.#rows, bytes: this.#bytes, sha256: this.#hash.digest('hex') }
    if (found.rows !== trailer.rows || found.bytes !== trailer.bytes)
      throw damaged(this.#path, `it has ${found.rows} rows, and its end says ${trailer.rows}`)
    if (found.sha256 !== trailer.sha256) throw damaged(this.#path, 'its checksum is another one')
    return { header, trailer }
  }
}

/** Where the end mark begins, within whole lines. */
function endOfRows(lines: Buffer): number | undefined {
  if (lines.subarray(0, END_OF_ROWS.length).toString('latin1') === END_OF_ROWS) return 0
  const at = lines.indexOf(`\n${END_OF_ROWS}`)
  return at < 0 ? undefined : at + 1
}

/** COPY writes a line feed within a value as two characters, so that each one is the end of a row. */
export function countLines(part: Buffer): number {
  let lines = 0
  for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) lines += 1
  return lines
}

const damaged = (path: string, why: string, cause?: unknown) =>
  runnerError('EC_BACKUP_DAMAGED', {
    message: `The backup ${path} is damaged: ${why}. Nothing was changed.`,
    hint: 'Take another copy of it. Where there is none, and the old column is still there, take a new backup.',
    cause,
  })

const ofLater = (path: string) =>
  runnerError('EC_BACKUP_DAMAGED', {
    message: `${path} was written by a later version of expand-contract, in a layout that this one does not know. Nothing was changed.`,
    hint: 'Restore it by the version that has written it, or a later one.',
  })

const notABackup = (path: string) =>
  runnerError('EC_BACKUP_DAMAGED', {
    message: `${path} is no backup of expand-contract. Nothing was changed.`,
    hint: 'Name the file that `expand-contract backup` has written; the timeline (`expand-contract log`) has its name.',
  })
