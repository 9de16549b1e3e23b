import type { Node } from 'libpg-query'
import { nameStrings } from '../parse/name-strings.ts'
import { fieldsOf, kindOf, type NodeKind, type NodeOf } from '../parse/node-kind.ts'
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

type Parts<K extends NodeKind> = (node: NodeOf<K>, how: Repetition) => readonly (Node | undefined)[] | undefined

const nothing = (): readonly Node[] => []

/** The parts on which it hangs whether a node may stand twice; undefined where it may not, as every kind that is not here. */
const REPEATED: { readonly [K in NodeKind]?: Parts<K> } = {
  A_ArrayExpr: ({ elements = [] }) => elements,
  A_Const: nothing,
  A_Expr: ({ name, lexpr, rexpr }) => (plainOperator(name) ? [lexpr, rexpr] : undefined),
  A_Indices: ({ lidx, uidx }) => [lidx, uidx],
  A_Indirection: ({ arg, indirection = [] }) => [arg, ...indirection],
  BoolExpr: ({ args = [] }) => args,
  BooleanTest: ({ arg }) => [arg],
  CaseExpr: ({ arg, defresult, args = [] }) => [arg, defresult, ...args],
  CaseWhen: ({ expr, result }) => [expr, result],
  CoalesceExpr: ({ args = [] }) => args,
  CollateClause: ({ arg }) => [arg],
  ColumnRef: nothing,
  FuncCall: ({ funcname, args = [] }, how) => (ownFunction(funcname, how) ? args : undefined),
  List: ({ items = [] }) => items,
  MinMaxExpr: ({ args = [] }) => args,
  NamedArgExpr: ({ arg }) => [arg],
  NullTest: ({ arg }) => [arg],
  ParamRef: nothing,
  RowExpr: ({ args = [] }) => args,
  SQLValueFunction: nothing,
  String: nothing,
  TypeCast: ({ arg }) => [arg],
}

/**
 * True when an expression may stand twice in a statement: it has one value throughout, and is cheap. Everything that is
 * not known for certain is evaluated once, so a function is only taken when it is PostgreSQL's own.
 */
export function isDuplicable(node: Node | undefined, how: Repetition): boolean {
  if (node === undefined) return true
  const kind = kindOf(node)
  if (kind === undefined) return false
  const partsOf = (REPEATED as Readonly<Record<string, Parts<never> | undefined>>)[kind]
  const parts = partsOf?.(fieldsOf(node, kind), how)
  return parts?.every((part) => isDuplicable(part, how)) ?? false
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
