import type { JoinExpr } from 'libpg-query'
import type { ColumnType } from '../catalog/catalog.ts'
import type { Token } from '../parse/source-text.ts'
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
  if (node.join_using_alias || onPlace(context, node) === undefined) return false
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
  const place = onPlace(context, node)
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
    edits.remove({ start: place.natural.start, end: place.next.start })
    edits.after(place.end, ` ${on}`)
  }
}

type OnPlace =
  | { readonly using: { readonly start: number; readonly end: number } }
  | { readonly natural: Token; readonly next: Token; readonly end: number }

/** Where the condition goes: in place of USING, or behind the table that NATURAL joins. Tables alone have a known place. */
function onPlace(context: PlanContext, node: JoinExpr): OnPlace | undefined {
  const { source } = context
  const { rarg } = node
  const sample = rarg && 'RangeTableSample' in rarg ? rarg.RangeTableSample.relation : undefined
  const table = sample ?? rarg
  if (table === undefined || !('RangeVar' in table)) return undefined
  const first = source.tokenAt(table.RangeVar.location)
  if (!node.isNatural) {
    const using = source.token(source.expressionEnd(first.index, (token) => token.word === 'USING'))
    const open = using && source.token(using.index + 1)
    return using?.word === 'USING' && open
      ? { using: { start: using.start, end: source.closing(open).end } }
      : undefined
  }
  const { alias } = table.RangeVar
  if (sample || alias?.colnames) return undefined
  let last = source.tableEnd(table.RangeVar).index
  if (source.token(last + 1)?.word === '*' || source.token(first.index - 1)?.word === '(') last++
  if (alias) last += source.token(last + 1)?.word === 'AS' ? 2 : 1
  const end = source.token(last)
  for (let index = first.index - 1; index >= 0 && index >= first.index - 6; index--) {
    const [natural, next] = [source.token(index), source.token(index + 1)]
    if (natural?.word === 'NATURAL' && next && end) return { natural, next, end: end.end }
  }
  return undefined
}
