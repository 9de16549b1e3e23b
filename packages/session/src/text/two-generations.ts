export interface GenerationLimits {
  /** Texts that are kept. */
  readonly texts: number
  /** All of them together, in characters. */
  readonly characters: number
}

/**
 * Something for each text. What was asked for lately stays; what was not goes, half of all at a time, so that a look-up
 * costs no more than that of a map.
 */
export class TwoGenerations<T> {
  readonly #limits: GenerationLimits
  #recent = new Map<string, T>()
  #older = new Map<string, T>()
  #characters = 0

  constructor(limits: GenerationLimits) {
    this.#limits = limits
  }

  get(text: string): T | undefined {
    const recent = this.#recent.get(text)
    if (recent !== undefined) return recent
    const older = this.#older.get(text)
    if (older !== undefined) this.set(text, older)
    return older
  }

  set(text: string, value: T): void {
    const { texts, characters } = this.#limits
    if (this.#recent.size >= texts / 2 || this.#characters >= characters / 2) {
      this.#older = this.#recent
      this.#recent = new Map()
      this.#characters = 0
    }
    this.#recent.set(text, value)
    this.#characters += text.length
  }
}
