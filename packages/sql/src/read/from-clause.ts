import type {
  Alias,
  JoinExpr,
  JsonTable,
  Node,
  RangeFunction,
  RangeSubselect,
  RangeTableSample,
  RangeVar,
} from 'libpg-query'
import type { Relation } from '../catalog/catalog.ts'
import { nameStrings } from '../parse/name-strings.ts'
import { fieldsOf, kindOf, type NodeKind, type NodeOf } from '../parse/node-kind.ts'
import { columnList } from '../resolve/column-list.ts'
import { type DecidedMigration, typeOf } from '../resolve/decided-migration.ts'
import { logicalTable } from '../resolve/logical-columns.ts'
import { type PlanContext, relationOf } from '../resolve/plan-context.ts'
import {
  EMPTY_NAMESPACE,
  type Entry,
  findCte,
  innerScope,
  joinNamespaces,
  type Namespace,
  namespaceOf,
  type OutputColumns,
  type Scope,
} from '../resolve/scope.ts'
import { checkPlaces, Unprovable } from '../resolve/unprovable.ts'
import { derive, deriveAll, refuseDerived, tableName } from './derived-tables.ts'
import { walkExpression } from './expression.ts'
import { functionColumns } from './function-item.ts'
import { type NamedJoin, writeWithOn } from './using-as-on.ts'
import { examineJoin, mergedView, mustExamine, namedJoin } from './using-join.ts'

interface Item {
  /** The level around the FROM clause, with its common table expressions. */
  readonly scope: Scope
  /** What stands to the left, for LATERAL. */
  readonly left: Namespace
  /** The rows may be all NULL, as on the far side of an outer join. */
  readonly nullable: boolean
}

/** Plans a FROM (or USING) list and tells what it brings into view; `left` is what is in view already. */
export function planFrom(
  context: PlanContext,
  nodes: readonly Node[] | undefined,
  scope: Scope,
  left: Namespace = EMPTY_NAMESPACE,
): Namespace {
  let namespace = left
  for (const node of nodes ?? [])
    namespace = joinNamespaces(namespace, itemView(context, node, { scope, left: namespace, nullable: false }))
  return namespace
}

type ViewOf<K extends NodeKind> = (context: PlanContext, node: NodeOf<K>, item: Item) => Namespace

/** What stands in FROM. Anything else is something that nobody has looked at. */
const ITEMS: { readonly [K in NodeKind]?: ViewOf<K> } = {
  JoinExpr: joinView,
  JsonTable: (context, node, item) => tableView(context, { JsonTable: node }, node, item),
  RangeFunction: (context, node, item) => namespaceOf(functionEntry(context, node, item)),
  RangeSubselect: (context, node, item) => namespaceOf(subselectEntry(context, node, item)),
  RangeTableFunc: (context, node, item) => tableView(context, { RangeTableFunc: node }, node, item),
  RangeTableSample: sampleView,
  RangeVar: (context, node, item) => namespaceOf(tableEntry(context, node, item)),
}

function itemView(context: PlanContext, node: Node, item: Item): Namespace {
  const kind = kindOf(node)
  const view = kind && (ITEMS as Readonly<Record<string, ViewOf<never> | undefined>>)[kind]
  if (!view) throw new TypeError(`FROM has an item that it never has, of the kind ${kind}`)
  return view(context, fieldsOf(node, kind), item)
}

function sampleView(context: PlanContext, { relation, args, repeatable }: RangeTableSample, item: Item): Namespace {
  for (const value of [...(args ?? []), repeatable]) walkExpression(context, value, lateral(item))
  if (relation && 'RangeVar' in relation && context.derived.has(relation.RangeVar))
    refuseDerived(context, relation.RangeVar)
  return relation ? itemView(context, relation, item) : EMPTY_NAMESPACE
}

/** JSON_TABLE and XMLTABLE. */
function tableView(
  context: PlanContext,
  node: Node,
  { columns, alias }: Pick<JsonTable, 'columns' | 'alias'>,
  item: Item,
): Namespace {
  const isJson = 'JsonTable' in node
  walkExpression(context, node, isJson ? { ...lateral(item), inJsonTable: true } : lateral(item))
  const names = tableColumns(columns)
  return namespaceOf(plainEntry(isJson ? 'json_table' : 'xmltable', { names, open: names.length === 0 }, alias))
}

/** The columns of JSON_TABLE and XMLTABLE: nested ones stand in the place of their path. */
function tableColumns(columns: readonly Node[] | undefined): readonly string[] {
  return (columns ?? []).flatMap((column): readonly string[] => {
    if ('RangeTableFuncCol' in column) return [column.RangeTableFuncCol.colname ?? '']
    if (!('JsonTableColumn' in column)) return []
    const { coltype, name, columns: nested } = column.JsonTableColumn
    return coltype === 'JTC_NESTED' ? tableColumns(nested) : [name ?? '']
  })
}

const lateral = (item: Item): Scope => innerScope(item.scope, item.left)

const aliasColumns = (alias: Alias | undefined): readonly string[] => nameStrings(alias?.colnames)

function plainEntry(name: string | undefined, output: OutputColumns, alias: Alias | undefined, schema?: string): Entry {
  const renamed = aliasColumns(alias)
  if (renamed.length > 0) checkPlaces(output)
  const columns = [...renamed, ...output.names.slice(renamed.length)]
  return {
    name: alias?.aliasname ?? name,
    schema: alias ? undefined : schema,
    columns,
    open: output.open,
    table: undefined,
    rows: output.rows,
    unplaced: output.unplaced,
  }
}

/** The entry of a table as the statement names it; `derived` ones get their sub-select here. */
function tableEntry(context: PlanContext, node: RangeVar, item: Item): Entry {
  const { alias } = node
  const cte = node.schemaname === undefined ? findCte(item.scope, node.relname ?? '') : undefined
  if (cte) return plainEntry(node.relname, cte, alias)
  const relation = relationOf(context, node)
  if (relation === undefined) return plainEntry(node.relname, { names: [], open: true }, alias, node.schemaname)
  const decidedMigrations = context.decidedMigrations(relation)
  const schema = node.schemaname ?? relation.schema
  const first = decidedMigrations[0]
  const typed = alias?.colnames ? {} : { typeOf: columnTypes(relation, decidedMigrations) }
  if (first === undefined) {
    const names = relation.columns.map((column) => column.name)
    return { ...plainEntry(node.relname, { names, open: false }, alias, schema), ...typed }
  }

  const logical = logicalTable(relation, decidedMigrations)
  if (alias?.colnames && !logical.placed) throw new Unprovable('read', first, 'column-positions')
  if (alias?.colnames || context.derived.has(node)) {
    derive(
      context,
      node,
      logical.columns.length === 0
        ? undefined
        : columnList(logical, { reads: (decided) => decided.read, nullable: false }, tableName(node)),
    )
    const names = logical.columns.map((column) => column.name)
    return {
      ...plainEntry(node.relname, { names, open: false }, alias, schema),
      ...typed,
      unplaced: logical.placed ? undefined : first,
      derived: decidedMigrations.find((decided) => decided.read === 'shadow') ?? first,
    }
  }
  return {
    name: alias?.aliasname ?? node.relname,
    schema: alias ? undefined : schema,
    columns: logical.columns.map((column) => column.name),
    open: false,
    ...typed,
    table: { node, logical, reads: (decided) => decided.read, nullable: item.nullable },
  }
}

/** The types of a table's columns as the application knows them. */
function columnTypes(relation: Relation, decidedMigrations: readonly DecidedMigration[]): NonNullable<Entry['typeOf']> {
  return (name) => {
    const decided = decidedMigrations.find((each) => each.compiled.logical.includes(name))
    return decided ? typeOf(decided, name) : relation.columns.find((column) => column.name === name)?.type
  }
}

function subselectEntry(context: PlanContext, node: RangeSubselect, item: Item): Entry {
  const scope = node.lateral ? lateral(item) : item.scope
  const output = node.subquery ? context.planQuery(context, node.subquery, scope) : { names: [], open: true }
  return plainEntry(undefined, output, node.alias)
}

function functionEntry(context: PlanContext, node: RangeFunction, item: Item): Entry {
  const scope = lateral(item)
  for (const each of node.functions ?? []) walkExpression(context, 'List' in each ? each.List.items : each, scope)
  walkExpression(context, node.coldeflist, scope)
  const name = node.alias?.aliasname ?? functionName(node)
  return plainEntry(name, functionColumns(context, node, name), node.alias)
}

function functionName(node: RangeFunction): string | undefined {
  const list = node.functions?.[0]
  const call = list && 'List' in list ? list.List.items?.[0] : undefined
  const last = call && 'FuncCall' in call ? call.FuncCall.funcname?.at(-1) : undefined
  return last && 'String' in last ? last.String.sval : undefined
}

function joinView(context: PlanContext, node: JoinExpr, item: Item): Namespace {
  if (node.alias) deriveAll(context, node)
  const join = (of: PlanContext): NamedJoin => namedJoin(node, sides(of, node, item))
  const named = (mustExamine(context, node) && examined(context, join(context.dry()), item.scope)) || join(context)
  const { left, right } = named
  const decided = context.asOn.get(node)
  if (decided) writeWithOn(context, named, innerScope(item.scope, joinNamespaces(left, right)))
  const namespace = mergedView(named, decided)
  walkExpression(context, node.quals, innerScope(item.scope, namespace))
  if (node.alias === undefined) return namespace
  const names = namespace.columns.map((column) => column.name)
  return namespaceOf(plainEntry(undefined, { names, open: namespace.plain.some((entry) => entry.open) }, node.alias))
}

/** The sides of a join that was examined, where they are as they were, and nothing else is wanted of them. */
function examined(context: PlanContext, named: NamedJoin, scope: Scope): NamedJoin | undefined {
  const { derived, asOn, looks } = context
  const before = [derived.size, asOn.size]
  examineJoin(context, named, scope)
  const same = derived.size === before[0] && asOn.size - (asOn.has(named.node) ? 1 : 0) === before[1]
  return looks && same ? named : undefined
}

function sides(context: PlanContext, node: JoinExpr, item: Item): { left: Namespace; right: Namespace } {
  const { jointype } = node
  const side = (child: Node | undefined, inner: Item): Namespace =>
    child ? itemView(context, child, inner) : EMPTY_NAMESPACE
  const left = side(node.larg, {
    ...item,
    nullable: item.nullable || jointype === 'JOIN_RIGHT' || jointype === 'JOIN_FULL',
  })
  const right = side(node.rarg, {
    ...item,
    left: joinNamespaces(item.left, left),
    nullable: item.nullable || jointype === 'JOIN_LEFT' || jointype === 'JOIN_FULL',
  })
  return { left, right }
}
