/** Numbers that agree in their last bits share a set, in which the oldest one goes: texts that take turns do not drive out each other. */
const SETS = 2_048
const WAYS = 8
/** Characters that are looked at, spread over the text: where two differ in others alone, they pass for one. */
const LOOKED_AT = 128
/** Of these all are: what differs often stands at the end. */
const LAST = 64

const PRIME = 0x01000193

/**
 * Remembers which texts came lately, by number instead of by text: 4,000 texts that each live until they are pushed out would be what
 * V8 copies at every scavenge, and its young generation grows for it (54 MB instead of 24). A text may be forgotten, or taken
 * for one that has come before: whoever asks must be right with either answer.
 */
export class SeenTexts {
  readonly #slots = new Int32Array(SETS * WAYS)
  /** The way of each set that is to go next. */
  readonly #next = new Uint8Array(SETS)

  /** Whether it has come before; from now on it has. */
  seen(text: string): boolean {
    const hash = hashOf(text)
    const set = hash & (SETS - 1)
    for (let way = 0; way < WAYS; way++) if (this.#slots[set * WAYS + way] === hash) return true
    const next = this.#next[set] ?? 0
    this.#slots[set * WAYS + next] = hash
    this.#next[set] = (next + 1) % WAYS
    return false
  }
}

/** FNV-1a over the length, the last characters and others spread over the text; never 0, which is an empty slot. */
function hashOf(text: string): number {
  const { length } = text
  const spread = Math.max(0, length - LAST)
  const step = Math.max(1, Math.floor(spread / LOOKED_AT))
  let hash = 0x811c9dc5 ^ length
  for (let at = spread; at < length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME)
  for (let at = 0; at < spread; at += step) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME)
  // The last bits choose the set, and FNV mixes them least.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash ^= hash >>> 13
  return hash === 0 ? 1 : hash
}
