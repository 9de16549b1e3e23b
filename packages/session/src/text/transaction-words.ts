import { lex, skipBlanks } from '@expand-contract/core'
import { keyWord, nameOf, type ScannedStatement, scanStatements } from './statement-scanner.ts'

/**
 * What can be told of a text without parsing it: whether it controls a transaction or the session. It is used where the
 * database has not answered yet (pipelines), and to keep queries of ours out of places where they would do harm. What a text
 * is, its first word says; words elsewhere, which may be names or stand in a literal, only tell where a closer look is due.
 */

const CONTROL =
  /(?:begin|start|set|reset|discard|commit|end|rollback|abort|savepoint|release|lock|show|listen|unlisten|notify|deallocate|prepare\s+transaction)\b/iuy
const MUST_COME_FIRST = /(?:lock|set\s+(?:local\s+|session\s+)?transaction)\b/iuy
const ENDS = /(?:commit|end|rollback|abort)\b/iuy
const ROWS_ONLY = /(?:select|insert|update|delete|merge|values|with|table)\b/iuy
const PATH_WORDS = /search_path|\b(?:schema|role|authorization|reset|discard|set_config)\b/iu
const DDL_WORDS = /\b(?:create|alter|drop|into|do|call)\b/iu
const TRANSACTION_WORDS = /\b(?:begin|start|commit|end|rollback|abort|prepare)\b/iu

function startsWith(pattern: RegExp, text: string, at = skipBlanks(text, 0)): boolean {
  pattern.lastIndex = at
  return pattern.test(text)
}

/** True for one statement that controls the transaction or session, and reads no table. */
export const isControl = (text: string): boolean => startsWith(CONTROL, text) && isOne(text) && !namesConstraints(text)

/** SET CONSTRAINTS names constraints of tables. */
function namesConstraints(text: string): boolean {
  if (!/constraints/iu.test(text)) return false
  const [set, constraints, all] = (scanStatements(text)[0]?.words ?? []).map(keyWord)
  return set === 'set' && constraints === 'constraints' && all !== 'all'
}

/**
 * True for a text that must find its transaction without a snapshot, whatever follows in it: LOCK before a REPEATABLE
 * READ snapshot is taken, and SET TRANSACTION, which fails after any query.
 */
export const mustComeFirst = (text: string): boolean => startsWith(MUST_COME_FIRST, text)

/** True for a text that ends its transaction, or a part of it, and goes on. */
export const endsFirst = (text: string): boolean => startsWith(ENDS, text) && !isOne(text)

/** True for a text that may change which relation a name stands for. */
export const mayChangePath = (text: string): boolean => PATH_WORDS.test(text)

/** True for a text that may change the catalog. */
export const mayChangeCatalog = (text: string): boolean => DDL_WORDS.test(text)

/** INTO that is not that of INSERT or MERGE, so that the text is scanned only where it may be that of SELECT. */
const INTO = /(?<!\b(?:insert|merge)\s+)\binto\b/iu

/** True for SELECT ... INTO, which makes a table. */
export const makesTable = (text: string): boolean => INTO.test(text) && tokenFacts(text).makesTable

/** True for a text of one statement, with a semicolon behind it or none. */
const isOne = (text: string): boolean => endsAtFirstSemicolon(text) || tokenFacts(text).one

function endsAtFirstSemicolon(text: string): boolean {
  const end = text.indexOf(';')
  return end < 0 || text.slice(end + 1).trim() === ''
}

/**
 * True for one statement that reads or writes rows and no more, as far as its tokens tell: it neither begins nor ends a
 * transaction, changes no setting, and prepares and executes nothing. What functions of the application do is not seen.
 */
export function isRowsOnly(text: string): boolean {
  let at = skipBlanks(text, 0)
  while (text[at] === '(') at = skipBlanks(text, at + 1)
  if (!startsWith(ROWS_ONLY, text, at)) return false
  const plain = endsAtFirstSemicolon(text) && !INTO.test(text) && !SETS.test(text)
  return plain || tokenFacts(text).rowsOnly
}

/** May be a call of set_config: what begins with `U&"` may be any name. */
const SETS = /set_config|u&"/iu

interface TokenFacts {
  /** Nothing stands behind the first semicolon. */
  readonly one: boolean
  readonly makesTable: boolean
  /** It is one statement that makes no table and calls no set_config. */
  readonly rowsOnly: boolean
}

function tokenFacts(text: string): TokenFacts {
  let [one, ended, makes, sets] = [true, false, false, false]
  /** Set by a literal that ends elsewhere where standard_conforming_strings is off. */
  let doubtful = false
  let before = ''
  const known = lex(text, (kind, start, end) => {
    if (ended) one = false
    const first = text[start]
    if (kind === 'symbol') {
      ended ||= first === ';'
      sets ||= first === '(' && before === 'set_config'
      before = first ?? ''
    } else if (kind === 'word' || kind === 'quoted') {
      const name = nameOf(text.slice(start, end))
      makes ||= kind === 'word' && name === 'into' && !LEAVES_NO_TABLE.has(before)
      before = name
    } else {
      doubtful ||= first === "'" && text.slice(start, end).includes('\\')
      before = ''
    }
  })
  return { one: one && known, makesTable: makes, rowsOnly: known && one && !makes && !sets && !doubtful }
}

/** Before INTO: of INSERT and MERGE, or where INTO is the label of a column. */
const LEAVES_NO_TABLE = new Set(['insert', 'merge', 'as', '.'])

export type TransactionEffect = 'opens' | 'closes' | 'chains'

/** What a text does to the transaction it is sent in, should it succeed; undefined when nothing changes. */
export function transactionEffect(text: string): TransactionEffect | undefined {
  if (!TRANSACTION_WORDS.test(text)) return undefined
  return scanStatements(text).reduce<TransactionEffect | undefined>(
    (before, each) => effectOf(each) ?? before,
    undefined,
  )
}

function effectOf({ words }: ScannedStatement): TransactionEffect | undefined {
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
