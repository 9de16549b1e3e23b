import type { FuncCall, Node, SelectStmt } from 'libpg-query'
import { nameStrings } from '../parse/name-strings.ts'
import { namesOf } from '../resolve/reference.ts'
import type { Entry, Namespace } from '../resolve/scope.ts'
import { Unprovable } from '../resolve/unprovable.ts'

/**
 * Columns that hang on a key in GROUP BY do not hang on that of a sub-select. Where such a column is used outside of
 * aggregates, the table must not be behind one.
 */
export function checkHiddenKeys(select: SelectStmt, namespace: Namespace): void {
  const groups = select.groupClause ?? []
  const grouped = new Set(
    groups.flatMap((node) => ('ColumnRef' in node ? (namesOf(node.ColumnRef).names.at(-1) ?? []) : [])),
  )
  for (const entry of namespace.plain) {
    const { derived } = entry
    const key = derived?.relation.uniqueKeys.find((each) => each.primary)?.columns ?? []
    if (derived?.read !== 'shadow' || key.length === 0 || !key.every((name) => grouped.has(name))) continue
    const { targetList, havingClause, sortClause, distinctClause, windowClause } = select
    if (uses([targetList, havingClause, sortClause, distinctClause, windowClause], entry, grouped))
      throw new Unprovable('read', derived, 'joined-columns')
  }
}

/** True when an expression uses a column of the entry that is not grouped by, other than in an aggregate. */
function uses(node: unknown, entry: Entry, grouped: ReadonlySet<string>): boolean {
  if (Array.isArray(node)) return node.some((item) => uses(item, entry, grouped))
  if (typeof node !== 'object' || node === null) return false
  const known = node as Node
  if ('ColumnRef' in known) {
    const { names, star } = namesOf(known.ColumnRef)
    const name = names.at(-1) ?? ''
    return star || (entry.columns.includes(name) ? !grouped.has(name) : name === entry.name)
  }
  if ('FuncCall' in known && isAggregate(known.FuncCall)) return false
  return Object.values(node).some((value) => uses(value, entry, grouped))
}

const AGGREGATES = new Set(
  'any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp every json_agg json_object_agg jsonb_agg jsonb_object_agg max min range_agg range_intersect_agg string_agg stddev stddev_pop stddev_samp sum var_pop var_samp variance xmlagg'.split(
    ' ',
  ),
)

/** An aggregate of the application's own is not known as one: what it is given counts as used, which errs on the safe side. */
function isAggregate({ funcname, over, agg_star, agg_distinct, agg_order, agg_filter }: FuncCall): boolean {
  if (over) return false
  const named = AGGREGATES.has(nameStrings(funcname).at(-1) ?? '')
  return named || agg_star === true || agg_distinct === true || agg_order !== undefined || agg_filter !== undefined
}
