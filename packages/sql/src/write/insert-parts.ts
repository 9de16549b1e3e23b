import { quoteIdentifier } from '@expand-contract/core'
import type { InsertStmt, Node } from 'libpg-query'
import { type InsertPlaces, rowPlaces } from '../parse/insert-places.ts'
import { leadingName } from '../parse/places.ts'
import type { Range } from '../parse/source-text.ts'
import type { DecidedMigration } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { hasSubscripts, isRenamed, mayStandTwice } from './part-assignment.ts'
import type { WriteTarget } from './write-target.ts'

interface InsertParts {
  readonly insert: InsertStmt
  readonly target: WriteTarget
  readonly places: () => InsertPlaces
  /** The rows of VALUES; undefined for a query. */
  readonly rows: readonly Node[] | undefined
  readonly position: number
}

interface Part {
  readonly place: number
  readonly column: string
  readonly indirection: readonly Node[]
}

/**
 * Plans `INSERT INTO t (tags[1], …)`: the other column has the same parts of the same values, as both are empty before. Tells
 * the target without the migrations for which nothing is left to do; `add` puts the values behind all others.
 */
export function planInsertParts(
  context: PlanContext,
  parts: InsertParts,
): { readonly left: WriteTarget; readonly add: () => void } {
  const { insert, target } = parts
  const listed = (insert.cols ?? []).flatMap((node, place): readonly Part[] =>
    'ResTarget' in node
      ? [{ place, column: node.ResTarget.name ?? '', indirection: node.ResTarget.indirection ?? [] }]
      : [],
  )
  const additions: (() => void)[] = []
  const planned = target.decidedMigrations.filter((decided) => {
    const own = listed.filter(({ column }) => decided.compiled.logical.includes(column))
    if (!decided.writesShadow || !own.some(({ indirection }) => indirection.length > 0)) return false
    additions.push(planMigration(context, parts, decided, own))
    return true
  })
  return {
    left: { ...target, decidedMigrations: target.decidedMigrations.filter((decided) => !planned.includes(decided)) },
    add() {
      for (const add of additions) add()
    },
  }
}

function planMigration(
  context: PlanContext,
  { places, rows, position }: InsertParts,
  decided: DecidedMigration,
  own: readonly Part[],
): () => void {
  const { source, edits } = context
  const [shadow] = decided.compiled.shadow
  const ranges = places().columns
  const fits =
    shadow !== undefined && own.every((part) => isRenamed(decided, shadow, part.column) && hasSubscripts(part))
  if (!fits || ranges === undefined || (decided.writesLogical && rows === undefined))
    throw new Unprovable('write', decided, 'subscript-assignment', position)
  const name = quoteIdentifier(shadow)
  const columns = own.map(({ place }) => {
    const range = ranges[place]
    if (range === undefined) return name
    const leading = leadingName(source, range)
    if (!decided.writesLogical) edits.replace(leading, name)
    return `${name}${edits.render({ start: leading.end, end: range.end })}`
  })
  const last = ranges.at(-1)
  if (!decided.writesLogical || last === undefined) return () => {}
  const added = new Map<number, string>([[last.end, columns.join(', ')]])
  for (const cells of rowsOf(context, places(), rows ?? [])) {
    const values = own.map(({ place, column, indirection }) => {
      const cell = cells[place]
      if (cell === undefined || !mayStandTwice(decided, { ...cell, column, indirection, name: cell.range }))
        throw new Unprovable('write', decided, 'subscript-assignment', position)
      return edits.render(cell.range)
    })
    const end = cells.at(-1)?.range.end
    if (end !== undefined) added.set(end, values.join(', '))
  }
  return () => {
    for (const [end, sql] of added) edits.after(end, `, ${sql}`)
  }
}

interface Cell {
  readonly node: Node
  readonly range: Range
}

function rowsOf({ source }: PlanContext, places: InsertPlaces, rows: readonly Node[]): readonly (readonly Cell[])[] {
  const values = rowPlaces(source, places, rows.length)
  return rows.map((row, place) => {
    const nodes = 'List' in row ? (row.List.items ?? []) : []
    return nodes.flatMap((node, index): readonly Cell[] => {
      const range = values[place]?.[index]
      return range ? [{ node, range }] : []
    })
  })
}
