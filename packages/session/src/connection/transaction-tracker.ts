import type { Pins } from '@expand-contract/core'
import type { StatementFacts } from '../text/statement-facts.ts'

/** 'I': none is open. 'T': one is. 'E': one is, and it has failed. As PostgreSQL says after every statement. */
export type TransactionStatus = 'I' | 'T' | 'E'

/**
 * The transaction that statements of one connection belong to, and the read sides pinned in it. A pipeline sends before
 * the database has answered, so there the words of what was sent say which transaction the next statement is in.
 */
export class TransactionTracker {
  /** As the database said last. */
  status: TransactionStatus = 'I'
  /** When the open transaction was seen to begin, by Date.now(); what it reads is not older. */
  begunAt = Number.NEGATIVE_INFINITY
  #open = false
  #pins: Pins | undefined
  #tags = 0
  #chained = false

  /** The next statement is about to be sent. Outside of a transaction it has pins of its own. */
  begin(): void {
    if (!this.#open) this.#pins = undefined
  }

  /** The next statement runs in a transaction that goes on after it. */
  get open(): boolean {
    return this.#open
  }

  /** The pins of the statement that is being sent. */
  pins(): Pins {
    this.#pins ??= new Map()
    return this.#pins
  }

  /** In a pipeline: this text was sent, and its answer is still to come. */
  sent({ effect }: Pick<StatementFacts, 'effect'>): void {
    if (effect === 'opens') this.#open = true
    if (effect === 'closes') this.#open = false
    if (effect === 'closes' || effect === 'chains') this.#pins = undefined
  }

  /** The database has completed one statement of what was sent. */
  tag(tag: string, sent: Pick<StatementFacts, 'chains'>): void {
    this.#tags++
    this.#chained = tag === 'COMMIT' || (tag === 'ROLLBACK' && sent.chains)
    if (this.#chained || tag === 'BEGIN' || tag === 'START TRANSACTION') this.begunAt = Date.now()
  }

  /** The database has answered everything that one call sent; `alone` unless a pipeline has more under way. */
  ready(status: TransactionStatus, alone: boolean): void {
    if (this.status === 'I' && status !== 'I') this.begunAt = Date.now()
    this.status = status
    if (alone) {
      this.#open = status !== 'I'
      // COMMIT AND CHAIN alone leads into a new transaction. Within a longer text its statements belong together.
      if (!this.#open || (this.#chained && this.#tags === 1)) this.#pins = undefined
    }
    this.#tags = 0
    this.#chained = false
  }
}
