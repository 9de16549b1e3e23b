import { types } from 'node:util'
import type { HeldConnection } from './held-connection.ts'

/** What the driver hands out for COPY, a Writable or a Readable of Node. */
interface CopyStream {
  readonly errored: unknown
  push?(chunk: unknown, encoding?: unknown): boolean
  _read?(size: number): void
  once(event: 'close', listener: () => void): unknown
}

export const isStream = (value: unknown): value is CopyStream =>
  typeof value === 'object' && value !== null && 'pipe' in value && 'once' in value

/** The driver puts a connection away that has broken. */
export const isBroken = (error: unknown): boolean =>
  types.isNativeError(error) && ('errno' in error || ('severity' in error && error.severity === 'FATAL'))

/** As the driver has it. */
export const copyInProgress = (): Error =>
  Object.assign(new Error('COPY_IN_PROGRESS: You cannot execute queries during copy'), { code: 'COPY_IN_PROGRESS' })

/**
 * The streams of COPY that the connections of a pool are taken by. A connection is no use to others before its stream is
 * over; what waits for one while there is no other is rejected, as the driver does it.
 */
export class CopyStreams {
  readonly #max: number
  #copying = 0
  #taken = 0
  readonly #waiting = new Set<(error: Error) => void>()

  constructor(max: number) {
    this.#max = max
  }

  /** Every connection is taken for long, by COPY at least one: which of them is free next depends on the application. */
  get stuck(): boolean {
    return this.#copying > 0 && this.#copying + this.#taken >= this.#max
  }

  /** A connection is the application's alone, by `begin` or `reserve`, until the returned function is called. */
  take(): () => void {
    this.#taken++
    this.#changed()
    let back = false
    return () => {
      if (!back) this.#taken--
      back = true
    }
  }

  /** Holds the connection until its stream is over. */
  begin(stream: CopyStream, connection: HeldConnection): void {
    let over = false
    const end = (): void => {
      if (over) return
      over = true
      this.#copying--
      if (!isBroken(stream.errored)) connection.release()
    }
    this.#copying++
    this.#changed()
    if (stream.push === undefined) stream.once('close', end)
    else untilPushed(stream as CopyStream & Required<Pick<CopyStream, 'push'>>, end)
  }

  /** @throws COPY_IN_PROGRESS instead of waiting for what only the application can bring about */
  async acquired(acquire: () => Promise<HeldConnection>): Promise<HeldConnection> {
    if (this.stuck) throw copyInProgress()
    const connection = acquire()
    const { promise, reject } = Promise.withResolvers<never>()
    this.#waiting.add(reject)
    try {
      return await Promise.race([connection, promise])
    } catch (error) {
      connection.then(
        (late) => late.release(),
        () => undefined,
      )
      throw error
    } finally {
      this.#waiting.delete(reject)
    }
  }

  #changed(): void {
    if (this.stuck) for (const reject of this.#waiting) reject(copyInProgress())
  }
}

/**
 * The driver has read all of COPY TO when it pushes the end, whether the application reads it or not. Of a stream that was
 * destroyed it would read no more, and the connection would be lost.
 */
function untilPushed(stream: CopyStream & Required<Pick<CopyStream, 'push'>>, end: () => void): void {
  const { push } = stream
  let closed = false
  stream.push = (chunk, encoding) => {
    const more = push.call(stream, chunk, encoding)
    if (chunk === null) end()
    return more || closed
  }
  stream.once('close', () => {
    closed = true
    if (isBroken(stream.errored)) end()
    else stream._read?.(0)
  })
}
