import type { JsonExprOp, Node, ResTarget, SelectStmt, SQLValueFunctionOp, XmlExprOp } from 'libpg-query'
import { nameStrings } from '../parse/name-strings.ts'
import { fieldsOf, kindOf, type NodeKind, type NodeOf } from '../parse/node-kind.ts'
import type { KindInExpression } from './node-kinds.ts'

const UNNAMED = '?column?'

/** The name of the output column of a select or RETURNING item that has none of its own; PostgreSQL's FigureColname. */
export function outputName(target: ResTarget): string {
  return target.name ?? figure(target.val)?.name ?? UNNAMED
}

/**
 * True where the name is that of a `true` or `false` in a scalar sub-select: `bool` on PostgreSQL 14, `?column?` since. Such
 * an item is never named by what is replaced in it, so it can be left to name itself.
 */
export const namesItself = (target: ResTarget): boolean =>
  target.name === undefined && figure(target.val)?.constant === true

interface Figured {
  readonly name: string
  readonly constant?: boolean
  /** A name that outranks the type name of a cast around it. */
  readonly strong: boolean
}

const strong = (name: string | undefined): Figured | undefined =>
  name === undefined ? undefined : { name, strong: true }
const weak = (name: string | undefined): Figured | undefined =>
  name === undefined ? undefined : { name, strong: false }

const lastString = (nodes: readonly Node[] | undefined): string | undefined => {
  return nameStrings(nodes).at(-1)
}

const VALUE_FUNCTIONS: Readonly<Record<SQLValueFunctionOp, string>> = {
  SVFOP_CURRENT_DATE: 'current_date',
  SVFOP_CURRENT_TIME: 'current_time',
  SVFOP_CURRENT_TIME_N: 'current_time',
  SVFOP_CURRENT_TIMESTAMP: 'current_timestamp',
  SVFOP_CURRENT_TIMESTAMP_N: 'current_timestamp',
  SVFOP_LOCALTIME: 'localtime',
  SVFOP_LOCALTIME_N: 'localtime',
  SVFOP_LOCALTIMESTAMP: 'localtimestamp',
  SVFOP_LOCALTIMESTAMP_N: 'localtimestamp',
  SVFOP_CURRENT_ROLE: 'current_role',
  SVFOP_CURRENT_USER: 'current_user',
  SVFOP_USER: 'user',
  SVFOP_SESSION_USER: 'session_user',
  SVFOP_CURRENT_CATALOG: 'current_catalog',
  SVFOP_CURRENT_SCHEMA: 'current_schema',
}

const XML_FUNCTIONS: Readonly<Record<XmlExprOp, string | undefined>> = {
  IS_XMLCONCAT: 'xmlconcat',
  IS_XMLELEMENT: 'xmlelement',
  IS_XMLFOREST: 'xmlforest',
  IS_XMLPARSE: 'xmlparse',
  IS_XMLPI: 'xmlpi',
  IS_XMLROOT: 'xmlroot',
  IS_XMLSERIALIZE: 'xmlserialize',
  IS_DOCUMENT: undefined,
}

const JSON_OPERATIONS: Readonly<Record<JsonExprOp, string | undefined>> = {
  JSON_EXISTS_OP: 'json_exists',
  JSON_QUERY_OP: 'json_query',
  JSON_VALUE_OP: 'json_value',
  // It stands in FROM.
  JSON_TABLE_OP: undefined,
}

type Figure<K extends NodeKind> = (node: NodeOf<K>) => Figured | undefined

const unnamed = (): undefined => undefined

/**
 * Whatever can stand in an expression has its name told here, or none: a new kind of a new PostgreSQL does not compile.
 *
 * https://github.com/postgres/postgres/blob/master/src/backend/parser/parse_target.c, FigureColnameInternal
 */
const FIGURES: { readonly [K in KindInExpression]: Figure<K> } = {
  A_ArrayExpr: () => strong('array'),
  A_Expr: ({ kind }) => (kind === 'AEXPR_NULLIF' ? strong('nullif') : undefined),
  A_Indirection: ({ arg, indirection }) => strong(lastString(indirection)) ?? figure(arg),
  CaseExpr({ defresult }) {
    const inner = figure(defresult)
    return inner?.strong ? inner : weak('case')
  },
  CoalesceExpr: () => strong('coalesce'),
  CollateClause: ({ arg }) => figure(arg),
  ColumnRef: ({ fields }) => strong(lastString(fields)),
  FuncCall: ({ funcname }) => strong(lastString(funcname)),
  GroupingFunc: () => strong('grouping'),
  JsonArrayAgg: () => strong('json_arrayagg'),
  JsonArrayConstructor: () => strong('json_array'),
  JsonArrayQueryConstructor: () => strong('json_array'),
  JsonFuncExpr: ({ op }) => strong(op && JSON_OPERATIONS[op]),
  JsonObjectAgg: () => strong('json_objectagg'),
  JsonObjectConstructor: () => strong('json_object'),
  JsonParseExpr: () => strong('json'),
  JsonScalarExpr: () => strong('json_scalar'),
  JsonSerializeExpr: () => strong('json_serialize'),
  MergeSupportFunc: () => strong('merge_action'),
  MinMaxExpr: ({ op }) => strong(op === 'IS_LEAST' ? 'least' : 'greatest'),
  RowExpr: () => strong('row'),
  SQLValueFunction: ({ op }) => strong(op && VALUE_FUNCTIONS[op]),
  SubLink({ subLinkType, subselect }) {
    if (subLinkType === 'EXISTS_SUBLINK') return strong('exists')
    if (subLinkType === 'ARRAY_SUBLINK') return strong('array')
    return subLinkType === 'EXPR_SUBLINK' ? figureSubSelect(subselect) : undefined
  },
  TypeCast({ arg, typeName }) {
    const inner = figure(arg)
    return inner?.strong ? inner : (weak(lastString(typeName?.names)) ?? inner)
  },
  XmlExpr: ({ op }) => strong(op && XML_FUNCTIONS[op]),
  XmlSerialize: () => strong('xmlserialize'),

  A_Const: unnamed,
  BooleanTest: unnamed,
  BoolExpr: unnamed,
  CurrentOfExpr: unnamed,
  JsonIsPredicate: unnamed,
  NullTest: unnamed,
  ParamRef: unnamed,
  SetToDefault: unnamed,

  // Parts of the others, which are no value by themselves.
  A_Indices: unnamed,
  A_Star: unnamed,
  CaseWhen: unnamed,
  ColumnDef: unnamed,
  JsonAggConstructor: unnamed,
  JsonArgument: unnamed,
  JsonBehavior: unnamed,
  JsonFormat: unnamed,
  JsonKeyValue: unnamed,
  JsonOutput: unnamed,
  JsonReturning: unnamed,
  JsonTable: unnamed,
  JsonTableColumn: unnamed,
  JsonTablePathSpec: unnamed,
  JsonValueExpr: unnamed,
  List: unnamed,
  NamedArgExpr: unnamed,
  RangeTableFunc: unnamed,
  RangeTableFuncCol: unnamed,
  ResTarget: unnamed,
  SelectStmt: unnamed,
  SortBy: unnamed,
  String: unnamed,
  TypeName: unnamed,
  WindowDef: unnamed,
}

function figure(node: Node | undefined): Figured | undefined {
  const kind = node && kindOf(node)
  if (node === undefined || kind === undefined) return undefined
  const named = (FIGURES as Readonly<Record<string, Figure<never>>>)[kind]
  return named?.(fieldsOf(node, kind))
}

/** A scalar sub-select has the name of its first output column, which there always is: PostgreSQL has analysed it by then. */
function figureSubSelect(node: Node | undefined): Figured | undefined {
  return node !== undefined && 'SelectStmt' in node ? firstOutput(node.SelectStmt) : undefined
}

function firstOutput({ larg, valuesLists, targetList }: SelectStmt): Figured | undefined {
  if (larg) return firstOutput(larg)
  if (valuesLists) return strong('column1')
  const first = targetList?.[0]
  if (first === undefined || !('ResTarget' in first)) return strong(UNNAMED)
  const { name, val } = first.ResTarget
  const figured = figure(val)
  const constant = val && ('A_Const' in val ? val.A_Const.boolval !== undefined : figured?.constant)
  return { name: name ?? figured?.name ?? UNNAMED, strong: true, constant: name === undefined && constant === true }
}
