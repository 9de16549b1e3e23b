import type { A_Expr, A_Indirection, FuncCall, Node, ResTarget, SubLink, WindowDef } from 'libpg-query'
import { nameStrings } from '../parse/name-strings.ts'
import { fieldsOf, kindOf, type NodeKind, type NodeOf } from '../parse/node-kind.ts'
import { rowItemPlace } from '../parse/places.ts'
import { type ExpressionKind, LEAVES, PARTS } from '../resolve/node-kinds.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { bareFor, isStar, ROW_FUNCTIONS, rangeOf } from '../resolve/reference.ts'
import { bracketedCall, fieldOfCall, replaceCall, rowCall, starOfCall, starredCall } from '../resolve/row-call.ts'
import { checkRowType } from '../resolve/row-type.ts'
import type { Scope } from '../resolve/scope.ts'
import { starredRow, starSql } from '../resolve/star.ts'
import { checkPlaces, Unprovable } from '../resolve/unprovable.ts'
import { type Comparison, comparedItems, comparisonOf, isComparison, keepType } from './comparison.ts'
import {
  bracketedField,
  editReference,
  editUnlessMigrating,
  fieldOfRow,
  nameInXml,
  replaceReference,
  rowsIn,
  typedArgument,
} from './edit-reference.ts'
import { resultsOf } from './results-of.ts'

type Visit<K extends NodeKind> = (context: PlanContext, node: NodeOf<K>, scope: Scope) => void

/** Kinds that mean something to whoever looks for columns; see resolve/node-kinds.ts for the others. */
const EXPRESSIONS: { readonly [K in ExpressionKind]: Visit<K> } = {
  ColumnRef: (context, node, scope) => editReference(context, node, scope, false),
  A_Expr: operator,
  A_Indirection: indirection,
  FuncCall: call,
  GroupingFunc: (context, { args }, scope) => walkAllDirect(context, args, scope),
  NullTest: (context, { arg }, scope) =>
    arg && 'FuncCall' in arg ? walkValue(context, arg, scope) : walkDirect(context, arg, scope),
  ResTarget: namedValue,
  RowExpr: (context, { args }, scope) => walkRow(context, args, scope),
  SelectStmt: (context, node, scope) => void context.planQuery(context, { SelectStmt: node }, scope),
  SubLink: subLink,
  TypeCast(context, { typeName, arg }, scope) {
    if (typeName) checkRowType(context, typeName)
    walkValue(context, arg, scope)
  },
  TypeName: checkRowType,
  WindowDef: windowDefinition,
}

export const EXPRESSION_KINDS: readonly string[] = Object.keys(EXPRESSIONS)

type Nodes = readonly (Node | undefined)[]

/** Plans every reference in an expression, or in several. */
export function walkExpression(context: PlanContext, node: Node | Nodes | undefined, scope: Scope): void {
  if (node === undefined) return
  if (isList(node)) {
    for (const item of node) walkExpression(context, item, scope)
    return
  }
  const kind = kindOf(node)
  if (kind !== undefined) walkKind(context, kind, fieldsOf(node, kind), scope)
}

const isList = (node: Node | Nodes): node is Nodes => Array.isArray(node)

function walkKind(context: PlanContext, kind: NodeKind, fields: unknown, scope: Scope): void {
  const visit = (EXPRESSIONS as Readonly<Record<string, Visit<never>>>)[kind]
  if (visit) {
    visit(context, fields as never, scope)
    return
  }
  const parts = PARTS[kind]
  if (parts === undefined) {
    // What nobody has looked at must not be walked through: who plans the statement finds it unprovable.
    if (!(kind in LEAVES)) throw new TypeError(`an expression has a node that it never has, of the kind ${kind}`)
    return
  }
  for (const [name, how] of parts) {
    const part = (fields as Readonly<Record<string, unknown>>)[name]
    if (part === undefined) continue
    if (how === 'nodes') walkValues(context, part as Node | Nodes, scope)
    else walkKind(context, how, part, scope)
  }
}

/** An expression that only has to be equal to, and ordered like, the column it names: the bare column will do. */
export function walkDirect(context: PlanContext, node: Node | undefined, scope: Scope): void {
  if (node && 'ColumnRef' in node) editReference(context, node.ColumnRef, scope, true)
  else walkExpression(context, node, scope)
}

function walkAllDirect(context: PlanContext, nodes: readonly Node[] | undefined, scope: Scope): void {
  for (const node of nodes ?? []) walkDirect(context, node, scope)
}

/** A value that is shown, or looked into, as it is: a row that a function returns has the logical columns there. */
export function walkValue(context: PlanContext, node: Node | undefined, scope: Scope): void {
  walkExpression(context, node, scope)
  const row = node && 'FuncCall' in node ? rowCall(context, node.FuncCall) : undefined
  if (row === undefined) return
  replaceCall(context, row)
  context.rows.push(row.decided)
}

function walkValues(context: PlanContext, nodes: Node | Nodes, scope: Scope): void {
  if (isList(nodes)) for (const node of nodes) walkValue(context, node, scope)
  else walkValue(context, nodes, scope)
}

/** A value with a name in XML: a column without one gives it its own, which another column has not, nor an expression. */
function namedValue(context: PlanContext, { name, val, location }: ResTarget, scope: Scope): void {
  const before = context.edits.count
  walkValue(context, val, scope)
  if (name === undefined && val && 'ColumnRef' in val && context.edits.count > before)
    nameInXml(context, val.ColumnRef, location, scope)
}

function windowDefinition(context: PlanContext, node: WindowDef, scope: Scope): void {
  const { partitionClause, orderClause, startOffset, endOffset } = node
  walkAllDirect(context, partitionClause, scope)
  for (const item of orderClause ?? []) if ('SortBy' in item) walkDirect(context, item.SortBy.node, scope)
  walkExpression(context, [startOffset, endOffset], scope)
}

/** Fields and elements behind a value: `(u).name`, `(f()).name`, `tags[1]`. */
function indirection(context: PlanContext, { arg, indirection: behind }: A_Indirection, scope: Scope): void {
  const before = context.rows.length
  const returned = arg && 'FuncCall' in arg && behind ? rowCall(context, arg.FuncCall) : undefined
  if (arg && returned) {
    walkExpression(context, arg, scope)
    fieldOfCall(context, returned, behind?.[0])
    return
  }
  if (arg && 'ColumnRef' in arg) fieldOfRow(context, arg.ColumnRef, behind?.[0], scope)
  else walkExpression(context, arg, scope)
  const row = context.rows[before] ?? (arg && 'ColumnRef' in arg ? rowsIn(arg.ColumnRef, scope) : undefined)
  if (row && behind?.some((part) => 'String' in part || 'A_Star' in part))
    throw new Unprovable('read', row, 'field-of-row')
  walkExpression(context, behind, scope)
}

/** Items of ROW(…) and of VALUES may be `u.*` or `(u).*`, which stand for their columns there. */
export function walkRow(context: PlanContext, items: readonly Node[] | undefined, scope: Scope): void {
  const sole = items?.length === 1
  for (const item of items ?? []) {
    if ('ColumnRef' in item && isStar(item)) {
      const sql = starSql(context, item.ColumnRef, scope, 'values')
      if (sql !== undefined)
        context.edits.replace(rowItemPlace(context.source, rangeOf(context, item.ColumnRef), sole), sql)
      continue
    }
    const returned = 'A_Indirection' in item ? starredCall(context, item.A_Indirection) : undefined
    if (returned && 'A_Indirection' in item) {
      call(context, returned.call, scope)
      const range = bracketedCall(context, returned.row)
      if (range)
        context.edits.replace(rowItemPlace(context.source, range, sole), starOfCall(context, returned.row, 'values'))
      continue
    }
    const row = 'A_Indirection' in item ? starredRow(item.A_Indirection, scope, 'values') : undefined
    const arg = row && 'A_Indirection' in item ? item.A_Indirection.arg : undefined
    const range = arg && 'ColumnRef' in arg ? bracketedField(context, arg.ColumnRef) : undefined
    if (row && range) context.edits.replace(rowItemPlace(context.source, range, sole), row.sql)
    else walkValue(context, item, scope)
  }
}

function operator(context: PlanContext, outermost: A_Expr, scope: Scope): void {
  let node = outermost
  // `a || b || …` of thousands is as deep as it is long, so the way down its left side takes no stack.
  const rights: (Node | undefined)[] = []
  while (comparisonOf(node) === undefined && node.lexpr && 'A_Expr' in node.lexpr) {
    rights.push(node.rexpr)
    node = node.lexpr.A_Expr
  }
  operands(context, node, scope)
  for (const right of rights.toReversed()) walkValue(context, right, scope)
}

function operands(context: PlanContext, node: A_Expr, scope: Scope): void {
  const comparison = comparisonOf(node)
  const { lexpr, rexpr } = node
  if (comparison === undefined || !lexpr || !rexpr) {
    walkValue(context, lexpr, scope)
    walkValue(context, rexpr, scope)
    return
  }
  const array = node.kind === 'AEXPR_OP_ANY' || node.kind === 'AEXPR_OP_ALL'
  if ('RowExpr' in lexpr) {
    const items = comparedItems(lexpr.RowExpr, rexpr)
    if (items === undefined) walkExpression(context, [lexpr, rexpr], scope)
    for (const item of items ?? []) operand(context, item.node, item.others, { comparison, scope })
    return
  }
  operand(context, lexpr, [rexpr], { comparison, scope, array })
  for (const item of 'List' in rexpr ? (rexpr.List.items ?? []) : [rexpr])
    operand(context, item, [lexpr], { comparison, scope, array: false })
}

interface Comparing {
  readonly comparison: Comparison
  readonly scope: Scope
  /** The other operand is an array of values. */
  readonly array?: boolean
}

/** One side of a comparison; the other sides keep the type that they had beside the logical column. */
function operand(
  context: PlanContext,
  node: Node,
  others: readonly Node[],
  { comparison, scope, array }: Comparing,
): void {
  if (!('ColumnRef' in node)) {
    walkValue(context, node, scope)
    return
  }
  const found = editUnlessMigrating(context, node.ColumnRef, scope)
  if (!found) return
  const bare = bareFor(found, scope)
  const usable = comparison === 'text' && !bare?.text ? undefined : bare
  replaceReference(context, node.ColumnRef, { found, scope, bare: usable })
  if (usable?.operandType !== undefined)
    for (const other of others) keepType(context, other, usable.operandType, array === true)
}

function subLink(context: PlanContext, node: SubLink, scope: Scope): void {
  if (node.operName === undefined || isComparison(node.operName)) walkDirect(context, node.testexpr, scope)
  else walkExpression(context, node.testexpr, scope)
  const output = node.subselect && context.planQuery(context, node.subselect, scope)
  if (output && node.testexpr && 'RowExpr' in node.testexpr) checkPlaces(output)
}

function call(context: PlanContext, node: FuncCall, scope: Scope): void {
  const name = nameStrings(node.funcname).at(-1) ?? ''
  for (const arg of node.args ?? []) {
    if (ROW_FUNCTIONS.has(name)) walkValue(context, arg, scope)
    else walkTyped(context, arg, scope)
  }
  for (const item of node.agg_order ?? []) if ('SortBy' in item) walkExpression(context, item.SortBy.node, scope)
  walkExpression(context, node.agg_filter, scope)
  if (node.over) windowDefinition(context, node.over, scope)
}

/** A value for a function that may ask for the table's own row type: a row stays what it is, or cannot be proven. */
function walkTyped(context: PlanContext, node: Node | undefined, scope: Scope): void {
  const results = node && resultsOf(node)
  if (node === undefined) return
  if ('ColumnRef' in node) typedArgument(context, node.ColumnRef, scope)
  else if ('NamedArgExpr' in node) walkTyped(context, node.NamedArgExpr.arg, scope)
  else if (results) {
    walkExpression(context, results.others, scope)
    for (const result of results.results) walkTyped(context, result, scope)
  } else walkExpression(context, node, scope)
}
