import { lex, nameOfToken } from '@expand-contract/core'

/** One statement of a text: itself, and its words in order (key words and names, as they are written). */
export interface ScannedStatement {
  readonly text: string
  readonly words: readonly string[]
}

/**
 * Takes a text apart without parsing it, for the few questions that come up before or without the parser's answer. It
 * needs some microseconds per hundred characters, so ask something cheaper first.
 */
export function scanStatements(text: string): readonly ScannedStatement[] {
  const statements: ScannedStatement[] = []
  let words: string[] = []
  let start = 0
  const within = new Nesting()
  lex(text, (kind, from, to) => {
    if (kind === 'symbol') {
      if (text[from] === ';' && within.open === 0) {
        statements.push({ text: text.slice(start, from), words })
        words = []
        start = to
        within.begin()
      } else within.symbol(text[from])
    } else if (kind === 'word' || kind === 'quoted') {
      const word = text.slice(from, to)
      words.push(word)
      if (kind === 'word') within.word(word, words)
    }
  })
  statements.push({ text: text.slice(start), words })
  return statements.filter((statement) => statement.words.length > 0)
}

/** What a semicolon does not end: the actions of a rule, in brackets, and the body of a function that is written in SQL (`BEGIN ATOMIC`). */
class Nesting {
  #brackets = 0
  #blocks = 0

  get open(): number {
    return this.#brackets + this.#blocks
  }

  begin(): void {
    this.#brackets = 0
    this.#blocks = 0
  }

  symbol(symbol: string | undefined): void {
    if (symbol === '(') this.#brackets++
    if (symbol === ')' && this.#brackets > 0) this.#brackets--
  }

  word(word: string, before: readonly string[]): void {
    if (!/^(?:atomic|case|end)$/iu.test(word)) return
    const lower = word.toLowerCase()
    if (lower === 'atomic') {
      const [create, kind, , routine] = before.map(keyWord)
      const made = create === 'create' && ROUTINES.has((kind === 'or' ? routine : kind) ?? '')
      if (made && keyWord(before.at(-2)) === 'begin') this.#blocks++
    } else if (this.#blocks > 0) this.#blocks += lower === 'case' ? 1 : -1
  }
}

const ROUTINES = new Set(['function', 'procedure'])

/** The word as a key word: lower case, and none that was quoted. */
export const keyWord = (word: string | undefined): string => word?.toLowerCase() ?? ''

/** The name that a word stands for, as PostgreSQL folds it. */
export const nameOf = (word: string): string => nameOfToken(word) ?? word
