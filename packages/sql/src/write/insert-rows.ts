import type { Node } from 'libpg-query'
import { isDuplicable } from '../mapping/duplicable.ts'
import type { Range } from '../parse/source-text.ts'
import { columnOf, differs, type Stance, shadowValue } from '../resolve/stance.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import type { Work } from '../resolve/work.ts'
import {
  borrowsDefault,
  defaultSql,
  drawsAgain,
  hasDefault,
  mayOmit,
  mustGiveDefault,
  shadowDefaults,
} from './default-value.ts'
import { changeColumns, type InsertLayout, pairColumns } from './insert-columns.ts'
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
  readonly layout: InsertLayout
  readonly overriding: Overriding
  /** Values cannot be moved out of the row, as in MERGE. */
  readonly inPlace?: boolean
}

/** What has to be done to the column list and each row for one migration. */
interface StancePlan {
  readonly stance: Stance
  /** Logical column to its place in the list. */
  readonly places: ReadonlyMap<string, number>
  readonly replaced: ReadonlyMap<number, string | null>
  /** Logical columns that get a value drawn once, since their default differs each time. */
  readonly drawn: readonly string[]
  /** Shadow columns that stand behind the listed ones. */
  readonly added: readonly string[]
}

/** Plans the rows of `INSERT … VALUES`: every row gets the values of the columns that are added. */
export function planRows(work: Work, rows: RowList, lists: readonly Node[]): void {
  const { layout, overriding, target } = rows
  const names = effectiveNames(rows, widest(lists), layout)
  const written = target.stances.filter((stance) => stance.writesShadow)
  const plans = written.flatMap((stance) => planStance(stance, names) ?? [])
  const user = userValues(plans.length > 0 ? overriding : undefined, target, written, layout.overriding?.start)
  const cellsOf = rowCells(work, rows, lists).map((cells) => ignoreCells(cells, names, user))
  if (user.replaced) overrideSystem(work, layout)
  if (plans.length > 0)
    for (const cells of cellsOf) {
      const known = work.once.length
      const added = plans.flatMap((plan) => planRow(work, rows, plan, cells))
      for (const [place, cell] of cells.entries())
        if (cell.given && !plans.some(({ places }) => [...places.values()].includes(place)))
          drawOther(work, target, names[place] ?? '', cell)
      if (work.once.length > known && cellsOf.length === 1) refuseSets(work, plans, cells)
      const last = cells.at(-1)
      if (last && added.length > 0) work.edits.after(last.range.end, `, ${added.join(', ')}`)
    }
  const listed = rows.names.length === 0 && needsList(target)
  if (plans.length > 0 || listed)
    changeColumns(work, layout, names, {
      replaced: new Map(plans.flatMap((plan) => [...plan.replaced])),
      added: plans.flatMap((plan) => [...plan.drawn, ...plan.added]),
    })
  overrideIdentity(work, rows, plans, cellsOf)
}

/** A set makes several rows of a single one, which would share the value that is computed once: COALESCE takes none. */
function refuseSets(work: Work, plans: readonly StancePlan[], cells: readonly Cell[]): void {
  const own = new Set(plans.flatMap(({ places }) => [...places.values()]))
  for (const [place, { node, range }] of cells.entries()) {
    if (own.has(place) || isDefault(node) || 'SubLink' in node || isDuplicable(node, NOTHING_KNOWN)) continue
    work.edits.before(range.start, 'COALESCE(')
    work.edits.after(range.end, ')')
  }
}

const NOTHING_KNOWN = { volatileFunctions: undefined }

/** Plans `INSERT … DEFAULT VALUES`: it becomes a row where a column must be given. */
export function insertedRow(work: Work, rows: RowList): void {
  const { target, layout } = rows
  const plans = target.stances.filter((stance) => stance.writesShadow).flatMap((stance) => planStance(stance, []) ?? [])
  const { source } = layout
  const end = source && work.source.token(source.index + 1)
  if (plans.length === 0 || !source || !end) return
  const values = plans.flatMap((plan) => planRow(work, rows, plan, []))
  const columns = plans.flatMap((plan) => [...plan.drawn, ...plan.added])
  if (columns.length === 0) return
  const override = plans.some((plan) => drawsIdentity(plan, rows)) ? ' OVERRIDING SYSTEM VALUE' : ''
  work.edits.replace(
    { start: source.start, end: end.end },
    `(${quoted(columns)})${override} VALUES (${values.join(', ')})`,
  )
}

/** A value is given to a column that is GENERATED ALWAYS, and was left to its default. */
const drawsIdentity = ({ stance, drawn }: StancePlan, { inPlace }: RowList): boolean =>
  drawn.some((name) => !(inPlace && drawsAgain(stance, name))) &&
  [...drawn, ...stance.compiled.shadow].some((name) => isAlways(stance, name))

const isAlways = (stance: Stance, name: string): boolean => columnOf(stance, name)?.identity?.always === true

/** A column list must be written where the table has other columns than the application knows. */
const needsList = ({ stances }: WriteTarget): boolean => stances.some(differs)

function effectiveNames(rows: RowList, width: number, layout: InsertLayout): readonly string[] {
  if (rows.names.length > 0) return rows.names
  const stance = rows.target.stances[0]
  if (stance && needsList(rows.target) && rows.target.entry.table?.logical.placed === false)
    throw new Unprovable('write', stance, 'column-positions', layout.table.start)
  return rows.target.entry.columns.slice(0, width)
}

interface Cell extends Assigned {
  /** The value that is written there although PostgreSQL ignores it; `node` is DEFAULT then. */
  readonly given?: Node
}

/** A column that is left out is one that is set to its default. */
const LEFT_OUT: Node = { SetToDefault: {} }

function rowCells(work: Work, rows: RowList, lists: readonly Node[]): readonly (readonly Cell[])[] {
  const { source } = work
  let open = rows.layout.source && source.token(rows.layout.source.index + 1)
  return lists.map((list) => {
    const nodes = 'List' in list ? (list.List.items ?? []) : []
    if (open === undefined) throw new RangeError('a row without a bracket')
    const ranges: readonly Range[] = source.elements(open)
    open = source.token(source.closing(open).index + 2)
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
function drawOther(work: Work, { stances }: WriteTarget, name: string, cell: Cell): void {
  const [stance] = stances
  const next = stance && columnOf(stance, name)?.identity?.next
  if (stance && next) work.edits.replace(cell.range, drawnSql(work, stance, name, { cell, drawn: next }) ?? 'DEFAULT')
}

interface Drawn {
  readonly cell: Cell
  readonly drawn: string
}

/** What is drawn in place of a value that is ignored, with that; undefined where nothing of it must be kept. */
function drawnSql(work: Work, stance: Stance, name: string, { cell, drawn }: Drawn): string | undefined {
  const { given, range } = cell
  const kept = given && ignoredSql(work, stance, name, { node: given, range })
  return kept && `CASE WHEN true THEN ${drawn} ELSE ${kept} END`
}

/** undefined: nothing has to be done for this migration. */
function planStance(stance: Stance, names: readonly string[]): StancePlan | undefined {
  const { logical, shadow } = stance.compiled
  const places = new Map(
    logical.flatMap((name) => (names.includes(name) ? [[name, names.indexOf(name)] as const] : [])),
  )
  if (places.size === 0 && mayOmit(stance)) return undefined
  if (stance.writesLogical) {
    const drawn = logical.filter((name) => !places.has(name) && mustGiveDefault(stance, name))
    return { stance, places, replaced: new Map(), drawn, added: shadow }
  }
  const { replaced, added } = pairColumns(stance, names)
  return { stance, places, replaced, drawn: [], added }
}

/** Edits the cells of one row, and returns the values that stand behind them. */
function planRow(work: Work, rows: RowList, plan: StancePlan, cells: readonly Cell[]): readonly string[] {
  const { stance, places, replaced, added } = plan
  const once = (sql: string): string => {
    if (rows.inPlace)
      throw new Unprovable('write', stance, 'evaluated-twice', (cells[0]?.range ?? rows.layout.table).start)
    return evaluateOnce(work, sql)
  }
  const values = new Map<string, string>()
  const drawn = (name: string, cell: Cell | undefined): string => {
    const sql = defaultSql(stance, name)
    return (cell && drawnSql(work, stance, name, { cell, drawn: sql })) ?? sql
  }
  let drawsItself = false
  const allDefault = stance.compiled.logical.every((name) => {
    const cell = cells[places.get(name) ?? -1]
    return cell === undefined || isDefault(cell.node)
  })
  for (const name of stance.compiled.logical) {
    const cell = cells[places.get(name) ?? -1]
    if (!stance.writesLogical && allDefault && shadowDefaults(stance)) continue
    const again = rows.inPlace && (cell === undefined || isDefault(cell.node)) ? drawsAgain(stance, name) : undefined
    if (again) {
      values.set(name, again.sql)
      drawsItself ||= again.byShadow
      if (cell && again.byShadow) work.edits.replace(cell.range, again.sql)
      else if (cell?.given)
        work.edits.replace(
          cell.range,
          drawnSql(work, stance, name, { cell, drawn: drawn(name, undefined) }) ?? 'DEFAULT',
        )
    } else if (cell === undefined)
      values.set(
        name,
        !mayRepeat(stance, name, LEFT_OUT, rows.inPlace) ? once(defaultSql(stance, name)) : defaultSql(stance, name),
      )
    else if (mayRepeat(stance, name, cell.node, rows.inPlace)) {
      const value = assignedSql(work, stance, name, cell)
      values.set(name, checkedSql(stance, name, value, cell.node))
      if (stance.writesLogical && isDefault(cell.node) && (cell.given || borrowsDefault(stance, name)))
        work.edits.replace(cell.range, value)
    } else {
      const sql = isDefault(cell.node) ? drawn(name, cell) : takeValue(work, cell)
      const value = once(sql)
      values.set(name, checkedSql(stance, name, value, cell.node))
      if (stance.writesLogical) work.edits.replace(cell.range, value)
    }
  }
  const shadow = (name: string): string =>
    values.size === 0 || drawsItself ? 'DEFAULT' : shadowValue(stance, name, (logical) => values.get(logical) ?? 'NULL')
  for (const [place, name] of replaced) {
    const cell = cells[place]
    if (cell === undefined) continue
    work.edits.take(cell.range)
    if (name !== null) work.edits.replace(cell.range, shadow(name))
    else work.edits.remove({ start: cells[place - 1]?.range.end ?? cell.range.start, end: cell.range.end })
  }
  const ownDraw = (name: string): boolean => rows.inPlace === true && drawsAgain(stance, name)?.byShadow === false
  return [
    ...plan.drawn.map((name) => (ownDraw(name) ? 'DEFAULT' : (values.get(name) ?? 'DEFAULT'))),
    ...added.map(shadow),
  ]
}

/** An identity column that is GENERATED ALWAYS takes the drawn value only with OVERRIDING. */
function overrideIdentity(
  work: Work,
  rows: RowList,
  plans: readonly StancePlan[],
  cellsOf: readonly (readonly Cell[])[],
): void {
  const { source } = rows.layout
  if (rows.overriding || source === undefined) return
  const needed = plans.some((plan) => {
    const { stance, places } = plan
    if (drawsIdentity(plan, rows)) return true
    if (!stance.writesLogical) return false
    return [...places].some(([name, place]) => {
      const given = cellsOf.some((cells) => cells[place] && !isDefault(cells[place].node))
      const counterpart = stance.compiled.shadow.some((shadow) => isAlways(stance, shadow))
      // What PostgreSQL refuses for the logical column stays refused.
      if (given) return counterpart && !isAlways(stance, name) && hasDefault(stance, name)
      return (counterpart || isAlways(stance, name)) && !(rows.inPlace && drawsAgain(stance, name))
    })
  })
  if (needed) work.edits.before(source.start, 'OVERRIDING SYSTEM VALUE ')
}

const widest = (lists: readonly Node[]): number =>
  lists.reduce((width, list) => Math.max(width, 'List' in list ? (list.List.items?.length ?? 0) : 0), 0)
