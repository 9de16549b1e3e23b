import { keyWord, nameOf, type ScannedStatement, scanStatements } from '../text/statement-scanner.ts'

/** A statement that the application prepared in SQL. */
export interface PreparedStatement {
  readonly name: string
  /** `PREPARE ...` as the application wrote it. */
  readonly text: string
  /** As it was sent; undefined when the server may have lost it. */
  readonly sent: string | undefined
}

const EXECUTE = /\bexecute\b/iu

/**
 * The statements on migrating tables that a session has prepared in SQL (`PREPARE name AS ...`), so that EXECUTE, which
 * names no table, can be told from the rest and follows the flag and the columns as every other statement does.
 */
export class PreparedStatements {
  readonly #byName = new Map<string, PreparedStatement>()
  #confirmed = 0

  /** Those that a text executes. */
  executedIn(text: string): readonly PreparedStatement[] {
    if (this.#byName.size === 0 || !EXECUTE.test(text)) return []
    return scanStatements(text).flatMap(({ words }) =>
      words.flatMap((word, index) => {
        const name = words[index + 1]
        if (keyWord(word) !== 'execute' || name === undefined) return []
        return this.#byName.get(nameOf(name)) ?? []
      }),
    )
  }

  /** The server has completed the next PREPARE of a text; `sent` is that text as it was sent. */
  confirm(text: string, sent: string): void {
    const place = this.#confirmed++
    const [original, rewritten] = [preparesIn(text)[place], preparesIn(sent)[place]]
    const name = original?.words[1]
    if (original === undefined || rewritten === undefined || name === undefined) return
    this.#byName.set(nameOf(name), { name: nameOf(name), text: original.text, sent: rewritten.text })
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
  deallocated(text: string): void {
    if (this.#byName.size === 0) return
    for (const { words } of scanStatements(text)) {
      if (keyWord(words[0]) !== 'deallocate') continue
      const name = words[keyWord(words[1]) === 'prepare' && words.length > 2 ? 2 : 1]
      if (keyWord(name) === 'all') this.#byName.clear()
      else if (name !== undefined) this.#byName.delete(nameOf(name))
    }
  }

  /** DISCARD ALL, DEALLOCATE ALL. */
  clear(): void {
    this.#byName.clear()
  }
}

const preparesIn = (text: string): readonly ScannedStatement[] =>
  scanStatements(text).filter(({ words }) => keyWord(words[0]) === 'prepare' && keyWord(words[1]) !== 'transaction')
