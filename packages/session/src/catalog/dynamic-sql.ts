import { valueOfLiteral } from '@expand-contract/core'
import { endOf, isName, isSymbol, isWord, type SourceToken, splitAt } from './source-tokens.ts'

/** Stands in a text for what is not known before it runs. It is a letter to PostgreSQL's lexer. */
export const UNKNOWN = '\uE000'

/** The table that a trigger is on: what TG_TABLE_NAME and its kin say. */
export interface TriggerTable {
  readonly schema: string
  readonly name: string
}

/** The texts that EXECUTE runs in the body of a PL/pgSQL function, as far as they stand there. */
export function dynamicTexts(tokens: readonly SourceToken[], table: TriggerTable): readonly string[] {
  const values = assignments(tokens)
  const evaluator = new Evaluator(values, table)
  return tokens.flatMap((token, at) => {
    if (!isWord(token, 'execute') || isWord(tokens[at - 1], 'grant', 'revoke')) return []
    const end = endOf(tokens, at + 1, (each) => isSymbol(each, ';') || isWord(each, 'into', 'using', 'loop'))
    const operand = tokens.slice(at + 1, end)
    const [only] = operand
    const assigned = operand.length === 1 && only !== undefined ? values.get(only.name) : undefined
    return assigned === undefined
      ? [evaluator.text(operand)]
      : assigned.map((each) => evaluator.assigned(only?.name, each))
  })
}

/** What each variable is set to; an empty list of tokens stands for what a query yields. */
type Assignments = ReadonlyMap<string, readonly (readonly SourceToken[])[]>

const BEGINS_STATEMENT = ['declare', 'begin', 'then', 'else', 'loop']

function assignments(tokens: readonly SourceToken[]): Assignments {
  const values = new Map<string, (readonly SourceToken[])[]>()
  const set = (name: string, value: readonly SourceToken[]): void => {
    values.set(name, [...(values.get(name) ?? []), value])
  }
  let start = 0
  for (const [at, token] of tokens.entries()) {
    const first = tokens[start]
    const assigns = isSymbol(token, ':=') || (isSymbol(token, '=') && at === start + 1)
    if (isSymbol(token, ';') || isWord(token, ...BEGINS_STATEMENT)) start = at + 1
    else if (assigns && isName(first))
      set(
        first.name,
        tokens.slice(
          at + 1,
          endOf(tokens, at + 1, (each) => isSymbol(each, ';') || isWord(each, 'loop')),
        ),
      )
    else if (isWord(token, 'into')) {
      const target = tokens[at + (isWord(tokens[at + 1], 'strict') ? 2 : 1)]
      if (isName(target) && !isWord(tokens[at - 1], 'insert', 'merge')) set(target.name, [])
    }
  }
  return values
}

class Evaluator {
  readonly #values: Assignments
  readonly #table: TriggerTable
  /** Variables whose values are being worked out. */
  readonly #open = new Set<string>()

  constructor(values: Assignments, table: TriggerTable) {
    this.#values = values
    this.#table = table
  }

  /** A value of a variable, which may go on from what the variable was before. */
  assigned(variable: string | undefined, value: readonly SourceToken[]): string {
    if (variable === undefined) return this.text(value)
    this.#open.add(variable)
    const text = this.text(value)
    this.#open.delete(variable)
    return text
  }

  text(tokens: readonly SourceToken[]): string {
    const parts = splitAt(tokens, '||')
    if (parts.length > 1) return parts.map((part) => this.text(part)).join('')
    const [first] = tokens
    if (first === undefined) return UNKNOWN
    const cast = endOf(tokens, 0, (token) => isSymbol(token, '::'))
    if (cast > 0 && cast < tokens.length) return this.text(tokens.slice(0, cast))
    if (isSymbol(first, '(') && endOf(tokens, 1, () => false) === tokens.length - 1)
      return this.text(tokens.slice(1, -1))
    if (tokens.length === 1) return first.kind === 'literal' ? valueOfLiteral(first.text) : this.#variable(first)
    return this.#call(tokens)
  }

  #variable({ name, kind }: SourceToken): string {
    if (kind !== 'word') return UNKNOWN
    if (name === 'tg_table_name' || name === 'tg_relname' || name === 'tg_relid') return this.#table.name
    if (name === 'tg_table_schema') return this.#table.schema
    if (this.#open.has(name)) return ''
    const [value, ...others] = this.#values.get(name) ?? []
    return value === undefined || others.length > 0 ? UNKNOWN : this.assigned(name, value)
  }

  #call(tokens: readonly SourceToken[]): string {
    const open = isSymbol(tokens[1], '.') ? 3 : 1
    const called = tokens[open - 1]
    if (!isName(called) || !isSymbol(tokens[open], '(')) return UNKNOWN
    if (endOf(tokens, open + 1, () => false) !== tokens.length - 1) return UNKNOWN
    const given = splitAt(tokens.slice(open + 1, -1), ',')
    const [first = [], ...rest] = given
    switch (called.name) {
      case 'format':
        return formatted(
          this.text(first),
          rest.map((each) => this.text(each)),
        )
      case 'concat':
        return given.map((each) => this.text(each)).join('')
      case 'concat_ws':
        return rest.map((each) => this.text(each)).join(this.text(first))
      case 'quote_ident':
      case 'lower':
      case 'trim':
      case 'btrim':
        return given.length === 1 ? this.text(first) : UNKNOWN
      case 'quote_literal':
      case 'quote_nullable':
        return 'NULL'
      default:
        return UNKNOWN
    }
  }
}

/** `format` of PostgreSQL: https://www.postgresql.org/docs/current/functions-string.html#FUNCTIONS-STRING-FORMAT */
function formatted(template: string, given: readonly string[]): string {
  let next = 0
  return template.replaceAll(
    /%(?:(\d+)\$)?(?:-?(?:\d+|\*(?:\d+\$)?))?([sIL%])/gu,
    (_, position?: string, type?: string) => {
      if (type === '%') return '%'
      const at = position === undefined ? next : Number(position) - 1
      next = at + 1
      return type === 'L' ? 'NULL' : (given[at] ?? UNKNOWN)
    },
  )
}
