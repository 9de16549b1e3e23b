import { quoteIdentifier } from '@expand-contract/core'
import type { MultiAssignRef, Node, ResTarget } from 'libpg-query'
import type { Range, Token } from '../parse/source-text.ts'
import { columnOf, type DecidedMigration, shadowValue } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { namesOf } from '../resolve/reference.ts'
import { findEntry, type Scope } from '../resolve/scope.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { borrowsDefault, defaultSql } from './default-value.ts'
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

interface Group {
  /** The targets of one `(a, b) = …`. */
  readonly group: readonly ResTarget[]
  /** The migrations that write their shadow, and of which there is a column among the targets. */
  readonly decidedMigrations: readonly DecidedMigration[]
  /** Every migration of the table. */
  readonly all: readonly DecidedMigration[]
  /** SQL of a logical column that the statement leaves alone. */
  readonly unassigned: (decided: DecidedMigration, logical: string) => string
  /** What the values may refer to. */
  readonly level: Scope
  /** SQL that names the table in front of a dot. */
  readonly qualifier: string
}

interface Place {
  readonly column: string
  /** With its subscripts. */
  readonly name: Range
  /** False for a part of the column: `tags[1]`. */
  readonly whole: boolean
}

/** Plans `(a, b) = (SELECT …)` and `(a, b) = ROW(…)` where one of the targets is migrating. */
export function planGroup(context: PlanContext, plan: Group): void {
  const { source } = context
  const [first] = plan.group
  const reference = first?.val && 'MultiAssignRef' in first.val ? first.val.MultiAssignRef : undefined
  if (first === undefined || reference === undefined) return
  const places = plan.group.map((item) => {
    const { index } = source.tokenAt(item.location)
    const name = source.range(
      index,
      source.expressionEnd(index, ({ word }) => word === ','),
    )
    return { column: item.name ?? '', name, whole: item.indirection === undefined }
  })
  for (const item of plan.group) {
    const decided = item.indirection && decidedMigrationOf(plan.decidedMigrations, item.name ?? '')
    if (decided) throw new Unprovable('write', decided, 'subscript-assignment', source.offset(item.location))
  }
  if (reference.source && 'SubLink' in reference.source) planQuery(context, plan, places)
  else planRow(context, plan, { places, reference })
}

const decidedMigrationOf = (
  decidedMigrations: readonly DecidedMigration[],
  column: string,
): DecidedMigration | undefined => decidedMigrations.find((decided) => decided.compiled.logical.includes(column))

/** The bracket that opens the source, behind `) =` and ROW. */
function sourceBracket(context: PlanContext, places: readonly Place[]): Token {
  const { source } = context
  const last = source.startingAt(places.at(-1)?.name.start ?? -1)
  const equals = last && source.token(source.expressionEnd(last.index, () => false) + 1)
  const first = equals && source.token(equals.index + 1)
  const open = first?.word === 'ROW' ? source.token(first.index + 1) : first
  if (open === undefined) throw new RangeError('a group without a source')
  return open
}

/** The query goes behind columns with numbers; a query without a row assigns NULL, as before. */
function planQuery(context: PlanContext, plan: Group, places: readonly Place[]): void {
  const { source, edits } = context
  const open = sourceBracket(context, places)
  const columns = places.map((_, index) => `c${index + 1}`).join(', ')
  const list = numberedItems(context, plan, places)
  edits.before(open.start, `(SELECT ${list} FROM (VALUES (0)) AS ec_one LEFT JOIN `)
  edits.after(source.closing(open).end, ` AS ec(${columns}) ON true)`)
}

/** Edits the target list, and tells what is taken for it from a sub-select whose columns are numbered. */
function numberedItems(context: PlanContext, plan: Group, places: readonly Place[]): string {
  const sqlOf = (decided: DecidedMigration, logical: string): string => {
    const index = places.findIndex((place) => place.column === logical)
    return index < 0 ? plan.unassigned(decided, logical) : checkedSql(decided, logical, `ec.c${index + 1}`, undefined)
  }
  const items = replaceTargets(context, plan, places, sqlOf)
  const values = places.map((_, index) => `ec.c${index + 1}`)
  return [
    ...values.flatMap((value, index) => items.replaced.get(index) ?? (items.gone.has(index) ? [] : [value])),
    ...items.added,
  ].join(', ')
}

interface Stars {
  readonly places: readonly Place[]
  readonly nodes: readonly Node[]
  readonly ranges: readonly Range[]
  readonly open: Token
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
function planStars(context: PlanContext, plan: Group, { places, nodes, ranges, open }: Stars): void {
  const { source, edits } = context
  let place = 0
  for (const [index, node] of nodes.entries()) {
    const range = ranges[index]
    const type = needsType(node) ? assignmentType(plan.all, places[place]?.column ?? '') : undefined
    if (range && type !== undefined) {
      edits.before(range.start, '(')
      edits.after(range.end, `)::${type}`)
    }
    place += starWidth(node, plan.level) ?? 1
  }
  const columns = places.map((_, index) => `c${index + 1}`).join(', ')
  const row = source.token(open.index - 1)
  const start = row?.word === 'ROW' ? row.start : open.start
  const closing = source.closing(open)
  edits.replace({ start, end: open.end }, `(SELECT ${numberedItems(context, plan, places)} FROM (SELECT `)
  edits.replace(closing, ` WHERE ${plan.qualifier}.tableoid IS NOT NULL OFFSET 0) AS ec(${columns}))`)
}

interface RowSource {
  readonly places: readonly Place[]
  readonly reference: MultiAssignRef
}

interface Cell extends Assigned {
  readonly place: Place
}

function planRow(context: PlanContext, plan: Group, { places, reference }: RowSource): void {
  const nodes = reference.source && 'RowExpr' in reference.source ? (reference.source.RowExpr.args ?? []) : []
  const open = sourceBracket(context, places)
  const ranges = context.source.elements(open)
  const cells = places.flatMap((place, index): readonly Cell[] => {
    const [node, range] = [nodes[index], ranges[index]]
    return node && range ? [{ place, node, range }] : []
  })
  const [first] = plan.decidedMigrations
  const width = starredWidth(nodes, plan.level)
  if (width !== undefined && width === places.length && !nodes.some(isDefault)) {
    planStars(context, plan, { places, nodes, ranges, open })
    return
  }
  if (first && (ranges.length !== places.length || cells.length !== places.length))
    throw new Unprovable('write', first, 'row-assignment', places[0]?.name.start)
  const once = cells.some(({ place, node }) => {
    const decided = decidedMigrationOf(plan.decidedMigrations, place.column)
    return decided && !mayRepeat(decided, place.column, node)
  })
  if (once) computeRow(context, plan, cells, open)
  else repeatRow(context, plan, cells, open)
}

function repeatRow(context: PlanContext, plan: Group, cells: readonly Cell[], open: Token): void {
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
  if (left === 1 && context.source.token(open.index - 1)?.word !== 'ROW') edits.before(open.start, 'ROW')
}

/**
 * A row with a value that must not stand twice becomes a query that computes it once; OFFSET 0 keeps it from being taken
 * apart, and the reference to the row of the table has it computed for each of them.
 */
function computeRow(context: PlanContext, plan: Group, cells: readonly Cell[], open: Token): void {
  const { source, edits } = context
  const before = source.token(open.index - 1)
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
  leaveOut(context, cells, left)
  edits.replace(
    { start: before?.word === 'ROW' ? before.start : open.start, end: source.closing(open).end },
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
function leaveOut(context: PlanContext, cells: readonly Cell[], left: readonly Cell[]): void {
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
  const list = source.startingAt(cells[0]?.place.name.start ?? -1)
  const open = list && source.token(list.index - 1)
  const names = left.map(({ place: { name } }) => `${source.text.slice(name.start, name.end)} = DEFAULT, `)
  if (open) edits.before(open.start, names.join(''))
}

interface TargetChanges {
  /** Place to the value of the shadow column that takes it. */
  readonly replaced: Map<number, string>
  readonly gone: Set<number>
  readonly added: string[]
}

/** Edits the target list, and tells what the source must yield for it. */
function replaceTargets(
  context: PlanContext,
  { decidedMigrations, unassigned }: Group,
  places: readonly Place[],
  sqlOf: (decided: DecidedMigration, logical: string) => string,
): TargetChanges {
  const changes: TargetChanges = { replaced: new Map(), gone: new Set(), added: [] }
  const names: string[] = []
  for (const decided of decidedMigrations) {
    const { logical, shadow } = decided.compiled
    const value = (name: string): string => shadowValue(decided, name, (column) => sqlOf(decided, column))
    if (decided.writesLogical) {
      const fresh =
        decided.read === 'shadow' ? logical.filter((name) => !places.some((place) => place.column === name)) : []
      names.push(...fresh, ...shadow)
      changes.added.push(...fresh.map((name) => unassigned(decided, name)), ...shadow.map(value))
      continue
    }
    const own = places.flatMap((place, index) => (logical.includes(place.column) ? [index] : []))
    for (const [order, index] of own.entries()) {
      const place = places[index]
      const name = shadow[order]
      if (place === undefined) continue
      if (name === undefined) {
        changes.gone.add(index)
        context.edits.remove({ start: places[index - 1]?.name.end ?? place.name.start, end: place.name.end })
      } else {
        changes.replaced.set(index, value(name))
        context.edits.replace(place.name, quoteIdentifier(name))
      }
    }
    const rest = shadow.slice(own.length)
    names.push(...rest)
    changes.added.push(...rest.map(value))
  }
  const last = places.at(-1)
  if (last && names.length > 0)
    context.edits.after(last.name.end, names.map((name) => `, ${quoteIdentifier(name)}`).join(''))
  return changes
}
