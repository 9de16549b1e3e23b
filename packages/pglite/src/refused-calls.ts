import type { PGlite } from '@electric-sql/pglite'
import { ExpandContractError } from '@expand-contract/core'
import type { PGliteErrorCode } from './error-catalogue.ts'

type ProtocolMethods = Pick<
  PGlite,
  'execProtocol' | 'execProtocolRaw' | 'execProtocolStream' | 'execProtocolRawStream' | 'execProtocolRawSync'
>

/** The methods that hand messages of the wire protocol to PGlite: those that describe a statement pass. */
export function protocolMethods(driver: PGlite): ProtocolMethods {
  return {
    execProtocol: guarded((...args: Parameters<PGlite['execProtocol']>) => driver.execProtocol(...args)),
    execProtocolRaw: guarded((...args: Parameters<PGlite['execProtocolRaw']>) => driver.execProtocolRaw(...args)),
    execProtocolStream: guarded((...args: Parameters<PGlite['execProtocolStream']>) =>
      driver.execProtocolStream(...args),
    ),
    execProtocolRawStream: guarded((...args: Parameters<PGlite['execProtocolRawStream']>) =>
      driver.execProtocolRawStream(...args),
    ),
    execProtocolRawSync(message: Uint8Array): Uint8Array {
      refuseWhatRuns(message)
      return driver.execProtocolRawSync(message)
    },
  }
}

const guarded =
  <Args extends readonly [Uint8Array, ...(readonly unknown[])], Result>(send: (...args: Args) => Promise<Result>) =>
  async (...args: Args): Promise<Result> => {
    refuseWhatRuns(args[0])
    return send(...args)
  }

/** Parse, Describe, Close, Flush, Sync, Terminate: they run nothing. */
const RUNS_NOTHING = 'PDCHSX'

/**
 * Lets messages pass that describe a statement, and no others.
 * @throws EC_PGLITE_PROTOCOL
 */
function refuseWhatRuns(message: Uint8Array): void {
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
