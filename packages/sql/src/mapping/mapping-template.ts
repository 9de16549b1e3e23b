import { ExpandContractError, type Mapping } from '@expand-contract/core'
import type { Node } from 'libpg-query'
import { parse } from '../parse/parser.ts'
import { SourceText } from '../parse/source-text.ts'

/** A mapping with places for its columns: text and column names in turn. */
export type Template = readonly (string | { readonly column: string })[]

/** The expression with each column replaced by what `value` gives for it; always safe to put next to an operator. */
export function renderTemplate(template: Template, value: (column: string) => string): string {
  return `(${template.map((part) => (typeof part === 'string' ? part : value(part.column))).join('')})`
}

/** How often a template uses each column. */
export function usesOf(template: Template, column: string): number {
  return template.filter((part) => typeof part !== 'string' && part.column === column).length
}

export interface TemplateUse {
  readonly migration: string
  /** The column that the mapping computes. */
  readonly target: string
  /** The columns that it may name. */
  readonly sources: readonly string[]
}

/**
 * Reads a mapping with PostgreSQL's grammar.
 * @throws EC_EXPRESSION when it is not one plain expression, EC_MAPPING_COLUMN when it names another column
 */
export function compileTemplate(mapping: Extract<Mapping, { kind: 'sql' }>, use: TemplateUse): Template {
  const prefix = 'SELECT '
  const statements = parse(prefix + mapping.sql)
  const select = statements?.[0]?.stmt
  if (statements?.length !== 1 || !select || !('SelectStmt' in select))
    fail('EC_EXPRESSION', use, 'is not one SQL expression')
  const { targetList = [], ...rest } = select.SelectStmt
  const target = targetList[0]
  const others = Object.keys(rest).filter((key) => key !== 'limitOption' && key !== 'op')
  if (
    targetList.length !== 1 ||
    others.length > 0 ||
    !target ||
    !('ResTarget' in target) ||
    target.ResTarget.name !== undefined
  )
    fail('EC_EXPRESSION', use, 'is not one SQL expression')

  const source = new SourceText(prefix + mapping.sql)
  const [, first] = source.tokens
  const last = source.tokens.at(-1)
  // `SELECT ALL x` and `SELECT x;` are statements around an expression, too.
  if (!first || !last || first.start !== source.offset(target.ResTarget.location) || last.word === ';')
    fail('EC_EXPRESSION', use, 'is not one SQL expression')
  const parts: (string | { column: string })[] = []
  let copied = prefix.length
  for (const reference of columnsIn(target.ResTarget.val, use)) {
    const token = source.tokenAt(reference.location)
    parts.push(source.text.slice(copied, token.start), { column: reference.column })
    copied = token.end
  }
  // Up to the last token: a comment behind it would hide what the expression is put next to.
  parts.push(source.text.slice(copied, last.end))
  return parts.filter((part) => part !== '')
}

interface Reference {
  readonly column: string
  readonly location: number | undefined
}

/** Column references in the order of the text; refuses what cannot be evaluated on one row alone. */
function columnsIn(node: unknown, use: TemplateUse): readonly Reference[] {
  const found: Reference[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item)
    if (Array.isArray(value) || typeof value !== 'object' || value === null) return
    const inner = value as Node
    if ('SubLink' in inner || 'SelectStmt' in inner) fail('EC_EXPRESSION', use, 'contains a sub-select')
    if ('ParamRef' in inner) fail('EC_EXPRESSION', use, 'contains a parameter')
    if ('SetToDefault' in inner) fail('EC_EXPRESSION', use, 'is DEFAULT')
    if (needsRows(inner)) fail('EC_EXPRESSION', use, 'contains an aggregate or a window function')
    if ('ColumnRef' in inner) {
      const fields = inner.ColumnRef.fields ?? []
      const field = fields[0]
      const column = field && 'String' in field ? field.String.sval : undefined
      if (fields.length !== 1 || column === undefined)
        fail('EC_MAPPING_COLUMN', use, 'names a column with its table, or a whole row')
      if (!use.sources.includes(column))
        fail('EC_MAPPING_COLUMN', use, `names ${JSON.stringify(column)}, which it may not use`)
      found.push({ column, location: inner.ColumnRef.location })
      return
    }
    Object.values(value).forEach(visit)
  }
  visit(node)
  return found.sort((a, b) => (a.location ?? 0) - (b.location ?? 0))
}

/** What can be told without a catalog; other aggregates are known by name to the declaring functions. */
function needsRows(node: Node): boolean {
  if ('FuncCall' in node) {
    const { over, agg_star, agg_distinct, agg_filter, agg_order } = node.FuncCall
    return (
      over !== undefined || agg_order !== undefined || agg_filter !== undefined || agg_star || agg_distinct || false
    )
  }
  return 'GroupingFunc' in node || 'MergeSupportFunc' in node || 'JsonObjectAgg' in node || 'JsonArrayAgg' in node
}

function fail(code: 'EC_EXPRESSION' | 'EC_MAPPING_COLUMN', use: TemplateUse, why: string): never {
  throw new ExpandContractError(code, {
    message: `The mapping of ${JSON.stringify(use.target)} in the migration ${use.migration} ${why}.`,
    hint: `Write one immutable SQL expression over ${use.sources.map((name) => JSON.stringify(name)).join(', ')}.`,
    migration: use.migration,
  })
}
