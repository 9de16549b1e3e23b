import { quoteIdentifier } from '@expand-contract/core'
import type { FuncCall, Node, RangeFunction } from 'libpg-query'
import { functionItemPlace } from '../parse/join-places.ts'
import { nameStrings } from '../parse/name-strings.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { calledRowFunction, itemsOf, type RowCall, returnedColumns, rowCall } from '../resolve/row-call.ts'
import type { OutputColumns } from '../resolve/scope.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { tableFunctionColumns } from './table-functions.ts'

/** One function of an item in FROM; its columns, or undefined where they are not known. */
interface Member {
  readonly call: FuncCall | undefined
  readonly row: RowCall | undefined
  readonly columns: readonly string[] | undefined
}

/** The columns of a function in FROM, or of several in ROWS FROM, as far as they are known. */
export function functionColumns(context: PlanContext, node: RangeFunction, alias: string | undefined): OutputColumns {
  const members = membersOf(context, node, alias)
  const names = members.flatMap(({ row, columns }) => row?.logical.columns.map(({ name }) => name) ?? columns ?? [])
  const open = members.some(({ columns }) => columns === undefined)
  if (members.some(({ row }) => row)) putBehind(context, node, members)
  if (open) return { names: alias === undefined ? [] : [alias], open }
  return { names: node.ordinality ? [...names, 'ordinality'] : names, open }
}

function membersOf(context: PlanContext, node: RangeFunction, alias: string | undefined): readonly Member[] {
  const lists = (node.functions ?? []).flatMap((each) => ('List' in each ? [each.List.items ?? []] : []))
  return lists.map(([first, defined]): Member => {
    const call = first && 'FuncCall' in first ? first.FuncCall : undefined
    const list = definedColumns(lists.length === 1 ? (node.coldeflist ?? listOf(defined)) : listOf(defined))
    if (list.length > 0) return { call, row: undefined, columns: list }
    const row = call && rowCall(context, call)
    if (row) return { call, row, columns: row.relation.columns.map(({ name }) => name) }
    return {
      call,
      row,
      columns: call && (unchanged(context, call) ?? known(context, call, lists.length === 1 ? alias : undefined)),
    }
  })
}

/** The columns of a function that returns rows of a migrating table as the application knows them. */
function unchanged({ catalog }: PlanContext, call: FuncCall): readonly string[] | undefined {
  const found = calledRowFunction(catalog, call)
  if (found === undefined || found.overloaded) return undefined
  return catalog.relationOf(found.relation.oid)?.columns.map(({ name }) => name)
}

const listOf = (node: Node | undefined): readonly Node[] => (node && 'List' in node ? (node.List.items ?? []) : [])

const definedColumns = (nodes: readonly Node[]): readonly string[] =>
  nodes.flatMap((column) =>
    'ColumnDef' in column && column.ColumnDef.colname !== undefined ? [column.ColumnDef.colname] : [],
  )

/** A function of the database's own could be meant by the name of one of PostgreSQL's. */
function known(
  { catalog }: PlanContext,
  { funcname }: FuncCall,
  alias: string | undefined,
): readonly string[] | undefined {
  const [name = '', schema, ...others] = nameStrings(funcname).toReversed()
  if (others.length > 0 || (schema !== undefined && schema !== 'pg_catalog')) return undefined
  if (schema === undefined && catalog.ownTableFunctions?.has(name) !== false) return undefined
  return tableFunctionColumns(name, alias)
}

/** Puts the item behind a sub-select, so that exactly the logical columns can be seen. Its columns are told by their places. */
function putBehind(context: PlanContext, node: RangeFunction, members: readonly Member[]): void {
  const { edits } = context
  const [first] = members
  const row = members.find((member) => member.row)?.row
  if (row === undefined || first?.call === undefined) return
  if (members.some(({ columns }) => columns === undefined))
    throw new Unprovable('read', row.decided, 'unknown-columns', row.range.start)
  const item = functionItemPlace(context.source, node, first.call)
  let count = 0
  const place = (): string => `ec.c${++count}`
  const items = members.flatMap((member) => {
    const places = new Map((member.columns ?? []).map((name) => [name, place()]))
    if (member.row === undefined) return [...places].map(([name, sql]) => ({ name, sql }))
    const when = `pg_catalog.num_nonnulls(${[...places.values()].join(', ')}) > 0`
    return returnedColumns(member.row, (name) => places.get(name) ?? 'NULL', when)
  })
  const all = node.ordinality ? [...items, { name: 'ordinality', sql: place() }] : items
  const columns = Array.from({ length: count }, (_, index) => `c${index + 1}`).join(', ')
  edits.before(item.start, `${node.lateral ? '' : 'LATERAL '}(SELECT ${itemsOf(all, 'items')} FROM `)
  const name = quoteIdentifier(nameStrings(first.call.funcname).at(-1) ?? '')
  edits.after(item.end, ` AS ec(${columns}))${node.alias ? '' : ` AS ${name}`}`)
}
