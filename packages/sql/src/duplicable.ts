import type { Node } from 'libpg-query'
import { nameStrings } from './name-strings.ts'
import { parse } from './parser.ts'

const OPERATORS = new Set([
  '+',
  '-',
  '*',
  '/',
  '%',
  '||',
  '=',
  '<>',
  '!=',
  '<',
  '>',
  '<=',
  '>=',
  '~~',
  '->',
  '->>',
  '#>',
  '#>>',
  '@>',
  '&&',
])

/** Functions of pg_catalog that have one answer throughout a statement. */
const FUNCTIONS = new Set([
  'lower',
  'upper',
  'btrim',
  'ltrim',
  'rtrim',
  'now',
  'transaction_timestamp',
  'statement_timestamp',
])

/**
 * True when an expression may stand twice in a statement: it has one value throughout, and is cheap. Everything that is
 * not known for certain is evaluated once, so a function is only here when it is PostgreSQL's own.
 */
export function isDuplicable(node: Node | undefined): boolean {
  if (node === undefined) return true
  if ('A_Const' in node || 'ParamRef' in node || 'ColumnRef' in node || 'SQLValueFunction' in node) return true
  if ('TypeCast' in node) return isDuplicable(node.TypeCast.arg)
  if ('CollateClause' in node) return isDuplicable(node.CollateClause.arg)
  if ('NullTest' in node) return isDuplicable(node.NullTest.arg)
  if ('BooleanTest' in node) return isDuplicable(node.BooleanTest.arg)
  if ('BoolExpr' in node) return all(node.BoolExpr.args)
  if ('CoalesceExpr' in node) return all(node.CoalesceExpr.args)
  if ('MinMaxExpr' in node) return all(node.MinMaxExpr.args)
  if ('A_ArrayExpr' in node) return all(node.A_ArrayExpr.elements)
  if ('List' in node) return all(node.List.items)
  if ('CaseExpr' in node) return all([node.CaseExpr.arg, node.CaseExpr.defresult, ...(node.CaseExpr.args ?? [])])
  if ('CaseWhen' in node) return all([node.CaseWhen.expr, node.CaseWhen.result])
  if ('A_Expr' in node) return plainOperator(node.A_Expr.name) && all([node.A_Expr.lexpr, node.A_Expr.rexpr])
  if ('FuncCall' in node) return ownFunction(node.FuncCall.funcname) && all(node.FuncCall.args)
  return false
}

const all = (nodes: readonly (Node | undefined)[] | undefined): boolean =>
  (nodes ?? []).every((node) => isDuplicable(node))

/** Key-word operators (LIKE, BETWEEN, ...) have an upper-case name in the tree. */
function plainOperator(name: readonly Node[] | undefined): boolean {
  const [only] = name ?? []
  if (name?.length !== 1 || only === undefined || !('String' in only)) return false
  const operator = only.String.sval ?? ''
  return OPERATORS.has(operator) || /^[A-Z ]+$/u.test(operator)
}

function ownFunction(name: readonly Node[] | undefined): boolean {
  const parts = nameStrings(name)
  return FUNCTIONS.has(parts.at(-1) ?? '') && (parts.length === 1 || (parts.length === 2 && parts[0] === 'pg_catalog'))
}

/** As `isDuplicable`, for an expression from the catalog. */
export function isDuplicableSql(sql: string): boolean {
  const select = parse(`SELECT ${sql}`)?.[0]?.stmt
  const target = select && 'SelectStmt' in select ? select.SelectStmt.targetList?.[0] : undefined
  return target !== undefined && 'ResTarget' in target && isDuplicable(target.ResTarget.val)
}
