import type { Node } from 'libpg-query'
import { borrowsDefault, defaultSql, mayOmit, mustGiveDefault, shadowDefaults } from './default-value.ts'
import { isDuplicable } from './duplicable.ts'
import { changeColumns, type InsertLayout, pairColumns } from './insert-columns.ts'
import type { Range } from './source-text.ts'
import { columnOf, differs, type Stance, shadowValue } from './stance.ts'
import { Unprovable } from './unprovable.ts'
import type { Work } from './work.ts'
import type { WriteTarget } from './write-target.ts'
import { type Assigned, assignedSql, evaluateOnce, isDefault, mayRepeat, quoted, takeValue } from './written-values.ts'

/** The parts of an INSERT that lists its values. */
export interface RowList {
  readonly target: WriteTarget
  /** The listed columns; empty without a list. */
  readonly names: readonly string[]
  readonly layout: InsertLayout
  /** OVERRIDING is written. */
  readonly override: boolean
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
  const { layout } = rows
  const cellsOf = rowCells(work, rows, lists)
  const names = effectiveNames(rows, widest(lists), layout)
  const plans = rows.target.stances
    .filter((stance) => stance.writesShadow)
    .flatMap((stance) => planStance(stance, names) ?? [])
  if (plans.length > 0)
    for (const cells of cellsOf) {
      const known = work.once.length
      const added = plans.flatMap((plan) => planRow(work, rows, plan, cells))
      if (work.once.length > known && cellsOf.length === 1) refuseSets(work, plans, cells)
      const last = cells.at(-1)
      if (last && added.length > 0) work.edits.after(last.range.end, `, ${added.join(', ')}`)
    }
  const written = rows.names.length === 0 && needsList(rows.target)
  if (plans.length > 0 || written)
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
  const override = plans.some(drawsIdentity) ? ' OVERRIDING SYSTEM VALUE' : ''
  work.edits.replace(
    { start: source.start, end: end.end },
    `(${quoted(columns)})${override} VALUES (${values.join(', ')})`,
  )
}

const drawsIdentity = ({ stance, drawn }: StancePlan): boolean =>
  drawn.some((name) => columnOf(stance, name)?.identity?.always)

/** A column list must be written where the table has other columns than the application knows. */
const needsList = ({ stances }: WriteTarget): boolean => stances.some(differs)

function effectiveNames(rows: RowList, width: number, layout: InsertLayout): readonly string[] {
  if (rows.names.length > 0) return rows.names
  const stance = rows.target.stances[0]
  if (stance && needsList(rows.target) && rows.target.entry.table?.logical.placed === false)
    throw new Unprovable('write', stance, 'column-positions', layout.table.start)
  return rows.target.entry.columns.slice(0, width)
}

type Cell = Assigned

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
  const { stance, places, replaced, drawn, added } = plan
  const once = (sql: string): string => {
    if (rows.inPlace)
      throw new Unprovable('write', stance, 'evaluated-twice', (cells[0]?.range ?? rows.layout.table).start)
    return evaluateOnce(work, sql)
  }
  const values = new Map<string, string>()
  const allDefault = stance.compiled.logical.every((name) => {
    const cell = cells[places.get(name) ?? -1]
    return cell === undefined || isDefault(cell.node)
  })
  for (const name of stance.compiled.logical) {
    const cell = cells[places.get(name) ?? -1]
    if (!stance.writesLogical && allDefault && shadowDefaults(stance)) continue
    if (cell === undefined)
      values.set(
        name,
        !mayRepeat(stance, name, LEFT_OUT, rows.inPlace) ? once(defaultSql(stance, name)) : defaultSql(stance, name),
      )
    else if (mayRepeat(stance, name, cell.node, rows.inPlace)) {
      const value = assignedSql(work, stance, name, cell)
      values.set(name, value)
      if (stance.writesLogical && isDefault(cell.node) && borrowsDefault(stance, name))
        work.edits.replace(cell.range, value)
    } else {
      const sql = isDefault(cell.node) ? defaultSql(stance, name) : takeValue(work, cell)
      const value = once(sql)
      values.set(name, value)
      if (stance.writesLogical) work.edits.replace(cell.range, value)
    }
  }
  const shadow = (name: string): string =>
    values.size === 0 ? 'DEFAULT' : shadowValue(stance, name, (logical) => values.get(logical) ?? 'NULL')
  for (const [place, name] of replaced) {
    const cell = cells[place]
    if (cell === undefined) continue
    work.edits.take(cell.range)
    if (name !== null) work.edits.replace(cell.range, shadow(name))
    else work.edits.remove({ start: cells[place - 1]?.range.end ?? cell.range.start, end: cell.range.end })
  }
  return [...drawn.map((name) => values.get(name) ?? 'DEFAULT'), ...added.map(shadow)]
}

/** An identity column that is GENERATED ALWAYS takes the drawn value only with OVERRIDING. */
function overrideIdentity(
  work: Work,
  rows: RowList,
  plans: readonly StancePlan[],
  cellsOf: readonly (readonly Cell[])[],
): void {
  const { source } = rows.layout
  if (rows.override || source === undefined) return
  const needed = plans.some((plan) => {
    if (drawsIdentity(plan)) return true
    return [...plan.places].some(
      ([name, place]) =>
        plan.stance.writesLogical &&
        columnOf(plan.stance, name)?.identity?.always &&
        cellsOf.every((cells) => cells[place] && isDefault(cells[place].node)),
    )
  })
  if (needed) work.edits.before(source.start, 'OVERRIDING SYSTEM VALUE ')
}

const widest = (lists: readonly Node[]): number =>
  lists.reduce((width, list) => Math.max(width, 'List' in list ? (list.List.items?.length ?? 0) : 0), 0)
