import type { RangeVar } from 'libpg-query'
import type { Relation } from '../catalog/catalog.ts'
import { nameStrings } from '../parse/name-strings.ts'

/** A view over one table, plain all the way down. */
export interface PlainView {
  readonly table: number
  /** The table's column behind each column; null for an expression. */
  readonly columns: ReadonlyMap<string, string | null>
  /** The table's columns that conditions use. */
  readonly condition: ReadonlySet<string>
}

/** undefined for a view that is not so plain. */
export function plainView(view: Relation, oid = view.oid): PlainView | undefined {
  const found = view.viewColumns?.find((each) => each.oid === oid)
  const below = new Set(found?.columns.flatMap(({ of }) => (of === 0 ? [] : [of])))
  const [of] = below
  if (found === undefined || of === undefined || below.size > 1 || found.condition.includes('')) return undefined
  const isTable = view.viewOf.some((table) => table.oid === of)
  const inner = isTable ? undefined : plainView(view, of)
  if (!isTable && inner === undefined) return undefined
  const through = (column: string | null): string | null =>
    column === null || inner === undefined ? column : (inner.columns.get(column) ?? null)
  const used = found.condition.map(through)
  if (used.includes(null)) return undefined
  return {
    table: inner?.table ?? of,
    columns: new Map(found.columns.map(({ name, column }) => [name, through(column)])),
    condition: new Set([...used.flatMap((name) => name ?? []), ...(inner?.condition ?? [])]),
  }
}

/** The columns that a statement may name, whatever their tables; undefined where something stands for all columns. */
export function namedColumns(query: unknown, view: RangeVar): ReadonlySet<string> | undefined {
  const names = new Set<string>()
  const row = view.alias?.aliasname ?? view.relname
  let all = view.alias?.colnames !== undefined
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const item of node) visit(item)
    if (Array.isArray(node) || typeof node !== 'object' || node === null) return
    for (const [kind, value] of Object.entries(node)) {
      if (kind === 'A_Star' || kind === 'isNatural') all = true
      else if (kind === 'usingClause') for (const name of nameStrings(value)) names.add(name)
      else if (kind === 'ColumnRef') {
        const parts = nameStrings(value.fields)
        // A row goes by the name of its table.
        if (parts.length === 1 && parts[0] === row) all = true
        names.add(parts.at(-1) ?? '')
      }
      visit(value)
    }
  }
  visit(query)
  return all ? undefined : names
}
