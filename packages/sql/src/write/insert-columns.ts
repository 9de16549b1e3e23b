import { quoteIdentifier } from '@expand-contract/core'
import type { InsertPlaces } from '../parse/insert-places.ts'
import type { DecidedMigration } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { quoted } from './written-values.ts'

/** What an INSERT does to its column list: tokens that change, and names that are added. */
export interface ColumnChanges {
  /** Place in the list to the shadow column that takes it; null where the place goes away. */
  readonly replaced: ReadonlyMap<number, string | null>
  readonly added: readonly string[]
}

/** Applies the changes to the column list, writing it out where there was none; `names` are the columns in force. */
export function changeColumns(
  context: PlanContext,
  places: InsertPlaces,
  names: readonly string[],
  changes: ColumnChanges,
): void {
  const { edits } = context
  const ranges = places.columns
  if (ranges === undefined) {
    const kept = names.flatMap((name, index) => {
      const other = changes.replaced.get(index)
      return other === null ? [] : [other ?? name]
    })
    const listed = [...kept, ...changes.added]
    // A query may have no columns at all.
    if (listed.length > 0) edits.after(places.table.end, ` (${quoted(listed)})`)
    return
  }
  for (const [index, name] of changes.replaced) {
    const range = ranges[index]
    if (range === undefined) continue
    if (name !== null) edits.replace(range, quoteIdentifier(name))
    else edits.remove({ start: ranges[index - 1]?.end ?? range.start, end: range.end })
  }
  const last = ranges.at(-1)
  if (last && changes.added.length > 0) edits.after(last.end, `, ${quoted(changes.added)}`)
}

/**
 * The shadow columns that take the places of logical ones where only the shadow is written: in pairs as far as they go,
 * then places go away or columns are added.
 */
export function pairColumns(decided: DecidedMigration, names: readonly string[]): ColumnChanges {
  const { logical, shadow } = decided.compiled
  const places = names.flatMap((name, place) => (logical.includes(name) ? [{ name, place }] : []))
  // A column that is listed twice is its shadow twice: PostgreSQL refuses it.
  const distinct = [...new Set(places.map(({ name }) => name))]
  return {
    replaced: new Map(places.map(({ name, place }) => [place, shadow[distinct.indexOf(name)] ?? null])),
    added: shadow.slice(distinct.length),
  }
}
