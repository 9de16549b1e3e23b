import type { Node } from 'libpg-query'
import { isDuplicable } from '../mapping/duplicable.ts'
import { type InsertPlaces, rowPlaces } from '../parse/insert-places.ts'
import { columnOf, type DecidedMigration, differs, shadowValue } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import {
  borrowsDefault,
  defaultSql,
  drawsAgain,
  hasDefault,
  mayOmit,
  mustGiveDefault,
  shadowDefaults,
} from './default-value.ts'
import { changeColumns, pairColumns } from './insert-columns.ts'
import { ignoredSql, type Overriding, overrideSystem, type UserValues, userValues } from './overriding.ts'
import type { WriteTarget } from './write-target.ts'
import {
  type Assigned,
  assignedSql,
  checkedSql,
  evaluateOnce,
  isDefault,
  mayRepeat,
  quoted,
  takeValue,
} from './written-values.ts'

/** The parts of an INSERT that lists its values. */
export interface RowList {
  readonly target: WriteTarget
  /** The listed columns; empty without a list. */
  readonly names: readonly string[]
  readonly places: InsertPlaces
  readonly overriding: Overriding
  /** Values cannot be moved out of the row, as in MERGE. */
  readonly inPlace?: boolean
}

/** What has to be done to the column list and each row for one migration. */
interface MigrationPlan {
  readonly decided: DecidedMigration
  /** Logical column to its place in the list. */
  readonly places: ReadonlyMap<string, number>
  readonly replaced: ReadonlyMap<number, string | null>
  /** Logical columns that get a value drawn once, since their default differs each time. */
  readonly drawn: readonly string[]
  /** Shadow columns that stand behind the listed ones. */
  readonly added: readonly string[]
}

/** Plans the rows of `INSERT … VALUES`: every row gets the values of the columns that are added. */
export function planRows(context: PlanContext, rows: RowList, lists: readonly Node[]): void {
  const { places, overriding, target } = rows
  const names = effectiveNames(rows, widest(lists))
  const written = target.decidedMigrations.filter((decided) => decided.writesShadow)
  const plans = written.flatMap((decided) => planMigration(decided, names) ?? [])
  const user = userValues(plans.length > 0 ? overriding : undefined, target, written, places.overriding?.start)
  const cellsOf = rowCells(context, rows, lists).map((cells) => ignoreCells(cells, names, user))
  if (user.replaced) overrideSystem(context, places)
  if (plans.length > 0)
    for (const cells of cellsOf) {
      const known = context.once.length
      const added = plans.flatMap((plan) => planRow(context, rows, plan, cells))
      for (const [place, cell] of cells.entries())
        if (cell.given && !plans.some(({ places }) => [...places.values()].includes(place)))
          drawOther(context, target, names[place] ?? '', cell)
      if (context.once.length > known && cellsOf.length === 1) refuseSets(context, plans, cells)
      const last = cells.at(-1)
      if (last && added.length > 0) context.edits.after(last.range.end, `, ${added.join(', ')}`)
    }
  const listed = rows.names.length === 0 && needsList(target)
  if (plans.length > 0 || listed)
    changeColumns(context, places, names, {
      replaced: new Map(plans.flatMap((plan) => [...plan.replaced])),
      added: plans.flatMap((plan) => [...plan.drawn, ...plan.added]),
    })
  overrideIdentity(context, rows, plans, cellsOf)
}

/** A set makes several rows of a single one, which would share the value that is computed once: COALESCE takes none. */
function refuseSets(context: PlanContext, plans: readonly MigrationPlan[], cells: readonly Cell[]): void {
  const own = new Set(plans.flatMap(({ places }) => [...places.values()]))
  for (const [place, { node, range }] of cells.entries()) {
    if (own.has(place) || isDefault(node) || 'SubLink' in node || isDuplicable(node, NOTHING_KNOWN)) continue
    context.edits.before(range.start, 'COALESCE(')
    context.edits.after(range.end, ')')
  }
}

const NOTHING_KNOWN = { volatileFunctions: undefined }

/** Plans `INSERT … DEFAULT VALUES`: it becomes a row where a column must be given. */
export function insertedRow(context: PlanContext, rows: RowList): void {
  const { target, places } = rows
  const plans = target.decidedMigrations
    .filter((decided) => decided.writesShadow)
    .flatMap((decided) => planMigration(decided, []) ?? [])
  if (plans.length === 0) return
  const values = plans.flatMap((plan) => planRow(context, rows, plan, []))
  const columns = plans.flatMap((plan) => [...plan.drawn, ...plan.added])
  if (columns.length === 0) return
  const override = plans.some((plan) => drawsIdentity(plan, rows)) ? ' OVERRIDING SYSTEM VALUE' : ''
  context.edits.replace(places.source, `(${quoted(columns)})${override} VALUES (${values.join(', ')})`)
}

/** A value is given to a column that is GENERATED ALWAYS, and was left to its default. */
const drawsIdentity = ({ decided, drawn }: MigrationPlan, { inPlace }: RowList): boolean =>
  drawn.some((name) => !(inPlace && drawsAgain(decided, name))) &&
  [...drawn, ...decided.compiled.shadow].some((name) => isAlways(decided, name))

const isAlways = (decided: DecidedMigration, name: string): boolean =>
  columnOf(decided, name)?.identity?.always === true

/** A column list must be written where the table has other columns than the application knows. */
const needsList = ({ decidedMigrations }: WriteTarget): boolean => decidedMigrations.some(differs)

function effectiveNames(rows: RowList, width: number): readonly string[] {
  if (rows.names.length > 0) return rows.names
  const decided = rows.target.decidedMigrations[0]
  if (decided && needsList(rows.target) && rows.target.entry.table?.logical.placed === false)
    throw new Unprovable('write', decided, 'column-positions', rows.places.table.start)
  return rows.target.entry.columns.slice(0, width)
}

interface Cell extends Assigned {
  /** The value that is written there although PostgreSQL ignores it; `node` is DEFAULT then. */
  readonly given?: Node
}

/** A column that is left out is one that is set to its default. */
const LEFT_OUT: Node = { SetToDefault: {} }

function rowCells(context: PlanContext, rows: RowList, lists: readonly Node[]): readonly (readonly Cell[])[] {
  const places = rowPlaces(context.source, rows.places, lists.length)
  return lists.map((list, place) => {
    const nodes = 'List' in list ? (list.List.items ?? []) : []
    const ranges = places[place] ?? []
    if (ranges.length !== nodes.length) throw new RangeError('a row that cannot be taken apart')
    return nodes.map((node, index) => ({ node, range: ranges[index] ?? { start: 0, end: 0 } }))
  })
}

function ignoreCells(cells: readonly Cell[], names: readonly string[], user: UserValues): readonly Cell[] {
  const ignored = names.map((name) => user.ignores(name))
  if (!ignored.includes(true)) return cells
  return cells.map((cell, place) =>
    ignored[place] && !isDefault(cell.node) ? { node: LEFT_OUT, range: cell.range, given: cell.node } : cell,
  )
}

/** An identity column that has nothing to do with a migration, and whose value is ignored. */
function drawOther(context: PlanContext, { decidedMigrations }: WriteTarget, name: string, cell: Cell): void {
  const [decided] = decidedMigrations
  const next = decided && columnOf(decided, name)?.identity?.next
  if (decided && next)
    context.edits.replace(cell.range, drawnSql(context, decided, name, { cell, drawn: next }) ?? 'DEFAULT')
}

interface Drawn {
  readonly cell: Cell
  readonly drawn: string
}

/** What is drawn in place of a value that is ignored, with that; undefined where nothing of it must be kept. */
function drawnSql(
  context: PlanContext,
  decided: DecidedMigration,
  name: string,
  { cell, drawn }: Drawn,
): string | undefined {
  const { given, range } = cell
  const kept = given && ignoredSql(context, decided, name, { node: given, range })
  return kept && `CASE WHEN true THEN ${drawn} ELSE ${kept} END`
}

/** undefined: nothing has to be done for this migration. */
function planMigration(decided: DecidedMigration, names: readonly string[]): MigrationPlan | undefined {
  const { logical, shadow } = decided.compiled
  const places = new Map(
    logical.flatMap((name) => (names.includes(name) ? [[name, names.indexOf(name)] as const] : [])),
  )
  if (places.size === 0 && mayOmit(decided)) return undefined
  if (decided.writesLogical) {
    const drawn = logical.filter((name) => !places.has(name) && mustGiveDefault(decided, name))
    return { decided, places, replaced: new Map(), drawn, added: shadow }
  }
  const { replaced, added } = pairColumns(decided, names)
  return { decided, places, replaced, drawn: [], added }
}

/** Edits the cells of one row, and returns the values that stand behind them. */
function planRow(context: PlanContext, rows: RowList, plan: MigrationPlan, cells: readonly Cell[]): readonly string[] {
  const { decided, places, replaced, added } = plan
  const once = (sql: string): string => {
    if (rows.inPlace)
      throw new Unprovable('write', decided, 'evaluated-twice', (cells[0]?.range ?? rows.places.table).start)
    return evaluateOnce(context, sql)
  }
  const values = new Map<string, string>()
  const drawn = (name: string, cell: Cell | undefined): string => {
    const sql = defaultSql(decided, name)
    return (cell && drawnSql(context, decided, name, { cell, drawn: sql })) ?? sql
  }
  let drawsItself = false
  const allDefault = decided.compiled.logical.every((name) => {
    const cell = cells[places.get(name) ?? -1]
    return cell === undefined || isDefault(cell.node)
  })
  for (const name of decided.compiled.logical) {
    const cell = cells[places.get(name) ?? -1]
    if (!decided.writesLogical && allDefault && shadowDefaults(decided)) continue
    const again = rows.inPlace && (cell === undefined || isDefault(cell.node)) ? drawsAgain(decided, name) : undefined
    if (again) {
      values.set(name, again.sql)
      drawsItself ||= again.byShadow
      if (cell && again.byShadow) context.edits.replace(cell.range, again.sql)
      else if (cell?.given)
        context.edits.replace(
          cell.range,
          drawnSql(context, decided, name, { cell, drawn: drawn(name, undefined) }) ?? 'DEFAULT',
        )
    } else if (cell === undefined)
      values.set(
        name,
        !mayRepeat(decided, name, LEFT_OUT, rows.inPlace) ? once(defaultSql(decided, name)) : defaultSql(decided, name),
      )
    else if (mayRepeat(decided, name, cell.node, rows.inPlace)) {
      const value = assignedSql(context, decided, name, cell)
      values.set(name, checkedSql(decided, name, value, cell.node))
      if (decided.writesLogical && isDefault(cell.node) && (cell.given || borrowsDefault(decided, name)))
        context.edits.replace(cell.range, value)
    } else {
      const sql = isDefault(cell.node) ? drawn(name, cell) : takeValue(context, cell)
      const value = once(sql)
      values.set(name, checkedSql(decided, name, value, cell.node))
      if (decided.writesLogical) context.edits.replace(cell.range, value)
    }
  }
  const shadow = (name: string): string =>
    values.size === 0 || drawsItself
      ? 'DEFAULT'
      : shadowValue(decided, name, (logical) => values.get(logical) ?? 'NULL')
  for (const [place, name] of replaced) {
    const cell = cells[place]
    if (cell === undefined) continue
    context.edits.take(cell.range)
    if (name !== null) context.edits.replace(cell.range, shadow(name))
    else context.edits.remove({ start: cells[place - 1]?.range.end ?? cell.range.start, end: cell.range.end })
  }
  const ownDraw = (name: string): boolean => rows.inPlace === true && drawsAgain(decided, name)?.byShadow === false
  return [
    ...plan.drawn.map((name) => (ownDraw(name) ? 'DEFAULT' : (values.get(name) ?? 'DEFAULT'))),
    ...added.map(shadow),
  ]
}

/** An identity column that is GENERATED ALWAYS takes the drawn value only with OVERRIDING. */
function overrideIdentity(
  context: PlanContext,
  rows: RowList,
  plans: readonly MigrationPlan[],
  cellsOf: readonly (readonly Cell[])[],
): void {
  if (rows.overriding) return
  const needed = plans.some((plan) => {
    const { decided, places } = plan
    if (drawsIdentity(plan, rows)) return true
    if (!decided.writesLogical) return false
    return [...places].some(([name, place]) => {
      const given = cellsOf.some((cells) => cells[place] && !isDefault(cells[place].node))
      const counterpart = decided.compiled.shadow.some((shadow) => isAlways(decided, shadow))
      // What PostgreSQL refuses for the logical column stays refused.
      if (given) return counterpart && !isAlways(decided, name) && hasDefault(decided, name)
      return (counterpart || isAlways(decided, name)) && !(rows.inPlace && drawsAgain(decided, name))
    })
  })
  if (needed) context.edits.before(rows.places.source.start, 'OVERRIDING SYSTEM VALUE ')
}

const widest = (lists: readonly Node[]): number =>
  lists.reduce((width, list) => Math.max(width, 'List' in list ? (list.List.items?.length ?? 0) : 0), 0)
