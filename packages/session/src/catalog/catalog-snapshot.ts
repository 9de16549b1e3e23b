import type { CatalogPhases } from '@expand-contract/core'
import type { Catalog, RelationName } from '@expand-contract/sql'
import type { KnownTexts } from '../text/known-texts.ts'
import type { Watched } from './catalog-content.ts'

export interface SnapshotFacts {
  readonly texts: KnownTexts
  readonly digest: string
  readonly watched: Watched
  /** Every name that was looked up: those of the migrations, and what statements needed besides. */
  readonly requested: readonly RelationName[]
}

/** The catalog as one search path sees it. One object per path, renewed in place; `catalog` is a new one when it differs. */
export class CatalogSnapshot {
  /** The effective search path, as a JSON array. */
  readonly path: string
  #facts: SnapshotFacts
  #stamp: string | undefined
  #phases: CatalogPhases | undefined
  #phasesAnswer: string | null | undefined
  #phasesSince = Number.NEGATIVE_INFINITY
  /** When the query that this content came from was sent, by Date.now(). */
  loadedAt = Number.NEGATIVE_INFINITY
  /** From when on the next statement renews it. */
  refreshAt = Number.NEGATIVE_INFINITY

  constructor(path: string, facts: SnapshotFacts) {
    this.path = path
    this.#facts = facts
  }

  get catalog(): Catalog {
    return this.#facts.texts.catalog
  }

  get texts(): KnownTexts {
    return this.#facts.texts
  }

  get digest(): string {
    return this.#facts.digest
  }

  get watched(): Watched {
    return this.#facts.watched
  }

  get requested(): readonly RelationName[] {
    return this.#facts.requested
  }

  /** What its database has recorded of phases; undefined unless they are read with the catalog. */
  get phases(): CatalogPhases | undefined {
    return this.#phases
  }

  /** When they were first known to be so, by Date.now(): a transaction that began later sees all that they rely on. */
  get phasesSince(): number {
    return this.#phasesSince
  }

  /** The answer `phases` of a query, as of now. */
  phasesRead(answer: string | null | undefined, read: (answer: string | null) => CatalogPhases): void {
    if (answer === undefined || answer === this.#phasesAnswer) return
    this.#phasesAnswer = answer
    this.#phases = read(answer)
    this.#phasesSince = Date.now()
  }

  /** Proves, when it is answered again, that the content is the same; undefined until it has been proven once itself. */
  get stamp(): string | undefined {
    return this.#stamp
  }

  replaced(facts: SnapshotFacts, stamp: string | undefined): void {
    this.#facts = facts
    this.#stamp = stamp
  }

  /** True when a statement may use it without renewing it. A clock that was set back does not make it last longer. */
  isFresh(now: number): boolean {
    return now < this.refreshAt && now >= this.loadedAt
  }

  /**
   * Known to be right as of `at`. It is renewed from half of the lease on, so that one client does it while the others
   * still may use what there is.
   */
  renewed(at: number, leaseMs: number): void {
    this.loadedAt = at
    this.refreshAt = at + leaseMs / 2
  }

  /** A client renews it now; the others leave it alone until the lease is over. */
  claimed(leaseMs: number): void {
    this.refreshAt = Math.max(this.refreshAt, this.loadedAt + leaseMs)
  }

  /** No statement may use it any more before it is renewed. */
  expired(): void {
    this.loadedAt = Number.NEGATIVE_INFINITY
    this.refreshAt = Number.NEGATIVE_INFINITY
  }
}
