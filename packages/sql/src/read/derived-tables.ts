import { quoteIdentifier } from '@expand-contract/core'
import type { JoinExpr, Node, RangeVar, SelectStmt } from 'libpg-query'
import { namesOf } from '../resolve/reference.ts'
import type { Scope } from '../resolve/scope.ts'
import { columnsOfAll } from '../resolve/star.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { relationOf, type Work } from '../resolve/work.ts'

export const tableName = (node: RangeVar): string => quoteIdentifier(node.relname ?? '')

/** Puts a table behind a sub-select, so that exactly its logical columns can be seen. */
export function derive(work: Work, node: RangeVar, columns: string | undefined): void {
  const { source, edits } = work
  const first = source.tokenAt(node.location)
  let last = source.tableEnd(node)
  const before = source.token(first.index - 1)
  const only = before?.word === 'ONLY' || (before?.word === '(' && source.token(first.index - 2)?.word === 'ONLY')
  if (only && before?.word === '(') refuseDerived(work, node)
  const star = source.token(last.index + 1)
  if (star?.word === '*') last = star
  edits.before(only && before ? before.start : first.start, `(SELECT ${columns ?? ''} FROM `)
  edits.after(last.end, node.alias ? ')' : `) AS ${tableName(node)}`)
}

export function refuseDerived(work: Work, node: RangeVar): never {
  const relation = relationOf(work, node)
  const stance = relation && work.stances(relation)[0]
  if (stance === undefined) throw new RangeError('a derived table has no migration')
  throw new Unprovable('read', stance, 'joined-columns', work.source.offset(node.location))
}

/**
 * A star covers what cannot be named one by one, such as two columns of one name beside one that USING has merged: then
 * it stays, and the migrating tables get sub-selects.
 */
export function deriveForStar(work: Work, select: SelectStmt, look: () => Scope): void {
  const { targetList, fromClause } = select
  if (work.examined.has(select) || !targetList?.some(isStarAlone) || !fromClause?.some(hidesColumns)) return
  work.examined.add(select)
  const scope = look()
  const nodes = scope.view.plain.flatMap((entry) => entry.table?.node ?? [])
  if (nodes.length === 0 || columnsOfAll(scope, 'items') !== undefined) return
  for (const node of nodes) work.derived.add(node)
  for (const node of fromClause) for (const join of nestedJoins(node)) work.spelled.delete(join)
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
export function deriveAll(work: Work, node: JoinExpr): void {
  for (const table of migratingTables(work, node)) work.derived.add(table)
  for (const join of nestedJoins({ JoinExpr: node })) work.spelled.delete(join)
}

/** The migrating tables of a join, those in sub-selects left out. */
export const migratingTables = (work: Work, node: JoinExpr): readonly RangeVar[] =>
  tablesIn(node).filter((table) => isMigrating(work, table))

function isMigrating(work: Work, node: RangeVar): boolean {
  const relation = relationOf(work, node)
  return relation !== undefined && work.stances(relation).length > 0
}

function tablesIn(node: JoinExpr): readonly RangeVar[] {
  return [node.larg, node.rarg].flatMap((child): readonly RangeVar[] => {
    if (child === undefined) return []
    if ('RangeVar' in child) return [child.RangeVar]
    if ('JoinExpr' in child) return tablesIn(child.JoinExpr)
    if ('RangeTableSample' in child && child.RangeTableSample.relation && 'RangeVar' in child.RangeTableSample.relation)
      return [child.RangeTableSample.relation.RangeVar]
    return []
  })
}
