import { ExpandContractError, type Mapping } from '@expand-contract/core'
import type { Node } from 'libpg-query'
import { parse } from './parser.ts'
import { SourceText } from './source-text.ts'

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
  const parts: (string | { column: string })[] = []
  let copied = prefix.length
  for (const reference of columnsIn(target.ResTarget.val, use)) {
    const token = source.tokenAt(reference.location)
    parts.push(source.text.slice(copied, token.start), { column: reference.column })
    copied = token.end
  }
  parts.push(source.text.slice(copied))
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
    if ('SubLink' in inner) fail('EC_EXPRESSION', use, 'contains a sub-select')
    if ('ParamRef' in inner) fail('EC_EXPRESSION', use, 'contains a parameter')
    if (
      'FuncCall' in inner &&
      (inner.FuncCall.over ||
        inner.FuncCall.agg_star ||
        inner.FuncCall.agg_distinct ||
        inner.FuncCall.agg_filter ||
        inner.FuncCall.agg_order)
    )
      fail('EC_EXPRESSION', use, 'contains an aggregate or a window function')
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

function fail(code: 'EC_EXPRESSION' | 'EC_MAPPING_COLUMN', use: TemplateUse, why: string): never {
  throw new ExpandContractError(code, {
    message: `The mapping of ${JSON.stringify(use.target)} in the migration ${use.migration} ${why}.`,
    hint: `Write one immutable SQL expression over ${use.sources.map((name) => JSON.stringify(name)).join(', ')}.`,
    migration: use.migration,
  })
}
