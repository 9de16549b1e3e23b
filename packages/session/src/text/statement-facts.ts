import { mentions, skipBlanks } from '@expand-contract/core'
import { keyWord, nameOf, type StatementInText, statementsIn, type TextInStatements } from './statements-in.ts'

export type TransactionEffect = 'opens' | 'closes' | 'chains'

/**
 * What can be told of a text without parsing it: whether it controls a transaction or the session. It is used where the
 * database has not answered yet (pipelines), and to keep queries of ours out of places where they would do harm. What a
 * statement is, its first word says; names and what stands in literals say nothing. What functions of the application do is not seen.
 *
 * The tokens are looked at when something is asked that they tell, and once. Most texts ask for nothing but `rowsOnly`.
 */
export class StatementFacts {
  readonly text: string
  #rowsOnly: boolean | undefined
  #read: TextInStatements | undefined

  constructor(text: string) {
    this.text = text
  }

  /**
   * It is one statement that reads or writes rows and no more: it neither begins nor ends a transaction, changes no setting,
   * makes no table, and prepares and executes nothing.
   */
  get rowsOnly(): boolean {
    this.#rowsOnly ??= beginsOnRows(this.text) && (isPlain(this.text) || this.#isOnRows())
    return this.#rowsOnly
  }

  get statements(): readonly StatementInText[] {
    return this.#tokens.statements
  }

  /** It is done whole or not at all: every statement of it reads or writes rows, and none has an effect that is not undone with it. */
  get isRepeatable(): boolean {
    if (this.rowsOnly) return true
    return !this.#tokens.doubtful && this.statements.every(({ words }) => ON_ROWS.has(keyWord(words[0])))
  }

  /** One statement that controls the transaction or session, and reads no table. */
  get control(): boolean {
    const [words = NOTHING] = this.#wordsUnlessRows()
    const [first, second, third] = words.slice(0, 3).map(keyWord)
    if (first === 'set' && second === 'constraints' && third !== 'all') return false
    return (CONTROL.has(first ?? '') || (first === 'prepare' && second === 'transaction')) && this.#isOne
  }

  /**
   * It must find its transaction without a snapshot, whatever follows in it: LOCK before a REPEATABLE READ snapshot is
   * taken, and SET TRANSACTION, which fails after any query.
   */
  get mustComeFirst(): boolean {
    const [words = NOTHING] = this.#wordsUnlessRows()
    const [first, ...rest] = words.slice(0, 3).map(keyWord)
    const [second, third] = rest
    return first === 'lock' || (first === 'set' && (LEVELS.has(second ?? '') ? third : second) === 'transaction')
  }

  /** It ends its transaction, or a part of it, and goes on. */
  get endsFirst(): boolean {
    const [words = NOTHING] = this.#wordsUnlessRows()
    return ENDS.has(keyWord(words[0])) && !this.#isOne
  }

  /** What it does to the transaction it is sent in, should it succeed; undefined when nothing changes. */
  get effect(): TransactionEffect | undefined {
    return this.#effects().at(-1)
  }

  /** It begins a transaction, whether it also ends it or not. */
  get opens(): boolean {
    return this.#effects().includes('opens')
  }

  get chains(): boolean {
    return this.#effects().includes('chains')
  }

  /** It may change which relation a name stands for. */
  get mayChangePath(): boolean {
    return this.#some(PATH_NAMES, (each) => changesPath(each) || each.callsSetConfig)
  }

  /** The connection may have another search path after it, and keep it. */
  get leavesAnotherPath(): boolean {
    return this.#some(PATH_NAMES, (each) => (changesPath(each) && !isLocal(each)) || each.callsSetConfig)
  }

  get callsSetConfig(): boolean {
    return this.#some(['set_config'], (each) => each.callsSetConfig)
  }

  /** It may change the catalog. */
  get mayChangeCatalog(): boolean {
    return this.#some(DDL, changesCatalog)
  }

  /** CREATE TABLE AS and SELECT INTO, whose command tag is that of SELECT. */
  get makesTable(): boolean {
    return this.#some(['create', 'into'], (each) => each.makesTable || keyWord(each.words[0]) === 'create')
  }

  /** The names of prepared statements that it executes. */
  get executes(): readonly string[] {
    return this.#wordsUnlessRows().flatMap((words) =>
      words.flatMap((word, index) => {
        const name = words[index + 1]
        return keyWord(word) === 'execute' && name !== undefined ? [nameOf(name)] : []
      }),
    )
  }

  /** The names that it deallocates. */
  get deallocates(): readonly string[] | 'all' {
    const named = this.#wordsUnlessRows().flatMap((words) => {
      if (keyWord(words[0]) !== 'deallocate') return []
      return words[keyWord(words[1]) === 'prepare' && words.length > 2 ? 2 : 1] ?? []
    })
    return named.some((name) => keyWord(name) === 'all') ? 'all' : named.map(nameOf)
  }

  get #tokens(): TextInStatements {
    this.#read ??= statementsIn(this.text)
    return this.#read
  }

  get #isOne(): boolean {
    return this.#tokens.one && !this.#tokens.doubtful
  }

  #isOnRows(): boolean {
    return this.#isOne && this.statements.every((each) => !each.makesTable && !each.callsSetConfig)
  }

  #wordsUnlessRows(): readonly (readonly string[])[] {
    return this.rowsOnly ? NOTHING : this.statements.map(({ words }) => words)
  }

  #effects(): readonly TransactionEffect[] {
    return this.rowsOnly ? NOTHING : this.statements.flatMap((each) => effectOf(each) ?? [])
  }

  /** Where the tokens are in doubt, the words that matter may stand anywhere. */
  #some(words: readonly string[], is: (statement: StatementInText) => boolean): boolean {
    if (this.rowsOnly) return false
    return this.statements.some(is) || (this.#tokens.doubtful && mentions(this.text, words))
  }
}

const ON_ROWS = new Set('select insert update delete merge values with table explain execute'.split(' '))

const NOTHING: readonly never[] = Object.freeze([])

const CONTROL = new Set(
  'begin start set reset discard commit end rollback abort savepoint release lock show listen unlisten notify deallocate'.split(
    ' ',
  ),
)
const ENDS = new Set(['commit', 'end', 'rollback', 'abort'])
const LEVELS = new Set(['local', 'session'])
const PATH_NAMES = ['search_path', 'schema', 'role', 'authorization', 'reset', 'discard', 'set_config']
const DDL = ['create', 'alter', 'drop', 'into', 'do', 'call']

const ROWS_ONLY = /(?:select|insert|update|delete|merge|values|with|table)\b/iuy

/** The first word behind comments and brackets. */
function beginsOnRows(text: string): boolean {
  let at = skipBlanks(text, 0)
  while (text[at] === '(') at = skipBlanks(text, at + 1)
  ROWS_ONLY.lastIndex = at
  return ROWS_ONLY.test(text)
}

/** INTO that is not that of INSERT or MERGE. */
const INTO = /(?<!\b(?:insert|merge)\s+)\binto\b/iu
/** May be a call of set_config: what begins with `U&"` may be any name. Apart from the other, since both in one pattern take three times as long. */
const SETS = /set_config|u&"/iu

/** Nothing in it could be more than one statement on rows: 0.1 to 0.3 us for a text that is sent once, where its tokens take 3 to 20. */
function isPlain(text: string): boolean {
  const end = text.indexOf(';')
  return (end < 0 || text.slice(end + 1).trim() === '') && !INTO.test(text) && !SETS.test(text)
}

function effectOf({ words }: StatementInText): TransactionEffect | undefined {
  const [first, second] = words.slice(0, 2).map(keyWord)
  switch (first) {
    case 'begin':
      return 'opens'
    case 'start':
      return second === 'transaction' ? 'opens' : undefined
    case 'prepare':
      return second === 'transaction' ? 'closes' : undefined
    case 'commit':
    case 'end':
    case 'rollback':
    case 'abort': {
      const rest = words.slice(1, 8).map(keyWord)
      if (second === 'prepared' || rest.includes('to')) return undefined
      const chain = rest.indexOf('chain')
      return chain > 0 && rest[chain - 1] === 'and' ? 'chains' : 'closes'
    }
    default:
      return undefined
  }
}

const isLocal = ({ words }: StatementInText): boolean => keyWord(words[1]) === 'local'

/** SET and RESET of what tells which relation a name stands for, and DISCARD, which drops temporary tables. */
function changesPath({ words }: StatementInText): boolean {
  const first = keyWord(words[0])
  if (first === 'discard') return true
  if (first !== 'set' && first !== 'reset') return false
  // The names of settings are the same in any case, quoted or not.
  const setting = words.slice(1, 4).map((word) => nameOf(word).toLowerCase())
  const name = setting.find((word) => !LEVELS.has(word)) ?? ''
  return SETTINGS.has(name) || (first === 'reset' && name === 'all')
}

const SETTINGS = new Set(['search_path', 'schema', 'role', 'authorization', 'session_authorization'])

function changesCatalog({ words, makesTable }: StatementInText): boolean {
  const first = keyWord(words[0])
  return makesTable || DDL.includes(first) || (first === 'explain' && words.some((word) => DDL.includes(keyWord(word))))
}
