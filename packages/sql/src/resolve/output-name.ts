import type { Node, ResTarget, SelectStmt } from 'libpg-query'
import { nameStrings } from '../parse/name-strings.ts'

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

const VALUE_FUNCTIONS: Readonly<Record<string, string>> = {
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

const XML_FUNCTIONS: Readonly<Record<string, string>> = {
  IS_XMLCONCAT: 'xmlconcat',
  IS_XMLELEMENT: 'xmlelement',
  IS_XMLFOREST: 'xmlforest',
  IS_XMLPARSE: 'xmlparse',
  IS_XMLPI: 'xmlpi',
  IS_XMLROOT: 'xmlroot',
}

const JSON_FUNCTIONS: Readonly<Record<string, string>> = {
  JsonParseExpr: 'json',
  JsonScalarExpr: 'json_scalar',
  JsonSerializeExpr: 'json_serialize',
  JsonObjectConstructor: 'json_object',
  JsonArrayConstructor: 'json_array',
  JsonArrayQueryConstructor: 'json_array',
  JsonObjectAgg: 'json_objectagg',
  JsonArrayAgg: 'json_arrayagg',
}

const JSON_OPERATIONS: Readonly<Record<string, string>> = {
  JSON_EXISTS_OP: 'json_exists',
  JSON_QUERY_OP: 'json_query',
  JSON_VALUE_OP: 'json_value',
}

/** https://github.com/postgres/postgres/blob/master/src/backend/parser/parse_target.c, FigureColnameInternal */
function figure(node: Node | undefined): Figured | undefined {
  if (node === undefined) return undefined
  if ('ColumnRef' in node) return strong(lastString(node.ColumnRef.fields))
  if ('A_Indirection' in node)
    return strong(lastString(node.A_Indirection.indirection)) ?? figure(node.A_Indirection.arg)
  if ('FuncCall' in node) return strong(lastString(node.FuncCall.funcname))
  if ('A_Expr' in node) return node.A_Expr.kind === 'AEXPR_NULLIF' ? strong('nullif') : undefined
  if ('TypeCast' in node) {
    const inner = figure(node.TypeCast.arg)
    return inner?.strong ? inner : (weak(lastString(node.TypeCast.typeName?.names)) ?? inner)
  }
  if ('CollateClause' in node) return figure(node.CollateClause.arg)
  if ('GroupingFunc' in node) return strong('grouping')
  if ('MergeSupportFunc' in node) return strong('merge_action')
  if ('SubLink' in node) {
    if (node.SubLink.subLinkType === 'EXISTS_SUBLINK') return strong('exists')
    if (node.SubLink.subLinkType === 'ARRAY_SUBLINK') return strong('array')
    if (node.SubLink.subLinkType === 'EXPR_SUBLINK') return figureSubSelect(node.SubLink.subselect)
    return undefined
  }
  if ('CaseExpr' in node) {
    const inner = figure(node.CaseExpr.defresult)
    return inner?.strong ? inner : weak('case')
  }
  if ('A_ArrayExpr' in node) return strong('array')
  if ('RowExpr' in node) return strong('row')
  if ('CoalesceExpr' in node) return strong('coalesce')
  if ('MinMaxExpr' in node) return strong(node.MinMaxExpr.op === 'IS_LEAST' ? 'least' : 'greatest')
  if ('SQLValueFunction' in node) return strong(VALUE_FUNCTIONS[node.SQLValueFunction.op ?? ''])
  if ('XmlExpr' in node) return strong(XML_FUNCTIONS[node.XmlExpr.op ?? ''])
  if ('XmlSerialize' in node) return strong('xmlserialize')
  if ('JsonFuncExpr' in node) return strong(JSON_OPERATIONS[node.JsonFuncExpr.op ?? ''])
  return strong(JSON_FUNCTIONS[Object.keys(node)[0] ?? ''])
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
