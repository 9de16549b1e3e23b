import { isBroken } from './copy-streams.ts'

/**
 * A connection that is lost is sent nothing more: what the driver is handed between the error of a socket and its end is neither sent
 * nor answered, for ever.
 */
export class ConnectionLoss {
  #lost: { readonly error: unknown } | undefined

  get known(): boolean {
    return this.#lost !== undefined
  }

  async guard<T>(send: () => Promise<T>): Promise<T> {
    if (this.#lost !== undefined) throw this.#lost.error
    try {
      return await send()
    } catch (error) {
      if (isBroken(error)) this.#lost ??= { error }
      throw error
    }
  }
}
