import type pg from 'pg'

/** The socket of a connection, which pg keeps to itself. */
interface SocketOwner {
  readonly connection: { readonly stream: NodeJS.EventEmitter }
}

interface Received {
  us: number
}

const receivers = new WeakMap<pg.Client, Received>()

/** Puts a clock around what a client does with the bytes that arrive. */
function receiver(client: pg.Client): Received {
  const known = receivers.get(client)
  if (known !== undefined) return known
  const received: Received = { us: 0 }
  receivers.set(client, received)
  const { stream } = (client as unknown as SocketOwner).connection
  for (const listener of stream.listeners('data') as ((data: Buffer) => void)[]) {
    stream.off('data', listener)
    stream.on('data', (data: Buffer) => {
      const started = performance.now()
      listener(data)
      received.us += (performance.now() - started) * 1_000
    })
  }
  return received
}

/**
 * Microseconds that the client itself spends on a query: from the call until it returns, and on the bytes that arrive.
 * Neither the network nor the server is in it, so it tells one microsecond from the next even on a busy machine.
 */
export async function clientTime(client: pg.Client, send: () => Promise<unknown>): Promise<number> {
  const received = receiver(client)
  received.us = 0
  const started = performance.now()
  const answer = send()
  const sentUs = (performance.now() - started) * 1_000
  await answer
  return sentUs + received.us
}
