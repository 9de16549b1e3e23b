import type { Catalog, RelationName, Rewriter, TextPlanner } from '@expand-contract/sql'
import { SeenTexts } from './seen-texts.ts'
import { StatementFacts } from './statement-facts.ts'
import { TwoGenerations } from './two-generations.ts'

/** Texts beyond these are looked at anew: an application may invent texts without end. They and their plans take four bytes a character. */
const KEPT = { texts: 2_000, characters: 4_194_304 }
const MAX_LENGTH = 65_536

/**
 * Texts that were sent once: what is known of them is kept while they are under way, and that they were sent for longer.
 * Most never come again, and what outlives its statement by far costs more to be collected than to be made.
 */
const UNDER_WAY = { texts: 64, characters: 1_048_576 }

/** What can be said of a text, under one catalog, before it is planned. */
export class KnownText {
  readonly text: string
  readonly catalog: Catalog
  readonly facts: StatementFacts
  /** undefined when it cannot name a migrating table. */
  readonly planner: TextPlanner | undefined
  #missing: readonly RelationName[] | undefined

  constructor(text: string, catalog: Catalog, rewriter: Rewriter) {
    this.text = text
    this.catalog = catalog
    this.facts = new StatementFacts(text)
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
  readonly #kept = new TwoGenerations<KnownText>(KEPT)
  readonly #underWay = new TwoGenerations<KnownText>(UNDER_WAY)
  readonly #sentOnce = new SeenTexts()

  constructor(catalog: Catalog, rewriter: Rewriter) {
    this.catalog = catalog
    this.#rewriter = rewriter
  }

  get(text: string): KnownText {
    return this.#kept.get(text) ?? this.#underWay.get(text) ?? this.#look(text)
  }

  #look(text: string): KnownText {
    const known = new KnownText(text, this.catalog, this.#rewriter)
    if (text.length > MAX_LENGTH) return known
    const cache = this.#sentOnce.seen(text) ? this.#kept : this.#underWay
    cache.set(text, known)
    return known
  }
}
