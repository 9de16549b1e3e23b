import { ExpandContractError } from '@expand-contract/core'

/** When the server was down: what a statement of then may fail with. */
export class Outages {
  #count = 0
  #down = false

  begin(): void {
    this.#count++
    this.#down = true
  }

  end(): void {
    this.#down = false
  }

  mark(): { readonly count: number; readonly down: boolean } {
    return { count: this.#count, down: this.#down }
  }

  /** Whether what has failed was begun while it was down, or was under way when it went down, and is an error of the connection. */
  explains(since: { readonly count: number; readonly down: boolean }, error: unknown): boolean {
    const within = since.down || since.count !== this.#count
    return (within || (this.#count > 0 && isOfTheStart(error))) && isOfConnection(error)
  }
}

/**
 * Nobody listens, or it does not take connections yet: no server that is up says so. A driver tells it to whatever waits for the connection, which may be a
 * statement of a moment later.
 */
const isOfTheStart = (error: unknown): boolean => /^(?:57P03|ECONNREFUSED)$/u.test(String(Object(error).code))

/** The server says that it goes down, or comes up; or nobody answers. */
function isOfConnection(error: unknown): boolean {
  if (!(error instanceof Error) || ExpandContractError.isInstance(error)) return false
  if ('severity' in error) return /^57P0[123]$/u.test(String(Object(error).code))
  return /^(?:ECONN\w+|EPIPE|CONNECTION_\w+)$/u.test(String(Object(error).code)) || /connection/iu.test(error.message)
}
