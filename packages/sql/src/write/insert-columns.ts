import { quoteIdentifier } from '@expand-contract/core'
import type { Token } from '../parse/source-text.ts'
import type { DecidedMigration } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { quoted } from './written-values.ts'

/** Where the parts of an INSERT stand. */
export interface InsertLayout {
  /** The last token of the table's name and alias. */
  readonly table: Token
  /** Opens the column list; undefined without one. */
  readonly list: Token | undefined
  /** OVERRIDING, where it is written. */
  readonly overriding: Token | undefined
  /** The first token of VALUES, DEFAULT VALUES or the query. */
  readonly source: Token | undefined
  /** The token behind the whole source. */
  readonly end: Token | undefined
}

/** What an INSERT does to its column list: tokens that change, and names that are added. */
export interface ColumnChanges {
  /** Place in the list to the shadow column that takes it; null where the place goes away. */
  readonly replaced: ReadonlyMap<number, string | null>
  readonly added: readonly string[]
}

/** Applies the changes to the column list, writing it out where there was none; `names` are the columns in force. */
export function changeColumns(
  context: PlanContext,
  layout: InsertLayout,
  names: readonly string[],
  changes: ColumnChanges,
): void {
  const { source, edits } = context
  if (layout.list === undefined) {
    const kept = names.flatMap((name, index) => {
      const other = changes.replaced.get(index)
      return other === null ? [] : [other ?? name]
    })
    edits.after(layout.table.end, ` (${quoted([...kept, ...changes.added])})`)
    return
  }
  const ranges = source.elements(layout.list)
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

/** The clause behind a column list; a query or a table cannot begin with this word. */
export const overridingToken = (token: Token | undefined): Token | undefined =>
  token?.word === 'OVERRIDING' ? token : undefined
