import type { A_Expr, A_Expr_Kind, Node } from 'libpg-query'
import { nameStrings } from '../parse/name-strings.ts'
import type { NodeOf } from '../parse/node-kind.ts'
import { constantPlace } from '../parse/places.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { isStar } from '../resolve/reference.ts'

const COMPARISONS = new Set(['=', '<>', '!=', '<', '>', '<=', '>='])
const TEXT_OPERATORS = new Set(['~', '~*', '!~', '!~*', '~~', '~~*', '!~~', '!~~*', '^@'])

/** What an operator compares; undefined for one that does not. */
export type Comparison = 'any-type' | 'text' | undefined

const COMPARISON_KINDS: Readonly<Record<A_Expr_Kind, Comparison | 'by-name'>> = {
  AEXPR_OP: 'by-name',
  AEXPR_OP_ANY: 'by-name',
  AEXPR_OP_ALL: 'by-name',
  AEXPR_DISTINCT: 'any-type',
  AEXPR_NOT_DISTINCT: 'any-type',
  AEXPR_IN: 'any-type',
  AEXPR_BETWEEN: 'any-type',
  AEXPR_NOT_BETWEEN: 'any-type',
  AEXPR_BETWEEN_SYM: 'any-type',
  AEXPR_NOT_BETWEEN_SYM: 'any-type',
  AEXPR_LIKE: 'text',
  AEXPR_ILIKE: 'text',
  // Its left side is its value as well.
  AEXPR_NULLIF: undefined,
  AEXPR_SIMILAR: undefined,
}

/** True for an operator that compares values of any type. */
export const isComparison = (name: readonly Node[] | undefined): boolean =>
  name?.length === 1 && COMPARISONS.has(nameStrings(name)[0] ?? '')

export function comparisonOf({ kind, name }: A_Expr): Comparison {
  const comparison = kind && COMPARISON_KINDS[kind]
  if (comparison !== 'by-name') return comparison
  if (isComparison(name)) return 'any-type'
  return name?.length === 1 && TEXT_OPERATORS.has(nameStrings(name)[0] ?? '') ? 'text' : undefined
}

/** An operand, with those that it is compared with. */
interface Compared {
  readonly node: Node
  readonly others: readonly Node[]
}

/** `(a, b) > ($1, $2)` and `(a, b) IN ((1, 2), (3, 4))`, element by element; undefined where the rows have not as many. */
export function comparedItems(left: NodeOf<'RowExpr'>, right: Node): readonly Compared[] | undefined {
  const rows = ('List' in right ? (right.List.items ?? []) : [right]).map((row) =>
    'RowExpr' in row ? (row.RowExpr.args ?? []) : undefined,
  )
  const items = left.args ?? []
  // A star among the items stands for its columns.
  if (items.some(isStar) || rows.some((row) => row?.length !== items.length || row.some(isStar))) return undefined
  return items.flatMap((node, index) => {
    const others = rows.flatMap((row) => row?.[index] ?? [])
    return [{ node, others }, ...others.map((other) => ({ node: other, others: [node] }))]
  })
}

/**
 * A parameter or untyped literal takes its type from the column beside it, so it gets the one that it had. A parameter may
 * have another type already, from a place before this one or from who prepared the statement, and keeps that: a cast would
 * round its value or find it out of range.
 */
export function keepType(context: PlanContext, node: Node, type: string, array: boolean): void {
  const elements = 'List' in node ? node.List.items : 'A_ArrayExpr' in node ? node.A_ArrayExpr.elements : undefined
  for (const item of elements ?? []) keepType(context, item, type, false)
  const whole = `${type}${array ? '[]' : ''}`
  if ('ParamRef' in node) wrap(context, node.ParamRef.location, 'COALESCE(', `, NULL::${whole})`)
  else if ('A_Const' in node && node.A_Const.sval) wrap(context, node.A_Const.location, '(', `)::${whole}`)
}

function wrap(context: PlanContext, location: number | undefined, before: string, after: string): void {
  const { start, end } = constantPlace(context.source, location)
  context.edits.before(start, before)
  context.edits.after(end, after)
}
