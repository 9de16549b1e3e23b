import type { Node } from 'libpg-query'
import type { GroupPlaces } from '../parse/assignment-places.ts'
import { columnOf, type DecidedMigration } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { namesOf } from '../resolve/reference.ts'
import { findEntry, type Scope } from '../resolve/scope.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { borrowsDefault, defaultSql } from './default-value.ts'
import { decidedMigrationOf, type Group, numberedItems, type Place, replaceTargets } from './group-targets.ts'
import {
  type Assigned,
  assignedSql,
  assignmentType,
  checkedSql,
  isDefault,
  mayRepeat,
  needsType,
  takeValue,
} from './written-values.ts'

/** The columns of a row, the nodes of its values, and where it stands. */
export interface RowSource {
  readonly places: readonly Place[]
  readonly nodes: readonly Node[]
  readonly parts: GroupPlaces
}

interface Cell extends Assigned {
  readonly place: Place
}

/** Plans `(a, b) = ROW(…)`. */
export function planRow(context: PlanContext, plan: Group, { places, nodes, parts }: RowSource): void {
  const ranges = parts.values
  const cells = places.flatMap((place, index): readonly Cell[] => {
    const [node, range] = [nodes[index], ranges[index]]
    return node && range ? [{ place, node, range }] : []
  })
  const [first] = plan.decidedMigrations
  const width = starredWidth(nodes, plan.level)
  if (width !== undefined && width === places.length && !nodes.some(isDefault)) {
    planStars(context, plan, { places, nodes, parts })
    return
  }
  if (first && (ranges.length !== places.length || cells.length !== places.length))
    throw new Unprovable('write', first, 'row-assignment', places[0]?.name.start)
  const once = cells.some(({ place, node }) => {
    const decided = decidedMigrationOf(plan.decidedMigrations, place.column)
    return decided && !mayRepeat(decided, place.column, node)
  })
  if (once) computeRow(context, plan, cells, parts)
  else repeatRow(context, plan, cells, parts)
}

function repeatRow(context: PlanContext, plan: Group, cells: readonly Cell[], parts: GroupPlaces): void {
  const { edits } = context
  const values = new Map<string, string>()
  for (const { place, node, range } of cells) {
    const decided = decidedMigrationOf(plan.decidedMigrations, place.column)
    if (decided === undefined) continue
    const value = assignedSql(context, decided, place.column, { node, range })
    values.set(place.column, checkedSql(decided, place.column, value, node))
    if (decided.writesLogical && isDefault(node) && borrowsDefault(decided, place.column)) edits.replace(range, value)
  }
  const sqlOf = (decided: DecidedMigration, logical: string): string =>
    values.get(logical) ?? plan.unassigned(decided, logical)
  const places = cells.map(({ place }) => place)
  const items = replaceTargets(context, plan, places, sqlOf)
  for (const [index, { range }] of cells.entries()) {
    const value = items.replaced.get(index)
    if (value === undefined && !items.gone.has(index)) continue
    edits.take(range)
    if (value === undefined) edits.remove({ start: cells[index - 1]?.range.end ?? range.start, end: range.end })
    else edits.replace(range, value)
  }
  const last = cells.at(-1)
  if (last && items.added.length > 0) edits.after(last.range.end, `, ${items.added.join(', ')}`)
  // Of one value brackets alone make no row.
  const left = cells.length - items.gone.size + items.added.length
  if (left === 1 && !parts.hasRow) edits.before(parts.head.start, 'ROW')
}

/**
 * A row with a value that must not stand twice becomes a query that computes it once; OFFSET 0 keeps it from being taken
 * apart, and the reference to the row of the table has it computed for each of them.
 */
function computeRow(context: PlanContext, plan: Group, cells: readonly Cell[], parts: GroupPlaces): void {
  const { edits } = context
  const left = cells.filter(
    ({ place, node }) => isDefault(node) && !decidedMigrationOf(plan.decidedMigrations, place.column),
  )
  const computed = cells.filter((cell) => !left.includes(cell))
  const shrinks = plan.decidedMigrations.find(
    ({ writesLogical, compiled }) => !writesLogical && compiled.logical.length > compiled.shadow.length,
  )
  const [first] = left
  if (shrinks && first) throw new Unprovable('write', shrinks, 'row-assignment', first.place.name.start)
  const inner = computed.map(({ place, node, range }, index) => {
    const sql = isDefault(node) ? cellDefault(plan, place) : takeValue(context, { node, range })
    const type = needsType(node) || sql === 'NULL' ? assignmentType(plan.all, place.column, !place.whole) : undefined
    return `${type === undefined ? sql : `(${sql})::${type}`} AS c${index + 1}`
  })
  const places = computed.map(({ place }) => place)
  const list = numberedItems(context, plan, places)
  leaveOut(context, cells, left, parts)
  edits.replace(
    parts.source,
    `(SELECT ${list} FROM (SELECT ${inner.join(', ')} WHERE ${plan.qualifier}.tableoid IS NOT NULL OFFSET 0) AS ec)`,
  )
}

/** What DEFAULT stands for; GENERATED ALWAYS lets a column be set to nothing else. */
function cellDefault({ decidedMigrations }: Group, { column, name }: Place): string {
  const own = decidedMigrationOf(decidedMigrations, column)
  if (own === undefined) throw new RangeError('a default of another column')
  if (own.writesLogical && columnOf(own, column)?.identity?.always)
    throw new Unprovable('write', own, 'row-assignment', name.start)
  return defaultSql(own, column)
}

/** Columns that are set to DEFAULT and have nothing to do with a migration are assigned by themselves: only there PostgreSQL knows DEFAULT. */
function leaveOut(context: PlanContext, cells: readonly Cell[], left: readonly Cell[], parts: GroupPlaces): void {
  const { source, edits } = context
  const first = cells.findIndex((cell) => !left.includes(cell))
  for (const [index, cell] of cells.entries()) {
    if (!left.includes(cell)) continue
    const { place } = cell
    const neighbour = cells[index < first ? index + 1 : index - 1]?.place.name
    if (neighbour === undefined) continue
    const { start, end } = place.name
    edits.remove(index < first ? { start, end: neighbour.start } : { start: neighbour.end, end })
  }
  const names = left.map(({ place: { name } }) => `${source.text.slice(name.start, name.end)} = DEFAULT, `)
  edits.before(parts.start, names.join(''))
}

interface Stars {
  readonly places: readonly Place[]
  readonly nodes: readonly Node[]
  readonly parts: GroupPlaces
}

/** How many values a row with stars in it has; undefined without a star, or where that is not known. */
function starredWidth(nodes: readonly Node[], level: Scope): number | undefined {
  const widths = nodes.map((node) => starWidth(node, level))
  return widths.every((width) => width === undefined)
    ? undefined
    : widths.reduce<number>((sum, width) => sum + (width ?? 1), 0)
}

/** undefined for anything else than a star; a star of columns that are not known has none that could be told apart. */
function starWidth(node: Node, level: Scope): number | undefined {
  const { names, star } = 'ColumnRef' in node ? namesOf(node.ColumnRef) : { names: [], star: false }
  if (!star) return undefined
  const entry = names.length > 0 ? findEntry(level, names.at(-2), names.at(-1) ?? '') : undefined
  return entry === undefined || entry.open ? Number.NaN : entry.columns.length
}

/** `(a, b) = ROW(v.*)`: the row becomes a query with as many columns, each of which is evaluated once for each row. */
function planStars(context: PlanContext, plan: Group, { places, nodes, parts }: Stars): void {
  const { edits } = context
  let place = 0
  for (const [index, node] of nodes.entries()) {
    const range = parts.values[index]
    const type = needsType(node) ? assignmentType(plan.all, places[place]?.column ?? '') : undefined
    if (range && type !== undefined) {
      edits.before(range.start, '(')
      edits.after(range.end, `)::${type}`)
    }
    place += starWidth(node, plan.level) ?? 1
  }
  const columns = places.map((_, index) => `c${index + 1}`).join(', ')
  edits.replace(parts.head, `(SELECT ${numberedItems(context, plan, places)} FROM (SELECT `)
  edits.replace(parts.close, ` WHERE ${plan.qualifier}.tableoid IS NOT NULL OFFSET 0) AS ec(${columns}))`)
}
