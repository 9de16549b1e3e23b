import type { Node } from 'libpg-query'
import { nameStrings } from '../parse/name-strings.ts'
import { parse } from '../parse/parser.ts'
import { STABLE_FUNCTIONS } from './stable-functions.ts'

const OPERATORS = new Set(
  '+ - * / % ^ || = <> != < > <= >= ~ ~* !~ !~* ~~ ~~* !~~ !~~* ^@ & | # << >> -> ->> #> #>> #- @> <@ && @@ @? ? ?| ?&'.split(
    ' ',
  ),
)

/** They cost next to nothing, so that they are written out twice although they could be evaluated once. */
const CHEAP_FUNCTIONS = new Set([
  'lower',
  'upper',
  'btrim',
  'ltrim',
  'rtrim',
  'now',
  'transaction_timestamp',
  'statement_timestamp',
])

/** What has to be known of a place where an expression would stand twice. */
export interface Repetition {
  /**
   * Names of volatile functions outside of pg_catalog. A name without a schema may mean such a function even where
   * PostgreSQL has one of that name: types that fit better are taken first, whatever the search path. undefined: not known.
   */
  readonly volatileFunctions: ReadonlySet<string> | undefined
  /** There is no other way than to write it twice. */
  readonly atAnyCost?: boolean
}

/**
 * True when an expression may stand twice in a statement: it has one value throughout, and is cheap. Everything that is
 * not known for certain is evaluated once, so a function is only taken when it is PostgreSQL's own.
 */
export function isDuplicable(node: Node | undefined, how: Repetition): boolean {
  const all = (nodes: readonly (Node | undefined)[] | undefined): boolean =>
    (nodes ?? []).every((each) => isDuplicable(each, how))
  if (node === undefined) return true
  if ('A_Const' in node || 'ParamRef' in node || 'ColumnRef' in node || 'SQLValueFunction' in node) return true
  if ('TypeCast' in node) return all([node.TypeCast.arg])
  if ('CollateClause' in node) return all([node.CollateClause.arg])
  if ('NullTest' in node) return all([node.NullTest.arg])
  if ('BooleanTest' in node) return all([node.BooleanTest.arg])
  if ('BoolExpr' in node) return all(node.BoolExpr.args)
  if ('CoalesceExpr' in node) return all(node.CoalesceExpr.args)
  if ('MinMaxExpr' in node) return all(node.MinMaxExpr.args)
  if ('A_Indices' in node) return all([node.A_Indices.lidx, node.A_Indices.uidx])
  if ('A_Indirection' in node) return all([node.A_Indirection.arg, ...(node.A_Indirection.indirection ?? [])])
  if ('String' in node) return true
  if ('A_ArrayExpr' in node) return all(node.A_ArrayExpr.elements)
  if ('List' in node) return all(node.List.items)
  if ('RowExpr' in node) return all(node.RowExpr.args)
  if ('CaseExpr' in node) return all([node.CaseExpr.arg, node.CaseExpr.defresult, ...(node.CaseExpr.args ?? [])])
  if ('CaseWhen' in node) return all([node.CaseWhen.expr, node.CaseWhen.result])
  if ('NamedArgExpr' in node) return all([node.NamedArgExpr.arg])
  if ('A_Expr' in node) return plainOperator(node.A_Expr.name) && all([node.A_Expr.lexpr, node.A_Expr.rexpr])
  if ('FuncCall' in node) return ownFunction(node.FuncCall.funcname, how) && all(node.FuncCall.args)
  return false
}

/** Key-word operators (LIKE, BETWEEN, ...) have an upper-case name in the tree. */
function plainOperator(name: readonly Node[] | undefined): boolean {
  const [only] = name ?? []
  if (name?.length !== 1 || only === undefined || !('String' in only)) return false
  const operator = only.String.sval ?? ''
  return OPERATORS.has(operator) || /^[A-Z ]+$/u.test(operator)
}

function ownFunction(funcname: readonly Node[] | undefined, { volatileFunctions, atAnyCost }: Repetition): boolean {
  const parts = nameStrings(funcname)
  const name = parts.at(-1) ?? ''
  if (!(atAnyCost ? STABLE_FUNCTIONS : CHEAP_FUNCTIONS).has(name)) return false
  if (parts.length > 1) return parts.length === 2 && parts[0] === 'pg_catalog'
  return volatileFunctions === undefined ? CHEAP_FUNCTIONS.has(name) : !volatileFunctions.has(name)
}

/** As `isDuplicable`, for an expression from the catalog. */
export function isDuplicableSql(sql: string, how: Repetition): boolean {
  const select = parse(`SELECT ${sql}`)?.[0]?.stmt
  const target = select && 'SelectStmt' in select ? select.SelectStmt.targetList?.[0] : undefined
  return target !== undefined && 'ResTarget' in target && isDuplicable(target.ResTarget.val, how)
}
