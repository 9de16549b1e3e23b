import { lex, nameOfToken } from '@expand-contract/core'

/** One statement of a text, as far as its tokens tell. */
export interface StatementInText {
  readonly text: string
  /** Key words and names in order, as they are written. */
  readonly words: readonly string[]
  /** SELECT ... INTO. */
  readonly makesTable: boolean
  readonly callsSetConfig: boolean
}

export interface TextInStatements {
  readonly statements: readonly StatementInText[]
  /** Nothing stands behind the first semicolon. */
  readonly one: boolean
  /** Set by a literal that ends elsewhere where standard_conforming_strings is off, and by what PostgreSQL's lexer does not know. */
  readonly doubtful: boolean
}

/** Takes a text apart by its tokens, in one pass of some microseconds per hundred characters. */
export function statementsIn(text: string): TextInStatements {
  const statements: Statement[] = []
  let current = new Statement(0)
  let [one, ended, doubtful] = [true, false, false]
  const known = lex(text, (kind, from, to) => {
    if (ended) one = false
    if (kind === 'symbol') {
      const symbol = text[from] ?? ''
      ended ||= symbol === ';'
      if (symbol === ';' && current.isComplete) {
        statements.push(current.until(text, from))
        current = new Statement(to)
      } else current.symbol(symbol)
    } else if (kind === 'word' || kind === 'quoted') current.word(text.slice(from, to), kind === 'word')
    else {
      doubtful ||= text[from] === "'" && text.slice(from, to).includes('\\')
      current.value()
    }
  })
  statements.push(current.until(text, text.length))
  return { statements: statements.filter(({ words }) => words.length > 0), one, doubtful: doubtful || !known }
}

const SET_CONFIG = 'set_config'

/** Before INTO: of INSERT and MERGE, or where INTO is the label of a column. */
const LEAVES_NO_TABLE = new Set(['insert', 'merge', 'as', '.'])

const ROUTINES = new Set(['function', 'procedure'])

class Statement implements StatementInText {
  text = ''
  readonly words: string[] = []
  makesTable = false
  callsSetConfig = false
  readonly #start: number
  /** What a semicolon does not end: the actions of a rule, in brackets, and the body of a function that is written in SQL (`BEGIN ATOMIC`). */
  #brackets = 0
  #blocks = 0
  /** The symbol or name before. */
  #before = ''

  constructor(start: number) {
    this.#start = start
  }

  until(text: string, end: number): this {
    this.text = text.slice(this.#start, end)
    return this
  }

  get isComplete(): boolean {
    return this.#brackets + this.#blocks === 0
  }

  symbol(symbol: string): void {
    if (symbol === '(') this.#brackets++
    if (symbol === ')' && this.#brackets > 0) this.#brackets--
    this.callsSetConfig ||= symbol === '(' && this.#before === SET_CONFIG
    this.#before = symbol
  }

  word(word: string, plain: boolean): void {
    this.words.push(word)
    const name = nameOfToken(word) ?? word
    if (plain) {
      this.makesTable ||= name === 'into' && !LEAVES_NO_TABLE.has(this.#before)
      if (name === 'atomic' || name === 'case' || name === 'end') this.#nest(name)
      // A name in front of it may be any.
      if (name === 'uescape') this.callsSetConfig = true
    }
    this.#before = name
  }

  value(): void {
    this.#before = ''
  }

  #nest(word: 'atomic' | 'case' | 'end'): void {
    if (word === 'atomic') {
      const [create, kind, , routine] = this.words.map(keyWord)
      const made = create === 'create' && ROUTINES.has((kind === 'or' ? routine : kind) ?? '')
      if (made && keyWord(this.words.at(-2)) === 'begin') this.#blocks++
    } else if (this.#blocks > 0) this.#blocks += word === 'case' ? 1 : -1
  }
}

/** The word as a key word: lower case, and none that was quoted. */
export const keyWord = (word: string | undefined): string => word?.toLowerCase() ?? ''

/** The name that a word stands for; another escape character than the backslash, by UESCAPE, is not looked for. */
export const nameOf = (word: string): string => nameOfToken(word) ?? word
