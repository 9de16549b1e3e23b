import type { Catalog, RelationName, Rewriter, TextPlanner } from '@expand-contract/sql'
import { isQuiet } from './transaction-words.ts'

/** Texts beyond these are looked at anew, those first that were not sent for the longest time: an application may invent texts without end. */
const MAX_TEXTS = 2_000
const MAX_LENGTH = 65_536
/** All of them together, in characters: they and their plans take four times as many bytes. */
const MAX_TOTAL = 4_194_304

/** What can be said of a text, under one catalog, before it is planned. */
export class KnownText {
  readonly text: string
  readonly catalog: Catalog
  /** It is one statement that reads or writes rows: neither the transaction nor the session is another after it. */
  readonly quiet: boolean
  /** undefined when it cannot name a migrating table. */
  readonly planner: TextPlanner | undefined
  #missing: readonly RelationName[] | undefined

  constructor(text: string, catalog: Catalog, rewriter: Rewriter) {
    this.text = text
    this.catalog = catalog
    this.quiet = isQuiet(text)
    this.planner = rewriter.mayTouch(text, catalog) ? rewriter.planner(text, catalog) : undefined
  }

  /** Relations that the text names and the catalog has not. */
  get missing(): readonly RelationName[] {
    if (this.#missing !== undefined) return this.#missing
    const missing = this.planner?.missing() ?? []
    if (this.planner?.failed !== true) this.#missing = missing
    return missing
  }
}

/**
 * What is known of texts under one catalog. The look-up costs every statement of the application 0.1 us, where the
 * patterns that find it out cost 0.5.
 */
export class KnownTexts {
  readonly catalog: Catalog
  readonly #rewriter: Rewriter
  /** Those that were sent lately, and those before them, which go when there are too many of the former. */
  #recent = new Map<string, KnownText>()
  #older = new Map<string, KnownText>()
  #length = 0

  constructor(catalog: Catalog, rewriter: Rewriter) {
    this.catalog = catalog
    this.#rewriter = rewriter
  }

  get(text: string): KnownText {
    return this.#recent.get(text) ?? this.#look(text)
  }

  #look(text: string): KnownText {
    const known = this.#older.get(text) ?? new KnownText(text, this.catalog, this.#rewriter)
    if (text.length > MAX_LENGTH) return known
    if (this.#recent.size >= MAX_TEXTS / 2 || this.#length >= MAX_TOTAL / 2) {
      this.#older = this.#recent
      this.#recent = new Map()
      this.#length = 0
    }
    this.#recent.set(text, known)
    this.#length += text.length
    return known
  }
}
