import { dynamicTexts, type TriggerTable, UNKNOWN } from './dynamic-sql.ts'
import {
  endOf,
  isName,
  isSymbol,
  isWord,
  type QualifiedName,
  qualifiedName,
  type SourceToken,
  sourceTokens,
} from './source-tokens.ts'

/** What is looked for: writes of these relations that reach these columns. */
export interface WriteSearch {
  /** The table, and what a write of it may go through: its partitions, children and views. */
  readonly relations: readonly TriggerTable[]
  /** Columns of its migrations. */
  readonly columns: readonly string[]
  /** What TG_TABLE_NAME says. */
  readonly trigger: TriggerTable
}

export interface FunctionSource {
  readonly language: string
  readonly source: string
}

export interface FunctionCall {
  readonly schema: string | undefined
  readonly name: string
}

export interface FoundWrites {
  /** What was seen, to follow the name of the trigger or function: `updates "name"`. */
  readonly writes: readonly string[]
  /** Names in front of brackets: functions, and words that are none. */
  readonly calls: readonly FunctionCall[]
}

/** What a function, or a rule, does to the relations, as far as its text tells. */
export function foundWrites({ language, source }: FunctionSource, search: WriteSearch): FoundWrites {
  if (language !== 'plpgsql' && language !== 'sql') return { writes: writesInForeign(source, search), calls: [] }
  const tokens = sourceTokens(source)
  const texts = language === 'plpgsql' ? dynamicTexts(tokens, search.trigger) : []
  const dynamic = texts.map((text) => sourceTokens(text))
  return {
    writes: [
      ...writesIn(tokens, search),
      ...dynamic.flatMap((each) => dynamicWrites(each, search)).map((what) => `${what} by dynamic SQL (EXECUTE)`),
    ],
    calls: [tokens, ...dynamic].flatMap(callsIn),
  }
}

function dynamicWrites(tokens: readonly SourceToken[], search: WriteSearch): readonly string[] {
  const unknown = tokens.some(
    (token, at) => token.text.includes(UNKNOWN) && (at === 0 || isSymbol(tokens[at - 1], ';')),
  )
  return unknown ? ['may write it'] : writesIn(tokens, search)
}

function callsIn(tokens: readonly SourceToken[]): readonly FunctionCall[] {
  return tokens.flatMap((token, at) => {
    if (!isSymbol(token, '(') || !isName(tokens[at - 1])) return []
    const qualified = isSymbol(tokens[at - 2], '.') && isName(tokens[at - 3])
    const name = qualifiedName(tokens, qualified ? at - 3 : at - 1)
    return name === undefined ? [] : [{ schema: name.schema, name: name.name }]
  })
}

/** Writes by statements that stand in the tokens. */
function writesIn(tokens: readonly SourceToken[], search: WriteSearch): readonly string[] {
  return tokens.flatMap((token, at) => {
    const next = tokens[at + 1]
    if (isWord(token, 'update')) {
      const target = targetAt(tokens, at + 1)
      return target !== undefined && isSought(target, search) ? updated(tokens, target.end, search) : []
    }
    if (!isWord(next, 'into') || !isWord(token, 'insert', 'merge')) {
      const copied = isWord(token, 'copy') ? targetAt(tokens, at + 1) : undefined
      return copied !== undefined && isSought(copied, search) && copiesIn(tokens, copied.end)
        ? ['copies rows into it']
        : []
    }
    const target = targetAt(tokens, at + 2)
    if (target === undefined || !isSought(target, search)) return []
    return [isWord(token, 'insert') ? 'inserts into it' : 'merges into it']
  })
}

const targetAt = (tokens: readonly SourceToken[], at: number): QualifiedName | undefined =>
  qualifiedName(tokens, isWord(tokens[at], 'only') ? at + 1 : at)

function copiesIn(tokens: readonly SourceToken[], at: number): boolean {
  const behind = endOf(tokens, at, (token) => isWord(token, 'from', 'to') || isSymbol(token, ';'))
  return isWord(tokens[behind], 'from')
}

function isSought({ schema, name }: QualifiedName, { relations }: WriteSearch): boolean {
  return relations.some((each) => matches(name, each.name) && (schema === undefined || matches(schema, each.schema)))
}

/** A name, parts of which may not be known. */
function matches(pattern: string, name: string): boolean {
  if (!pattern.includes(UNKNOWN)) return pattern === name
  const [first = '', ...rest] = pattern.split(UNKNOWN)
  const last = rest.at(-1) ?? ''
  return name.startsWith(first) && name.endsWith(last) && name.length >= first.length + last.length
}

/** The columns that SET names, behind the table; nothing when none of them is sought. */
function updated(tokens: readonly SourceToken[], from: number, { columns }: WriteSearch): readonly string[] {
  const set = endOf(tokens, from, (token) => isWord(token, 'set') || isSymbol(token, ';'))
  if (!isWord(tokens[set], 'set')) return []
  const end = endOf(tokens, set + 1, (token) => isWord(token, 'where', 'from', 'returning') || isSymbol(token, ';'))
  const names = assignedNames(tokens.slice(set + 1, end))
  const found = columns.filter((column) => names.some((name) => matches(name, column)))
  const certain = found.filter((column) => names.includes(column))
  if (certain.length > 0) return [`updates ${certain.map((column) => JSON.stringify(column)).join(', ')}`]
  return found.length > 0 ? ['updates columns that cannot be told'] : []
}

/** `a = 1, (b, c) = (2, 3)` */
function assignedNames(tokens: readonly SourceToken[]): readonly string[] {
  const names: string[] = []
  for (let at = 0; at < tokens.length; ) {
    const bracket = isSymbol(tokens[at], '(')
    const until = bracket ? endOf(tokens, at + 1, () => false) : at + 1
    for (const token of tokens.slice(bracket ? at + 1 : at, until)) if (isName(token)) names.push(token.name)
    at = endOf(tokens, bracket ? until + 1 : until, (token) => isSymbol(token, ',')) + 1
  }
  return names
}

const FOREIGN_WRITE = /\b(update|insert\s+into|merge\s+into)\s+(?:only\s+)?(\S+)/giu

/** In Perl, Python and their kin SQL stands in strings, whose parts may be put in later. */
function writesInForeign(source: string, search: WriteSearch): readonly string[] {
  return [...source.matchAll(FOREIGN_WRITE)].flatMap(([, verb = '', target = '']) => {
    const [plain] = /^[\p{L}\p{N}_."]+/u.exec(target) ?? []
    const name = plain === undefined ? undefined : qualifiedName(sourceTokens(plain), 0)
    const sought = name === undefined ? /^[${%'"+]/u.test(target) : isSought(name, search)
    return sought ? [`${/^u/iu.test(verb) ? 'updates' : 'writes'} it`] : []
  })
}
