import { quoteIdentifier } from '@expand-contract/core'
import type { MultiAssignRef, ResTarget } from 'libpg-query'
import { borrowsDefault } from './default-value.ts'
import type { Range, Token } from './source-text.ts'
import { type Stance, shadowValue } from './stance.ts'
import { Unprovable } from './unprovable.ts'
import type { Work } from './work.ts'
import { type Assigned, assignedSql, isDefault, mayRepeat } from './written-values.ts'

interface Group {
  /** The targets of one `(a, b) = …`. */
  readonly group: readonly ResTarget[]
  readonly stance: Stance
  /** SQL of a logical column that the statement leaves alone. */
  readonly unassigned: (logical: string) => string
}

interface Place {
  readonly column: string
  readonly name: Range
}

/** Plans `(a, b) = (SELECT …)` and `(a, b) = ROW(…)` where one of the targets is migrating. */
export function planGroup(work: Work, plan: Group): void {
  const { source } = work
  const [first] = plan.group
  const reference = first?.val && 'MultiAssignRef' in first.val ? first.val.MultiAssignRef : undefined
  if (first === undefined || reference === undefined) return
  const places = plan.group.map((item) => {
    const token = source.tokenAt(item.location)
    return { column: item.name ?? '', name: token }
  })
  const subscript = plan.group.find(
    (item) => item.indirection && plan.stance.compiled.logical.includes(item.name ?? ''),
  )
  if (subscript) throw new Unprovable('write', plan.stance, 'subscript-assignment', source.offset(subscript.location))
  if (reference.source && 'SubLink' in reference.source) planQuery(work, plan, places)
  else planRow(work, plan, { places, reference })
}

/** The bracket that opens the source, behind `) =` and ROW. */
function sourceBracket(work: Work, places: readonly Place[]): Token | undefined {
  const { source } = work
  const last = source.startingAt(places.at(-1)?.name.start ?? -1)
  const first = last && source.token(last.index + 3)
  return first?.word === 'ROW' ? source.token(first.index + 1) : first
}

/** The query goes behind columns with numbers; a query without a row assigns NULL, as before. */
function planQuery(work: Work, plan: Group, places: readonly Place[]): void {
  const { stance } = plan
  const { source, edits } = work
  const open = sourceBracket(work, places)
  if (open === undefined) throw new RangeError('a group without a source')
  const sqlOf = (logical: string): string => {
    const index = places.findIndex((place) => place.column === logical)
    return index < 0 ? plan.unassigned(logical) : `ec.c${index + 1}`
  }
  const values = places.map((_, index) => `ec.c${index + 1}`)
  const items = replaceTargets(work, plan, places, (name) => shadowValue(stance, name, sqlOf))
  const list = [
    ...values.flatMap((value, index) => items.replaced.get(index) ?? (items.gone.has(index) ? [] : [value])),
    ...items.added,
  ]
  const columns = places.map((_, index) => `c${index + 1}`).join(', ')
  edits.before(open.start, `(SELECT ${list.join(', ')} FROM (VALUES (0)) AS ec_one LEFT JOIN `)
  edits.after(source.closing(open).end, ` AS ec(${columns}) ON true)`)
}

interface RowSource {
  readonly places: readonly Place[]
  readonly reference: MultiAssignRef
}

function planRow(work: Work, plan: Group, { places, reference }: RowSource): void {
  const { source, edits } = work
  const { stance } = plan
  const nodes = reference.source && 'RowExpr' in reference.source ? (reference.source.RowExpr.args ?? []) : []
  const open = sourceBracket(work, places)
  const ranges = open ? source.elements(open) : []
  if (ranges.length !== places.length || nodes.length !== places.length)
    throw new Unprovable('write', stance, 'row-assignment', places[0]?.name.start)
  const cells = new Map<string, Assigned>()
  for (const [index, { column }] of places.entries()) {
    const [node, range] = [nodes[index], ranges[index]]
    if (!stance.compiled.logical.includes(column) || node === undefined || range === undefined) continue
    if (!mayRepeat(stance, column, node)) throw new Unprovable('write', stance, 'row-assignment', range.start)
    cells.set(column, { node, range })
  }
  const values = new Map([...cells].map(([column, cell]) => [column, assignedSql(work, stance, column, cell)]))
  for (const [column, { node, range }] of cells)
    if (stance.writesLogical && isDefault(node) && borrowsDefault(stance, column))
      edits.replace(range, values.get(column) ?? 'NULL')
  const sqlOf = (logical: string): string => values.get(logical) ?? plan.unassigned(logical)
  const items = replaceTargets(work, plan, places, (name) => shadowValue(stance, name, sqlOf))
  for (const [index, value] of items.replaced) {
    const range = ranges[index]
    if (range === undefined) continue
    edits.take(range)
    edits.replace(range, value)
  }
  for (const index of items.gone) {
    const range = ranges[index]
    if (range === undefined) continue
    edits.take(range)
    edits.remove({ start: ranges[index - 1]?.end ?? range.start, end: range.end })
  }
  const last = ranges.at(-1)
  if (last && items.added.length > 0) edits.after(last.end, `, ${items.added.join(', ')}`)
}

interface TargetChanges {
  /** Place to the value of the shadow column that takes it. */
  readonly replaced: ReadonlyMap<number, string>
  readonly gone: ReadonlySet<number>
  readonly added: readonly string[]
}

/** Edits the target list, and tells what the source must yield for it. */
function replaceTargets(
  work: Work,
  { stance, unassigned }: Group,
  places: readonly Place[],
  sqlOf: (shadow: string) => string,
): TargetChanges {
  const { logical, shadow } = stance.compiled
  const own = places.flatMap((place, index) => (logical.includes(place.column) ? [index] : []))
  const last = places.at(-1)
  if (stance.writesLogical) {
    const fresh =
      stance.read === 'shadow' ? logical.filter((name) => !places.some((place) => place.column === name)) : []
    const names = [...fresh, ...shadow]
    if (last) work.edits.after(last.name.end, names.map((name) => `, ${quoteIdentifier(name)}`).join(''))
    return { replaced: new Map(), gone: new Set(), added: [...fresh.map(unassigned), ...shadow.map(sqlOf)] }
  }
  const replaced = new Map<number, string>()
  const gone = new Set<number>()
  for (const [order, index] of own.entries()) {
    const place = places[index]
    const name = shadow[order]
    if (place === undefined) continue
    if (name === undefined) {
      gone.add(index)
      work.edits.remove({ start: places[index - 1]?.name.end ?? place.name.start, end: place.name.end })
    } else {
      replaced.set(index, sqlOf(name))
      work.edits.replace(place.name, quoteIdentifier(name))
    }
  }
  const rest = shadow.slice(own.length)
  if (last && rest.length > 0)
    work.edits.after(last.name.end, rest.map((name) => `, ${quoteIdentifier(name)}`).join(''))
  return { replaced, gone, added: rest.map(sqlOf) }
}
