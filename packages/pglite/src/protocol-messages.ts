import { ExpandContractError } from '@expand-contract/core'
import type { PGliteErrorCode } from './error-catalogue.ts'

/** Parse, Describe, Close, Flush, Sync, Terminate: they run nothing. */
const RUNS_NOTHING = 'PDCHSX'

/**
 * Lets messages pass that describe a statement, and no others.
 * @throws EC_PGLITE_PROTOCOL
 */
export function refuseWhatRuns(message: Uint8Array): void {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  for (let at = 0; at < message.length; ) {
    const type = String.fromCharCode(message[at] ?? 0)
    // What is parsed under a name can be run later, by EXECUTE.
    const named = type === 'P' && message[at + 5] !== 0
    const length = at + 5 > message.length ? 0 : view.getInt32(at + 1)
    if (named || !RUNS_NOTHING.includes(type) || length < 4) throw protocolError()
    at += 1 + length
  }
}

function protocolError(): ExpandContractError {
  const code: PGliteErrorCode = 'EC_PGLITE_PROTOCOL'
  return new ExpandContractError(code, {
    message: 'A message of the wire protocol was not sent, because what it runs is not planned.',
    hint: 'Use query, exec or transaction. A tool that speaks the protocol (pg_dump, a socket server) can be handed the instance of PGlite itself, if it writes no migrating table.',
  })
}
