import type { Alias, JoinExpr, Node, RangeFunction, RangeSubselect, RangeVar } from 'libpg-query'
import type { Relation } from '../catalog/catalog.ts'
import { nameStrings } from '../parse/name-strings.ts'
import { columnList } from '../resolve/column-list.ts'
import { logicalTable } from '../resolve/logical-columns.ts'
import {
  EMPTY_VIEW,
  type Entry,
  findCte,
  innerScope,
  joinViews,
  type OutputColumns,
  type Scope,
  type View,
  viewOf,
} from '../resolve/scope.ts'
import { type Stance, typeOf } from '../resolve/stance.ts'
import { checkPlaces, Unprovable } from '../resolve/unprovable.ts'
import { relationOf, type Work } from '../resolve/work.ts'
import { derive, deriveAll, refuseDerived, tableName } from './derived-tables.ts'
import { walkExpression } from './expression.ts'
import { functionColumns } from './function-item.ts'
import { examineJoin, mergedView, mustExamine, namedJoin } from './merging-join.ts'
import { type NamedJoin, spell } from './spelled-join.ts'

interface Item {
  /** The level around the FROM clause, with its common table expressions. */
  readonly scope: Scope
  /** What stands to the left, for LATERAL. */
  readonly left: View
  /** The rows may be all NULL, as on the far side of an outer join. */
  readonly nullable: boolean
}

/** Plans a FROM (or USING) list and tells what it brings into view; `left` is what is in view already. */
export function fromView(work: Work, nodes: readonly Node[] | undefined, scope: Scope, left: View = EMPTY_VIEW): View {
  let view = left
  for (const node of nodes ?? []) view = joinViews(view, itemView(work, node, { scope, left: view, nullable: false }))
  return view
}

function itemView(work: Work, node: Node, item: Item): View {
  if ('RangeVar' in node) return viewOf(tableEntry(work, node.RangeVar, item))
  if ('RangeSubselect' in node) return viewOf(subselectEntry(work, node.RangeSubselect, item))
  if ('RangeFunction' in node) return viewOf(functionEntry(work, node.RangeFunction, item))
  if ('JoinExpr' in node) return joinView(work, node.JoinExpr, item)
  if ('RangeTableSample' in node) {
    const { relation, args, repeatable } = node.RangeTableSample
    for (const value of [...(args ?? []), repeatable]) walkExpression(work, value, lateral(item))
    if (relation && 'RangeVar' in relation && work.derived.has(relation.RangeVar))
      refuseDerived(work, relation.RangeVar)
    return relation ? itemView(work, relation, item) : EMPTY_VIEW
  }
  const inner = Object.values(node)[0] as { readonly alias?: Alias; readonly columns?: readonly Node[] }
  walkExpression(work, node, lateral(item))
  const names = tableColumns(inner.columns)
  const name = 'JsonTable' in node ? 'json_table' : 'xmltable'
  return viewOf(plainEntry(name, { names, open: names.length === 0 }, inner.alias))
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
function tableEntry(work: Work, node: RangeVar, item: Item): Entry {
  const { alias } = node
  const cte = node.schemaname === undefined ? findCte(item.scope, node.relname ?? '') : undefined
  if (cte) return plainEntry(node.relname, cte, alias)
  const relation = relationOf(work, node)
  if (relation === undefined) return plainEntry(node.relname, { names: [], open: true }, alias, node.schemaname)
  const stances = work.stances(relation)
  const schema = node.schemaname ?? relation.schema
  const first = stances[0]
  const typed = alias?.colnames ? {} : { typeOf: columnTypes(relation, stances) }
  if (first === undefined) {
    const names = relation.columns.map((column) => column.name)
    return { ...plainEntry(node.relname, { names, open: false }, alias, schema), ...typed }
  }

  const logical = logicalTable(relation, stances)
  if (alias?.colnames && !logical.placed) throw new Unprovable('read', first, 'column-positions')
  if (alias?.colnames || work.derived.has(node)) {
    derive(
      work,
      node,
      logical.columns.length === 0
        ? undefined
        : columnList(logical, { reads: (stance) => stance.read, nullable: false }, tableName(node)),
    )
    const names = logical.columns.map((column) => column.name)
    return {
      ...plainEntry(node.relname, { names, open: false }, alias, schema),
      ...typed,
      unplaced: logical.placed ? undefined : first,
      derived: stances.find((stance) => stance.read === 'shadow') ?? first,
    }
  }
  return {
    name: alias?.aliasname ?? node.relname,
    schema: alias ? undefined : schema,
    columns: logical.columns.map((column) => column.name),
    open: false,
    ...typed,
    table: { node, logical, reads: (stance) => stance.read, nullable: item.nullable },
  }
}

/** The types of a table's columns as the application knows them. */
function columnTypes(relation: Relation, stances: readonly Stance[]): NonNullable<Entry['typeOf']> {
  return (name) => {
    const stance = stances.find((each) => each.compiled.logical.includes(name))
    return stance ? typeOf(stance, name) : relation.columns.find((column) => column.name === name)?.type
  }
}

function subselectEntry(work: Work, node: RangeSubselect, item: Item): Entry {
  const scope = node.lateral ? lateral(item) : item.scope
  const output = node.subquery ? work.planQuery(work, node.subquery, scope) : { names: [], open: true }
  return plainEntry(undefined, output, node.alias)
}

function functionEntry(work: Work, node: RangeFunction, item: Item): Entry {
  const scope = lateral(item)
  for (const call of node.functions ?? []) walkExpression(work, call, scope)
  const name = node.alias?.aliasname ?? functionName(node)
  return plainEntry(name, functionColumns(work, node, name), node.alias)
}

function functionName(node: RangeFunction): string | undefined {
  const list = node.functions?.[0]
  const call = list && 'List' in list ? list.List.items?.[0] : undefined
  const last = call && 'FuncCall' in call ? call.FuncCall.funcname?.at(-1) : undefined
  return last && 'String' in last ? last.String.sval : undefined
}

function joinView(work: Work, node: JoinExpr, item: Item): View {
  if (node.alias) deriveAll(work, node)
  const join = (of: Work): NamedJoin => namedJoin(node, sides(of, node, item))
  const named = (mustExamine(work, node) && examined(work, join(work.dry()), item.scope)) || join(work)
  const { left, right } = named
  const stance = work.spelled.get(node)
  if (stance) spell(work, named, innerScope(item.scope, joinViews(left, right)))
  const view = mergedView(named, stance)
  walkExpression(work, node.quals, innerScope(item.scope, view))
  if (node.alias === undefined) return view
  const names = view.columns.map((column) => column.name)
  return viewOf(plainEntry(undefined, { names, open: view.plain.some((entry) => entry.open) }, node.alias))
}

/** The sides of a join that was examined, where they are as they were, and nothing else is wanted of them. */
function examined(work: Work, named: NamedJoin, scope: Scope): NamedJoin | undefined {
  const { derived, spelled, looks } = work
  const before = [derived.size, spelled.size]
  examineJoin(work, named, scope)
  const same = derived.size === before[0] && spelled.size - (spelled.has(named.node) ? 1 : 0) === before[1]
  return looks && same ? named : undefined
}

function sides(work: Work, node: JoinExpr, item: Item): { left: View; right: View } {
  const { jointype } = node
  const side = (child: Node | undefined, inner: Item): View => (child ? itemView(work, child, inner) : EMPTY_VIEW)
  const left = side(node.larg, {
    ...item,
    nullable: item.nullable || jointype === 'JOIN_RIGHT' || jointype === 'JOIN_FULL',
  })
  const right = side(node.rarg, {
    ...item,
    left: joinViews(item.left, left),
    nullable: item.nullable || jointype === 'JOIN_LEFT' || jointype === 'JOIN_FULL',
  })
  return { left, right }
}
