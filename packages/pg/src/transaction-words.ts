import { keyWord, type ScannedStatement, scanStatements } from './statement-scanner.ts'

/**
 * What can be told of a text without parsing it: whether it controls a transaction or the session. It is used where the
 * database has not answered yet (pipelines), and to keep queries of ours out of places where they would do harm.
 */

/** A comment matches in one way only, so that a long row of them is not tried in every combination. */
const BLANK = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*(?:[^*]|\*(?!/))*\*/)`
const LEADING = `^${BLANK}*`

/** SET CONSTRAINTS names constraints of tables. */
const SET = `set(?!${BLANK}+constraints\\b(?!${BLANK}+all\\b))`

const CONTROL = new RegExp(
  `${LEADING}(?:begin|start|${SET}|reset|discard|commit|end|rollback|abort|savepoint|release|lock|show|listen|unlisten|notify|deallocate|prepare\\s+transaction)\\b[^;]*;?\\s*$`,
  'iu',
)
const MUST_COME_FIRST = new RegExp(`${LEADING}(?:lock|set\\s+(?:local\\s+|session\\s+)?transaction)\\b`, 'iu')
const ENDS_FIRST = new RegExp(`${LEADING}(?:commit|end|rollback|abort)\\b[^;]*;\\s*\\S`, 'iu')
const PATH_WORDS = /search_path|\b(?:schema|role|authorization|reset|discard|set_config)\b/iu
const DDL_WORDS = /\b(?:create|alter|drop|into|do|call)\b/iu
const TRANSACTION_WORDS = /\b(?:begin|start|commit|end|rollback|abort|prepare)\b/iu

/** True for one statement that controls the transaction or session, and reads no table. */
export const isControl = (text: string): boolean => CONTROL.test(text)

/**
 * True for a text that must find its transaction without a snapshot, whatever follows in it: LOCK before a REPEATABLE
 * READ snapshot is taken, and SET TRANSACTION, which fails after any query.
 */
export const mustComeFirst = (text: string): boolean => MUST_COME_FIRST.test(text)

/** True for a text that ends its transaction, or a part of it, and goes on. */
export const endsFirst = (text: string): boolean => ENDS_FIRST.test(text)

/** True for a text that may change which relation a name stands for. */
export const mayChangePath = (text: string): boolean => PATH_WORDS.test(text)

/** True for a text that may change the catalog. */
export const mayChangeCatalog = (text: string): boolean => DDL_WORDS.test(text)

/** INTO that is not that of INSERT or MERGE, so that the text is scanned only where it may be that of SELECT. */
const INTO = /(?<!\b(?:insert|merge)\s+)\binto\b/iu

/** True for SELECT ... INTO, which makes a table. */
export const makesTable = (text: string): boolean =>
  INTO.test(text) &&
  scanStatements(text).some(({ words }) => {
    const plain = words.map(keyWord)
    return plain.some((word, at) => word === 'into' && !['insert', 'merge'].includes(plain[at - 1] ?? ''))
  })

const ROWS_ONLY = new RegExp(`${LEADING}(?:select|insert|update|delete|merge|values|with|table)\\b`, 'iu')

/**
 * True for one statement that reads or writes rows and no more, as far as its words tell: it neither begins nor ends a
 * transaction, changes no setting, and prepares and executes nothing.
 */
export function isQuiet(text: string): boolean {
  if (!ROWS_ONLY.test(text) || PATH_WORDS.test(text) || makesTable(text)) return false
  const end = text.indexOf(';')
  return end < 0 || text.slice(end + 1).trim() === ''
}

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
