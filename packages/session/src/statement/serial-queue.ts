/** Work of one connection, one piece after the other. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve()
  #pending = 0

  /** Nothing waits, and nothing is being done. */
  get isIdle(): boolean {
    return this.#pending === 0
  }

  /** Does it when everything is done that was taken before, whether that failed or not. */
  take<T>(work: () => Promise<T>): Promise<T> {
    this.#pending++
    const done = this.#last.then(async () => {
      try {
        return await work()
      } finally {
        this.#pending--
      }
    })
    this.#last = done.catch(() => undefined)
    return done
  }

  /** Resolves once everything that was taken is done, what was taken meanwhile included. */
  async idle(): Promise<void> {
    while (this.#pending > 0) await this.#last
  }
}
