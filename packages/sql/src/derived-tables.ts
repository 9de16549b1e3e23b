import { quoteIdentifier } from '@expand-contract/core'
import type { JoinExpr, Node, RangeVar, SelectStmt } from 'libpg-query'
import { nameStrings } from './name-strings.ts'
import { namesOf } from './reference.ts'
import type { Scope, View } from './scope.ts'
import { columnsOfAll } from './star.ts'
import { Unprovable } from './unprovable.ts'
import { relationOf, type Work } from './work.ts'

export const tableName = (node: RangeVar): string => quoteIdentifier(node.relname ?? '')

/** Puts a table behind a sub-select, so that exactly its logical columns can be seen. */
export function derive(work: Work, node: RangeVar, columns: string | undefined): void {
  const { source, edits } = work
  const first = source.tokenAt(node.location)
  const parts = 1 + 2 * [node.schemaname, node.catalogname].filter((part) => part !== undefined).length
  let last = source.token(first.index + parts - 1) ?? first
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

/**
 * USING and NATURAL name columns of both sides at once, so the name itself cannot be replaced: where it is a migrating
 * column that is read from the shadow, or where a shadow column could be taken for a common one, the table gets a
 * sub-select.
 */
export function deriveForUsing(work: Work, node: JoinExpr, left: View, right: View): void {
  const using = mergedNames(node, left, right)
  const check = (near: View, far: View): void => {
    for (const entry of near.plain) {
      if (entry.table?.node === undefined) continue
      const takesShadow = (name: string): boolean =>
        node.isNatural ? far.columns.some((column) => column.name === name) : using.includes(name)
      const replaced = entry.table.logical.columns.some(
        ({ name, stance }) => stance?.read === 'shadow' && using.includes(name),
      )
      const unknown = node.isNatural && far.plain.some((other) => other.open)
      if (replaced || unknown || [...entry.table.logical.hidden.keys()].some(takesShadow))
        work.derived.add(entry.table.node)
    }
  }
  check(left, right)
  check(right, left)
}

/** True once for each join that merges columns of a migrating table. */
export function mustExamine(work: Work, node: JoinExpr): boolean {
  if (!(node.usingClause || node.isNatural) || work.examined.has(node)) return false
  work.examined.add(node)
  return migratingTables(work, node).length > 0
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

/** The columns that a join makes one of. */
export const mergedNames = (node: JoinExpr, left: View, right: View): readonly string[] =>
  node.isNatural ? commonNames(left, right) : usingNames(node)

const usingNames = (node: JoinExpr): readonly string[] => nameStrings(node.usingClause)

const commonNames = (left: View, right: View): readonly string[] =>
  left.columns.map((column) => column.name).filter((name) => right.columns.some((column) => column.name === name))
