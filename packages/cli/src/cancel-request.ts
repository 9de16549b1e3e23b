import { connect } from 'node:net'
import { join } from 'node:path'
import type pg from 'pg'

/** What marks a request to cancel, where a connection has its version of the protocol. */
const CANCEL = 80_877_102

/**
 * Asks the server to cancel what a connection runs just now; where it runs nothing, nothing happens. It goes over a connection of its own, by the
 * key that the server, or the pooler, gave to this one, so that it reaches the backend that works for it at this moment. It is not encrypted, as libpq
 * sends it up to 16: the server reads it before it asks for anything. There is no answer.
 */
export function cancelRequest(client: pg.Client): Promise<void> {
  const key = keyOf(client)
  if (key === undefined) return Promise.resolve()
  const { host, port } = client
  const socket = host.startsWith('/') ? connect(join(host, `.s.PGSQL.${port}`)) : connect(port, host)
  return new Promise((resolve) => {
    socket
      .once('connect', () => socket.write(requestOf(key)))
      .on('error', () => resolve())
      .once('close', () => resolve())
      .resume()
      .unref()
  })
}

interface BackendKey {
  readonly processID: number
  readonly secretKey: number
}

/** pg has both, and its types do not say so. */
function keyOf(client: pg.Client): BackendKey | undefined {
  const { processID, secretKey } = client as Partial<BackendKey>
  return typeof processID === 'number' && typeof secretKey === 'number' ? { processID, secretKey } : undefined
}

function requestOf({ processID, secretKey }: BackendKey): Buffer {
  const request = Buffer.alloc(16)
  for (const [index, word] of [16, CANCEL, processID, secretKey].entries()) request.writeInt32BE(word, index * 4)
  return request
}
