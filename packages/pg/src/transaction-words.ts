/**
 * What can be told of a text without parsing it: whether it controls a transaction or the session. It is used where the
 * database has not answered yet (pipelines), and to keep queries of ours out of places where they would do harm.
 */

const COMMENTS = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*[\s\S]*?\*/)*`

const CONTROL = new RegExp(
  `^${COMMENTS}(?:begin|start|set|reset|discard|commit|end|rollback|abort|savepoint|release|lock|show|listen|unlisten|notify|deallocate|prepare\\s+transaction)\\b[^;]*;?\\s*$`,
  'iu',
)

/**
 * True for one statement that controls the transaction or session, and reads no table. A query ahead of some of them
 * changes what they do: SET TRANSACTION must come first, and LOCK before the snapshot is taken.
 */
export const isControl = (text: string): boolean => CONTROL.test(text)

/** True for a text that must find its transaction without a snapshot, whatever follows in it. */
export const mustComeFirst = (text: string): boolean => MUST_COME_FIRST.test(text)
const MUST_COME_FIRST = new RegExp(`^${COMMENTS}(?:lock|set\\s+(?:local\\s+|session\\s+)?transaction)\\b`, 'iu')

const PATH_WORDS = /search_path|\b(?:schema|role|authorization|reset|discard|set_config)\b/iu

/** True for a text that may change which relation a name stands for. */
export const mayChangePath = (text: string): boolean => PATH_WORDS.test(text)

const DDL_WORDS = /\b(?:create|alter|drop|into|do|call)\b/iu

/** True for a text that may change the catalog. */
export const mayChangeCatalog = (text: string): boolean => DDL_WORDS.test(text)

export type TransactionEffect = 'opens' | 'closes' | 'chains'

const TOKENS =
  /--[^\n]*|\/\*[\s\S]*?\*\/|[eE]?'(?:[^'\\]|''|\\.)*'|\$(?<tag>[^\W\d]?\w*)\$[\s\S]*?\$\k<tag>\$|"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*|;/gu

/** What a text leaves of the transaction it was sent in, should it succeed; undefined when nothing changes. */
export function transactionEffect(text: string): TransactionEffect | undefined {
  if (!/\b(?:begin|start|commit|end|rollback|abort|prepare)\b/iu.test(text)) return undefined
  let effect: TransactionEffect | undefined
  let words: string[] = []
  const finish = (): void => {
    effect = effectOf(words) ?? effect
    words = []
  }
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === ';') finish()
    else if (words.length < 8 && /^[\p{L}_]/u.test(token) && !token.endsWith("'")) words.push(token.toLowerCase())
  }
  finish()
  return effect
}

function effectOf(words: readonly string[]): TransactionEffect | undefined {
  const [first, second] = words
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
      if (second === 'prepared' || words.includes('to')) return undefined
      const chain = words.indexOf('chain')
      return chain > 0 && words[chain - 1] === 'and' ? 'chains' : 'closes'
    }
    default:
      return undefined
  }
}
