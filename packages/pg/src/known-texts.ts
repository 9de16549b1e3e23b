import type { Catalog, Rewriter } from '@expand-contract/sql'
import { isQuiet } from './transaction-words.ts'

/** What can be said of a text before it is planned. */
export interface TextTraits {
  /** It may name a migrating table. */
  readonly touches: boolean
  /** It is one statement that reads or writes rows: neither the transaction nor the session is another after it. */
  readonly quiet: boolean
}

const TRAITS = {
  passes: { touches: false, quiet: true },
  loud: { touches: false, quiet: false },
  touches: { touches: true, quiet: true },
  touchesLoud: { touches: true, quiet: false },
} as const satisfies Record<string, TextTraits>

/** Texts beyond these are looked at anew: an application may invent texts without end. */
const MAX_TEXTS = 2_000
const MAX_LENGTH = 10_000

/**
 * The traits of texts under one catalog, kept: a look-up costs every statement of the application 0.1 us, where the
 * patterns that find them out cost 0.5.
 */
export class KnownTexts {
  readonly #catalog: Catalog
  readonly #rewriter: Rewriter
  readonly #known = new Map<string, TextTraits>()

  constructor(catalog: Catalog, rewriter: Rewriter) {
    this.#catalog = catalog
    this.#rewriter = rewriter
  }

  traitsOf(text: string): TextTraits {
    return this.#known.get(text) ?? this.#look(text)
  }

  #look(text: string): TextTraits {
    const quiet = isQuiet(text)
    const touches = this.#rewriter.mayTouch(text, this.#catalog)
    const traits = touches ? (quiet ? TRAITS.touches : TRAITS.touchesLoud) : quiet ? TRAITS.passes : TRAITS.loud
    if (text.length > MAX_LENGTH) return traits
    if (this.#known.size >= MAX_TEXTS) this.#known.clear()
    this.#known.set(text, traits)
    return traits
  }
}
