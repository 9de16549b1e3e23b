import { quoteIdentifier } from '@expand-contract/core'
import type { JoinExpr, Node, RangeVar, SelectStmt } from 'libpg-query'
import { tablePlace } from '../parse/places.ts'
import { type PlanContext, relationOf } from '../resolve/plan-context.ts'
import { namesOf } from '../resolve/reference.ts'
import type { Scope } from '../resolve/scope.ts'
import { columnsOfAll } from '../resolve/star.ts'
import { Unprovable } from '../resolve/unprovable.ts'

export const tableName = (node: RangeVar): string => quoteIdentifier(node.relname ?? '')

/** Puts a table behind a sub-select, so that exactly its logical columns can be seen. */
export function derive(context: PlanContext, node: RangeVar, columns: string | undefined): void {
  const { source, edits } = context
  const { whole } = tablePlace(source, node)
  edits.before(whole.start, `(SELECT ${columns ?? ''} FROM `)
  edits.after(whole.end, node.alias ? ')' : `) AS ${tableName(node)}`)
}

export function refuseDerived(context: PlanContext, node: RangeVar): never {
  const relation = relationOf(context, node)
  const decided = relation && context.decidedMigrations(relation)[0]
  if (decided === undefined) throw new RangeError('a derived table has no migration')
  throw new Unprovable('read', decided, 'joined-columns', context.source.offset(node.location))
}

/**
 * A star covers what cannot be named one by one, such as two columns of one name beside one that USING has merged: then
 * it stays, and the migrating tables get sub-selects.
 */
export function deriveForStar(context: PlanContext, select: SelectStmt, look: () => Scope): void {
  const { targetList, fromClause } = select
  if (context.examined.has(select) || !targetList?.some(isStarAlone) || !fromClause?.some(hidesColumns)) return
  context.examined.add(select)
  const scope = look()
  const nodes = scope.namespace.plain.flatMap((entry) => entry.table?.node ?? [])
  if (nodes.length === 0 || columnsOfAll(scope, 'items') !== undefined) return
  for (const node of nodes) context.derived.add(node)
  for (const node of fromClause) for (const join of nestedJoins(node)) context.asOn.delete(join)
}

const isStarAlone = (node: Node): boolean => {
  const value = 'ResTarget' in node ? node.ResTarget.val : undefined
  return (
    value !== undefined && 'ColumnRef' in value && value.ColumnRef.fields?.length === 1 && namesOf(value.ColumnRef).star
  )
}

/** A join that merges columns, or a sub-select without a name. */
function hidesColumns(node: Node): boolean {
  if ('RangeSubselect' in node) return node.RangeSubselect.alias === undefined
  if (!('JoinExpr' in node)) return false
  const { usingClause, isNatural, larg, rarg } = node.JoinExpr
  return usingClause !== undefined || isNatural === true || [larg, rarg].some((side) => side && hidesColumns(side))
}

/** A join with those inside of it, those in sub-selects left out. */
function nestedJoins(node: Node): readonly JoinExpr[] {
  if (!('JoinExpr' in node)) return []
  const { larg, rarg } = node.JoinExpr
  return [node.JoinExpr, ...[larg, rarg].flatMap((side) => (side ? nestedJoins(side) : []))]
}

/** Puts every migrating table of a join behind a sub-select, so that its columns can be named as they were. */
export function deriveAll(context: PlanContext, node: JoinExpr): void {
  for (const table of migratingTables(context, node)) context.derived.add(table)
  for (const join of nestedJoins({ JoinExpr: node })) context.asOn.delete(join)
}

/** Whether a join has a migrating table, those in sub-selects left out. Each join of a chain is asked, so each side is looked at once. */
export function hasMigrating(context: PlanContext, node: JoinExpr): boolean {
  const known = context.migratingJoins.get(node)
  if (known !== undefined) return known
  const found = [node.rarg, node.larg].some((side) => {
    if (side !== undefined && 'JoinExpr' in side) return hasMigrating(context, side.JoinExpr)
    const table = tableIn(side)
    return table !== undefined && isMigrating(context, table)
  })
  context.migratingJoins.set(node, found)
  return found
}

/** The migrating tables of a join, those in sub-selects left out. */
const migratingTables = (context: PlanContext, node: JoinExpr): readonly RangeVar[] =>
  nestedJoins({ JoinExpr: node })
    .flatMap(({ larg, rarg }) => [tableIn(larg) ?? [], tableIn(rarg) ?? []].flat())
    .filter((table) => isMigrating(context, table))

function isMigrating(context: PlanContext, node: RangeVar): boolean {
  const relation = relationOf(context, node)
  return relation !== undefined && context.decidedMigrations(relation).length > 0
}

/** The table that one side of a join is. */
function tableIn(side: Node | undefined): RangeVar | undefined {
  if (side === undefined) return undefined
  if ('RangeVar' in side) return side.RangeVar
  const sampled = 'RangeTableSample' in side ? side.RangeTableSample.relation : undefined
  return sampled && 'RangeVar' in sampled ? sampled.RangeVar : undefined
}
