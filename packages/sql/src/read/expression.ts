import type { A_Expr, ColumnRef, FuncCall, Node, SubLink, TypeName } from 'libpg-query'
import { nameStrings } from '../parse/name-strings.ts'
import type { Range } from '../parse/source-text.ts'
import type { DecidedMigration } from '../resolve/decided-migration.ts'
import { type PlanContext, relationOf } from '../resolve/plan-context.ts'
import {
  bareFor,
  type MigratingReference,
  namesOf,
  qualifierIn,
  ROW_FUNCTIONS,
  type RowReference,
  rangeOf,
  readsShadow,
  referenceSql,
  resolve,
  rowDiffers,
  rowSql,
} from '../resolve/reference.ts'
import { bracketedCall, fieldOfCall, replaceCall, rowCall, starOfCall, starredCall } from '../resolve/row-call.ts'
import { type Entry, findEntry, resolveColumn, type Scope } from '../resolve/scope.ts'
import { starredRow, starSql } from '../resolve/star.ts'
import { Behind, checkPlaces, Unprovable } from '../resolve/unprovable.ts'

/** Plans every reference in an expression; anything that is not one is walked through. */
export function walkExpression(context: PlanContext, node: unknown, scope: Scope): void {
  if (Array.isArray(node)) {
    for (const item of node) walkExpression(context, item, scope)
    return
  }
  if (typeof node !== 'object' || node === null) return
  const known = node as Node
  if ('A_Const' in known || 'ParamRef' in known) return
  if ('ColumnRef' in known) columnReference(context, known.ColumnRef, scope, false)
  else if ('A_Expr' in known) operator(context, known.A_Expr, scope)
  else if ('FuncCall' in known) call(context, known.FuncCall, scope)
  else if ('SubLink' in known) subLink(context, known.SubLink, scope)
  else if ('SelectStmt' in known) context.planQuery(context, known, scope)
  else if ('RowExpr' in known) walkRow(context, known.RowExpr.args, scope)
  else if ('NullTest' in known) {
    const { arg } = known.NullTest
    if (arg && 'FuncCall' in arg) walkValue(context, arg, scope)
    else walkDirect(context, arg, scope)
  } else if ('GroupingFunc' in known) for (const arg of known.GroupingFunc.args ?? []) walkDirect(context, arg, scope)
  else if ('WindowDef' in known) {
    for (const item of known.WindowDef.partitionClause ?? []) walkDirect(context, item, scope)
    walkSort(context, known.WindowDef.orderClause, scope)
    walkExpression(context, [known.WindowDef.startOffset, known.WindowDef.endOffset], scope)
  } else if ('A_Indirection' in known) {
    const { arg, indirection } = known.A_Indirection
    const before = context.rows.length
    const returned = arg && 'FuncCall' in arg && indirection ? rowCall(context, arg.FuncCall) : undefined
    if (arg && returned) {
      walkExpression(context, arg, scope)
      fieldOfCall(context, returned, indirection?.[0])
      return
    }
    if (arg && 'ColumnRef' in arg) fieldOfRow(context, arg.ColumnRef, indirection?.[0], scope)
    else walkExpression(context, arg, scope)
    const row = context.rows[before] ?? (arg && 'ColumnRef' in arg ? rowsIn(arg.ColumnRef, scope) : undefined)
    if (row && indirection?.some((part) => 'String' in part || 'A_Star' in part))
      throw new Unprovable('read', row, 'field-of-row')
    walkExpression(context, indirection, scope)
  } else if ('TypeCast' in known) {
    rowType(context, known.TypeCast.typeName)
    walkValue(context, known.TypeCast.arg, scope)
  } else for (const value of Object.values(node)) walkExpression(context, value, scope)
}

/** An expression that only has to be equal to, and ordered like, the column it names: the bare column will do. */
export function walkDirect(context: PlanContext, node: Node | undefined, scope: Scope): void {
  if (node && 'ColumnRef' in node) columnReference(context, node.ColumnRef, scope, true)
  else walkExpression(context, node, scope)
}

/** A value that is shown, or looked into, as it is: a row that a function returns has the logical columns there. */
export function walkValue(context: PlanContext, node: Node | undefined, scope: Scope): void {
  walkExpression(context, node, scope)
  const row = node && 'FuncCall' in node ? rowCall(context, node.FuncCall) : undefined
  if (row) replaceCall(context, row)
}

function walkSort(context: PlanContext, items: readonly Node[] | undefined, scope: Scope): void {
  for (const item of items ?? []) if ('SortBy' in item) walkDirect(context, item.SortBy.node, scope)
}

function columnReference(context: PlanContext, ref: ColumnRef, scope: Scope, bareWillDo: boolean): void {
  const found = resolve(context, ref, scope, (...row) => wholeRow(context, ref, row, scope))
  if (found) replaceReference(context, ref, { found, scope, bare: bareWillDo ? bareFor(found, scope) : undefined })
}

interface Replacement {
  readonly found: MigratingReference
  readonly scope: Scope
  readonly bare: ReturnType<typeof bareFor>
}

function replaceReference(context: PlanContext, ref: ColumnRef, { found, scope, bare }: Replacement): void {
  for (let outer = scope.parent; outer; outer = outer.parent)
    if (outer.grouped?.some(({ entry, column }) => entry === found.entry && column === found.column))
      if (found.entry.table?.node) throw new Behind(found.entry.table.node)
  context.edits.replace(rangeOf(context, ref), referenceSql(found, bare))
}

function wholeRow(
  context: PlanContext,
  ref: ColumnRef,
  [entry, captured]: Parameters<RowReference>,
  scope: Scope,
): void {
  const differs = rowDiffers(entry)
  if (differs === undefined) {
    if (captured) writeRowOut(context, ref)
    return
  }
  context.rows.push(differs)
  const range = rangeOf(context, ref)
  const { names, star } = namesOf(ref)
  const qualifier = star ? qualifierIn(context, ref) : context.source.text.slice(range.start, range.end)
  if (findEntry(scope, names.at(-2), names.at(-1) ?? '') !== entry) throw new RangeError('an entry that is not visible')
  context.edits.replace(range, rowSql(entry, qualifier, scope))
}

/**
 * A row as it is, by a name that a shadow column would capture. `u.*` alone would be taken for its columns in a list;
 * COALESCE of one value is that value, with its type.
 */
function writeRowOut(context: PlanContext, ref: ColumnRef): void {
  const range = rangeOf(context, ref)
  context.edits.replace(range, `COALESCE(${context.source.text.slice(range.start, range.end)}.*)`)
}

/** `(u).name` is `u.name`. */
function fieldOfRow(context: PlanContext, ref: ColumnRef, selected: Node | undefined, scope: Scope): void {
  const name = selected && 'String' in selected ? selected.String.sval : undefined
  let row: Entry | undefined
  let asItIs = (): void => {}
  const found = resolve(context, ref, scope, (entry, captured) => {
    row = entry
    if (captured) asItIs = () => writeRowOut(context, ref)
  })
  if (found) {
    replaceReference(context, ref, { found, scope, bare: undefined })
    return
  }
  const { table } = row ?? {}
  const differs = row && rowDiffers(row)
  const decided = table?.logical.columns.find((column) => column.name === name)?.decided
  const same = name !== undefined && (decided === undefined || table?.reads(decided) === 'logical')
  if (row === undefined || table === undefined || differs === undefined || same) {
    asItIs()
    return
  }
  const range = rangeOf(context, ref)
  const field = bracketedField(context, ref)
  if (decided === undefined || name === undefined || field === undefined)
    throw new Unprovable('read', decided ?? differs, 'field-of-row', range.start)
  const qualifier = namesOf(ref).star ? qualifierIn(context, ref) : context.source.text.slice(range.start, range.end)
  context.edits.replace(field, referenceSql({ decided, column: name, entry: row, qualifier }, undefined))
}

/** Set where a column of a sub-select may be a whole row that was written out. */
function rowsIn(ref: ColumnRef, scope: Scope): DecidedMigration | undefined {
  const [name = '', table] = namesOf(ref).names.toReversed()
  const entry = table === undefined ? resolveColumn(scope, name).column?.entry : findEntry(scope, undefined, table)
  return entry?.rows
}

/** From the outermost bracket around a row to the field behind it. */
function bracketedField(context: PlanContext, ref: ColumnRef): Range | undefined {
  const { source } = context
  const first = source.tokenAt(ref.location)
  let open = first.index - 1
  let close = source.nameEnd(first, ref.fields?.length ?? 1).index + 1
  while (
    source.token(open)?.word === '(' &&
    source.token(close)?.word === ')' &&
    source.token(close + 1)?.word === ')'
  ) {
    open--
    close++
  }
  const [start, dot, end] = [source.token(open), source.token(close + 1), source.token(close + 2)]
  return start?.word === '(' && dot?.word === '.' && end ? { start: start.start, end: end.end } : undefined
}

const isStar = (node: Node): boolean => 'ColumnRef' in node && namesOf(node.ColumnRef).star

/** Items of ROW(…) and of VALUES may be `u.*` or `(u).*`, which stand for their columns there. */
export function walkRow(context: PlanContext, items: readonly Node[] | undefined, scope: Scope): void {
  const sole = items?.length === 1
  for (const item of items ?? []) {
    if ('ColumnRef' in item && isStar(item)) {
      const sql = starSql(context, item.ColumnRef, scope, 'values')
      if (sql !== undefined) context.edits.replace(rowItemRange(context, rangeOf(context, item.ColumnRef), sole), sql)
      continue
    }
    const returned = 'A_Indirection' in item ? starredCall(context, item.A_Indirection) : undefined
    if (returned && 'A_Indirection' in item) {
      call(context, returned.call, scope)
      const range = bracketedCall(context, returned.row)
      if (range) context.edits.replace(rowItemRange(context, range, sole), starOfCall(context, returned.row, 'values'))
      continue
    }
    const row = 'A_Indirection' in item ? starredRow(item.A_Indirection, scope, 'values') : undefined
    const arg = row && 'A_Indirection' in item ? item.A_Indirection.arg : undefined
    const range = arg && 'ColumnRef' in arg ? bracketedField(context, arg.ColumnRef) : undefined
    if (row && range) context.edits.replace(rowItemRange(context, range, sole), row.sql)
    else walkExpression(context, item, scope)
  }
}

/** An item with the brackets around it; around a sole one the outermost are those of the row. */
function rowItemRange({ source }: PlanContext, range: Range, sole: boolean): Range {
  const first = source.startingAt(range.start)
  const last = source.tokens.find(({ end }) => end === range.end)
  if (!first || !last) throw new RangeError('an item without a place')
  const { open, close, ...whole } = source.withBrackets(first, last)
  if (!sole || open === first) return whole
  return source.range(open.index + 1, close.index)
}

const COMPARISONS = new Set(['=', '<>', '!=', '<', '>', '<=', '>='])
const TEXT_OPERATORS = new Set(['~', '~*', '!~', '!~*', '~~', '~~*', '!~~', '!~~*', '^@'])

type Comparison = 'any-type' | 'text' | undefined

const COMPARISON_KINDS: Readonly<Record<string, Comparison>> = {
  AEXPR_DISTINCT: 'any-type',
  AEXPR_NOT_DISTINCT: 'any-type',
  AEXPR_IN: 'any-type',
  AEXPR_BETWEEN: 'any-type',
  AEXPR_NOT_BETWEEN: 'any-type',
  AEXPR_BETWEEN_SYM: 'any-type',
  AEXPR_NOT_BETWEEN_SYM: 'any-type',
  AEXPR_LIKE: 'text',
  AEXPR_ILIKE: 'text',
}

function comparisonOf({ kind, name }: A_Expr): Comparison {
  if (kind !== 'AEXPR_OP' && kind !== 'AEXPR_OP_ANY' && kind !== 'AEXPR_OP_ALL') return COMPARISON_KINDS[kind ?? '']
  const operatorName = name?.length === 1 && name[0] && 'String' in name[0] ? (name[0].String.sval ?? '') : ''
  if (COMPARISONS.has(operatorName)) return 'any-type'
  return TEXT_OPERATORS.has(operatorName) ? 'text' : undefined
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
  for (const right of rights.toReversed()) walkExpression(context, right, scope)
}

function operands(context: PlanContext, node: A_Expr, scope: Scope): void {
  const comparison = comparisonOf(node)
  const { lexpr, rexpr } = node
  if (comparison === undefined || !lexpr || !rexpr) {
    walkExpression(context, [lexpr, rexpr], scope)
    return
  }
  const array = node.kind === 'AEXPR_OP_ANY' || node.kind === 'AEXPR_OP_ALL'
  if ('RowExpr' in lexpr) {
    compareRows(context, lexpr, rexpr, { comparison, scope })
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

/** `(a, b) > ($1, $2)` and `(a, b) IN ((1, 2), (3, 4))`, element by element. */
function compareRows(
  context: PlanContext,
  left: Extract<Node, { RowExpr: unknown }>,
  right: Node,
  how: Comparing,
): void {
  const rows = 'List' in right ? (right.List.items ?? []) : [right]
  const items = left.RowExpr.args ?? []
  const same = rows.every((row) => 'RowExpr' in row && row.RowExpr.args?.length === items.length)
  // A star among the items stands for its columns.
  if (!same || [left, ...rows].some((row) => 'RowExpr' in row && row.RowExpr.args?.some(isStar))) {
    walkExpression(context, [left, right], how.scope)
    return
  }
  const others = rows.map((row) => ('RowExpr' in row ? (row.RowExpr.args ?? []) : []))
  for (const [index, item] of items.entries()) {
    const counterparts = others.flatMap((row) => row[index] ?? [])
    operand(context, item, counterparts, how)
    for (const counterpart of counterparts) operand(context, counterpart, [item], how)
  }
}

/** One side of a comparison; the other sides keep the type that they had beside the logical column. */
function operand(
  context: PlanContext,
  node: Node,
  others: readonly Node[],
  { comparison, scope, array }: Comparing,
): void {
  if (!('ColumnRef' in node)) {
    walkExpression(context, node, scope)
    return
  }
  const found = resolve(context, node.ColumnRef, scope, (...row) => wholeRow(context, node.ColumnRef, row, scope))
  if (!found) return
  const bare = bareFor(found, scope)
  const usable = comparison === 'text' && !bare?.text ? undefined : bare
  replaceReference(context, node.ColumnRef, { found, scope, bare: usable })
  if (usable?.operandType !== undefined)
    for (const other of others) keepType(context, other, usable.operandType, array === true)
}

/**
 * A parameter or untyped literal takes its type from the column beside it, so it gets the one that it had. A parameter may
 * have another type already, from a place before this one or from who prepared the statement, and keeps that: a cast would
 * round its value or find it out of range.
 */
function keepType(context: PlanContext, node: Node, type: string, array: boolean): void {
  const elements = 'List' in node ? node.List.items : 'A_ArrayExpr' in node ? node.A_ArrayExpr.elements : undefined
  for (const item of elements ?? []) keepType(context, item, type, false)
  const whole = `${type}${array ? '[]' : ''}`
  if ('ParamRef' in node) wrap(context, node.ParamRef.location, 'COALESCE(', `, NULL::${whole})`)
  else if ('A_Const' in node && node.A_Const.sval) wrap(context, node.A_Const.location, '(', `)::${whole}`)
}

function wrap(context: PlanContext, location: number | undefined, before: string, after: string): void {
  const token = context.source.tokenAt(location)
  context.edits.before(token.start, before)
  context.edits.after(token.end, after)
}

function subLink(context: PlanContext, node: SubLink, scope: Scope): void {
  const name = node.operName?.[0]
  const comparable =
    node.operName === undefined || (name && 'String' in name && COMPARISONS.has(name.String.sval ?? ''))
  if (comparable) walkDirect(context, node.testexpr, scope)
  else walkExpression(context, node.testexpr, scope)
  const output = node.subselect && context.planQuery(context, node.subselect, scope)
  if (output && node.testexpr && 'RowExpr' in node.testexpr) checkPlaces(output)
}

function call(context: PlanContext, node: FuncCall, scope: Scope): void {
  const last = node.funcname?.at(-1)
  const name = last && 'String' in last ? (last.String.sval ?? '') : ''
  for (const arg of node.args ?? []) {
    if ('ColumnRef' in arg && !ROW_FUNCTIONS.has(name)) typedArgument(context, arg.ColumnRef, scope)
    else if (ROW_FUNCTIONS.has(name)) walkValue(context, arg, scope)
    else walkExpression(context, arg, scope)
  }
  for (const item of node.agg_order ?? []) if ('SortBy' in item) walkExpression(context, item.SortBy.node, scope)
  walkExpression(context, node.agg_filter, scope)
  if (node.over) walkExpression(context, { WindowDef: node.over }, scope)
}

function typedArgument(context: PlanContext, ref: ColumnRef, scope: Scope): void {
  const found = resolve(context, ref, scope, (entry, captured) => {
    const shadowRead = readsShadow(entry)
    if (shadowRead)
      throw new Unprovable('read', shadowRead, 'whole-row-in-function', context.source.offset(ref.location))
    if (captured) writeRowOut(context, ref)
  })
  if (found) replaceReference(context, ref, { found, scope, bare: undefined })
}

/** A cast to the table's row type depends on the columns that exist. */
function rowType(context: PlanContext, type: TypeName | undefined): void {
  const names = nameStrings(type?.names)
  const relname = names.at(-1)
  if (relname === undefined || names.length > 2) return
  const schemaname = names.length === 2 ? names[0] : undefined
  const relation = relationOf(context, schemaname === undefined ? { relname } : { relname, schemaname })
  const decided = relation && context.decidedMigrations(relation).find((each) => each.read === 'shadow')
  if (decided) throw new Unprovable('read', decided, 'row-type', context.source.offset(type?.location))
}
