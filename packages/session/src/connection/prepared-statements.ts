import { preparedIn } from '@expand-contract/sql'
import type { StatementFacts } from '../text/statement-facts.ts'

/** A statement that the application prepared in SQL. */
export interface PreparedStatement {
  readonly name: string
  /** `PREPARE ...` as the application wrote it. */
  readonly text: string
  /** As it was sent; undefined when the server may have lost it. */
  readonly sent: string | undefined
}

/**
 * The statements on migrating tables that a session has prepared in SQL (`PREPARE name AS ...`), so that EXECUTE, which
 * names no table, can be told from the rest and follows the flag and the columns as every other statement does.
 */
export class PreparedStatements {
  readonly #byName = new Map<string, PreparedStatement>()
  #confirmed = 0

  /** Those that a text executes. */
  executedIn(text: Pick<StatementFacts, 'executes'>): readonly PreparedStatement[] {
    return this.#byName.size === 0 ? [] : text.executes.flatMap((name) => this.#byName.get(name) ?? [])
  }

  /** The server has completed the next PREPARE of a text; `sent` is that text as it was sent. */
  confirm(text: string, sent: string): void {
    const place = this.#confirmed++
    const [original, rewritten] = [preparedIn(text)[place], preparedIn(sent)[place]]
    if (original === undefined || rewritten === undefined) return
    this.#byName.set(original.name, { ...original, sent: rewritten.text })
  }

  /** The server has answered a text as a whole. */
  answered(): void {
    this.#confirmed = 0
  }

  preparedAgain(prepared: PreparedStatement, sent: string): void {
    this.#byName.set(prepared.name, { ...prepared, sent })
  }

  /** The server has it no more, though the application has not given it up. */
  lost(prepared: PreparedStatement): void {
    this.#byName.set(prepared.name, { ...prepared, sent: undefined })
  }

  /** The server has completed a DEALLOCATE of a text. */
  deallocated({ deallocates }: Pick<StatementFacts, 'deallocates'>): void {
    if (deallocates === 'all') this.clear()
    else for (const name of deallocates) this.#byName.delete(name)
  }

  /** DISCARD ALL, DEALLOCATE ALL. */
  clear(): void {
    this.#byName.clear()
  }
}
