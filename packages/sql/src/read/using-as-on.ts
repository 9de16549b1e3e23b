import type { JoinExpr } from 'libpg-query'
import type { ColumnType } from '../catalog/catalog.ts'
import { joinConditionPlace } from '../parse/join-places.ts'
import { commonType } from '../resolve/common-type.ts'
import { sameType } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { qualifiedSql } from '../resolve/reference.ts'
import { type Namespace, type Scope, sourcesOf, type VisibleColumn } from '../resolve/scope.ts'

/** A join by columns of one name, with what each side has in view. */
export interface NamedJoin {
  readonly node: JoinExpr
  readonly left: Namespace
  readonly right: Namespace
  readonly using: readonly string[]
}

/**
 * True when a join by USING or NATURAL can be written with ON: each name is one column of either side, both can be
 * named with their tables, and the merged column is one of the two, since they have one type.
 */
export function canWriteOn(context: PlanContext, { node, left, right, using }: NamedJoin, scope: Scope): boolean {
  if (node.join_using_alias || joinConditionPlace(context.source, node) === undefined) return false
  return using.every((name) => {
    const sources = [left, right].map((namespace) => namespace.columns.filter((column) => column.name === name))
    const [one, other] = sources.map((found) => (found.length === 1 ? found[0] : undefined))
    if (!one || !other || [one, other].some((column) => qualifiedSql(column, scope) === undefined)) return false
    return node.jointype === 'JOIN_FULL' || commonType(typeInView(one), typeInView(other)) !== undefined
  })
}

/** The type of a column that is in view; undefined where it is not known. */
export function typeInView(column: VisibleColumn): ColumnType | undefined {
  if (column.cast) return column.cast
  const [first, ...others] = sourcesOf(column).map((entry) => entry.typeOf?.(column.name))
  return others.every((type) => sameType(first, type)) ? first : undefined
}

/** Writes the join with ON. */
export function writeWithOn(context: PlanContext, { node, left, right, using }: NamedJoin, scope: Scope): void {
  const place = joinConditionPlace(context.source, node)
  if (place === undefined) throw new RangeError('a join whose condition has no place')
  const side = (namespace: Namespace, name: string): string => {
    const column = namespace.columns.find((each) => each.name === name)
    const sql = column && qualifiedSql(column, scope, true)
    if (sql === undefined) throw new RangeError(`no name for ${name}`)
    return sql
  }
  const conditions = using.map((name) => `${side(left, name)} = ${side(right, name)}`)
  const on = `ON ${conditions.length === 0 ? 'true' : conditions.join(' AND ')}`
  const { edits } = context
  if ('using' in place) edits.replace(place.using, on)
  else {
    edits.remove(place.natural)
    edits.after(place.end, ` ${on}`)
  }
}
