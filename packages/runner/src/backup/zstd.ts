import zlib from 'node:zlib'
import { runnerError } from '../runner-error.ts'

/** Node has zstd from 22.15 on. @throws EC_BACKUP_NODE */
function checkZstd(): void {
  if (typeof zlib.createZstdCompress === 'function') return
  throw runnerError('EC_BACKUP_NODE', {
    message: 'This Node has no zstd, in which backups are compressed. Nothing was changed.',
    hint: 'Run the command with Node 22.15 or later.',
  })
}

/** With a checksum of its own behind each frame. */
export function zstdCompressor(): zlib.ZstdCompress {
  checkZstd()
  return zlib.createZstdCompress({ params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } })
}

export function zstdDecompressor(): zlib.ZstdDecompress {
  checkZstd()
  return zlib.createZstdDecompress()
}
