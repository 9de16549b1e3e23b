/** A token whose text says nothing of what the statement does: a string, an integer, another number, or a parameter. */
export type Neutral = 's' | 'i' | 'f' | 'p'

export interface ShapeToken {
  readonly kind: Neutral | undefined
  /** What it is to the shape: its kind, or its text, with a mark where something parts it from the one before. */
  readonly sign: string
}

/** Elements of a list that have the same tokens, of which the places alone are kept. */
interface Block {
  readonly first: number
  /** The token behind the last one. */
  readonly end: number
  /** How many tokens stand before it outside of blocks. */
  readonly before: number
  readonly element: readonly ShapeToken[]
  /** Start and end of each token. */
  readonly places: Int32Array
}

/**
 * The tokens of a text, by their number. Of a long list there are as many as there are values: four entries for each would be the
 * most of what reading it takes.
 */
export class TokenList {
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  readonly #kinds: (Neutral | undefined)[] = []
  readonly #signs: string[] = []
  readonly #blocks: Block[] = []
  #inBlocks = 0
  /** The one that was asked for last. */
  #latest = 0

  get length(): number {
    return this.#starts.length + this.#inBlocks
  }

  add(start: number, end: number, kind: Neutral | undefined, sign: string): void {
    this.#starts.push(start)
    this.#ends.push(end)
    this.#kinds.push(kind)
    this.#signs.push(sign)
  }

  /** Adds so many tokens, in elements that are all alike. */
  addBlock(element: readonly ShapeToken[], places: Int32Array, count: number): void {
    const first = this.length
    this.#blocks.push({ first, end: first + count, before: this.#starts.length, element, places })
    this.#inBlocks += count
  }

  /** UTF-16 offset; 0 for a token that is not there. */
  start(index: number): number {
    const block = this.#blockBefore(index)
    if (block === undefined) return this.#starts[index] ?? 0
    if (index < block.end) return block.places[2 * (index - block.first)] ?? 0
    return this.#starts[index - block.end + block.before] ?? 0
  }

  end(index: number): number {
    const block = this.#blockBefore(index)
    if (block === undefined) return this.#ends[index] ?? 0
    if (index < block.end) return block.places[2 * (index - block.first) + 1] ?? 0
    return this.#ends[index - block.end + block.before] ?? 0
  }

  /** undefined for a token that is not neutral. */
  kind(index: number): Neutral | undefined {
    const block = this.#blockBefore(index)
    if (block === undefined) return this.#kinds[index]
    if (index < block.end) return block.element[(index - block.first) % block.element.length]?.kind
    return this.#kinds[index - block.end + block.before]
  }

  sign(index: number): string {
    const block = this.#blockBefore(index)
    if (block === undefined) return this.#signs[index] ?? ''
    if (index < block.end) return block.element[(index - block.first) % block.element.length]?.sign ?? ''
    return this.#signs[index - block.end + block.before] ?? ''
  }

  /** The last block that does not begin behind a token. Most tokens are asked for in order. */
  #blockBefore(index: number): Block | undefined {
    const blocks = this.#blocks
    if (blocks.length === 0) return undefined
    let at = this.#latest
    while (at > 0 && (blocks[at]?.first ?? 0) > index) at--
    while (at + 1 < blocks.length && (blocks[at + 1]?.first ?? 0) <= index) at++
    this.#latest = at
    const found = blocks[at]
    return found !== undefined && found.first <= index ? found : undefined
  }
}
