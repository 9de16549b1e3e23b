import { quoteIdentifier } from '@expand-contract/core'
import type { Node, ResTarget } from 'libpg-query'
import { endsItem } from '../parse/source-text.ts'
import { walkExpression } from '../read/expression.ts'
import { qualifierOf, type Scope } from '../resolve/scope.ts'
import { castToStore, logicalValue, type Stance, shadowValue, typeOf } from '../resolve/stance.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import type { Work } from '../resolve/work.ts'
import { borrowsDefault, defaultSql, shadowDefaults } from './default-value.ts'
import { planGroup } from './grouped-assignment.ts'
import { drawnIdentity } from './identity-default.ts'
import { type PartItem, planParts } from './part-assignment.ts'
import { checkOwn, type WriteTarget } from './write-target.ts'
import { assignedSql, checkedSql, isDefault, mayRepeat, needsType, takeValue } from './written-values.ts'

interface Assignments {
  /** The items of SET. */
  readonly targets: readonly Node[]
  /** What the values may refer to. */
  readonly level: Scope
  readonly target: WriteTarget
}

/** One `column = value`, or one of a part of the column. */
type Item = PartItem

/** Plans the SET list of UPDATE, ON CONFLICT or MERGE: whoever assigns a logical column assigns the shadow with it. */
export function planAssignments(work: Work, { targets, level, target }: Assignments): void {
  const items: Item[] = []
  const groups: ResTarget[][] = []
  for (const node of targets) {
    if (!('ResTarget' in node)) continue
    const { ResTarget: item } = node
    checkOwn(target, [item.name ?? ''])
    const source = item.val && 'MultiAssignRef' in item.val ? item.val.MultiAssignRef : undefined
    if (source === undefined) {
      walkExpression(work, [item.val, item.indirection], level)
      if (target.stances.length > 0) items.push(itemOf(work, item))
    } else if ((source.colno ?? 1) === 1) {
      walkExpression(work, source.source, level)
      groups.push([item])
    } else groups.at(-1)?.push(item)
  }
  const written = target.stances.filter((stance) => stance.writesShadow)
  const qualifier = qualifierOf(target.entry, level.view) ?? ''
  const unassigned = (stance: Stance, logical: string): string => currentValue(stance, logical, qualifier)
  const takesPart = (stance: Stance, group: readonly ResTarget[]): boolean =>
    group.some((item) => stance.compiled.logical.includes(item.name ?? ''))
  for (const stance of written) {
    const own = items.filter((item) => stance.compiled.logical.includes(item.column))
    const grouped = groups.filter((group) => takesPart(stance, group))
    const [group] = grouped
    if (group && (grouped.length > 1 || own.length > 0))
      throw new Unprovable('write', stance, 'row-assignment', work.source.offset(group[0]?.location))
    if (own.length > 0) planItems(work, { stance, items: own, qualifier })
  }
  for (const group of groups) {
    const stances = written.filter((stance) => takesPart(stance, group))
    if (stances.length > 0) planGroup(work, { group, stances, all: target.stances, unassigned, level, qualifier })
  }
}

function itemOf(work: Work, item: ResTarget): Item {
  const { source } = work
  const first = source.tokenAt(item.location)
  const equals = source.expressionEnd(first.index, (token) => token.word === '=')
  const end = source.expressionEnd(equals + 1, endsItem)
  return {
    column: item.name ?? '',
    name: source.range(first.index, equals),
    node: item.val ?? { A_Const: { isnull: true } },
    range: source.range(equals + 1, end),
    indirection: item.indirection ?? [],
  }
}

/** The value of a logical column that the statement leaves alone: from the side that is read. */
const currentValue = (stance: Stance, logical: string, qualifier: string): string =>
  stance.read === 'logical' ? `${qualifier}.${quoteIdentifier(logical)}` : logicalValue(stance, logical, qualifier)

interface StanceItems {
  readonly stance: Stance
  readonly items: readonly Item[]
  readonly qualifier: string
}

function planItems(work: Work, plan: StanceItems): void {
  const { stance, items } = plan
  if (items.some(({ indirection }) => indirection.length > 0)) planParts(work, plan)
  else if (items.every((item) => drawnIdentity(stance, item.column, item) || mayRepeat(stance, item.column, item.node)))
    repeatValues(work, plan)
  else computeOnce(work, plan)
}

/** Logical columns that are written although the statement leaves them alone: the other side is the one to go by. */
function refreshed({ stance, items }: StanceItems): readonly string[] {
  if (!stance.writesLogical || stance.read === 'logical') return []
  return stance.compiled.logical.filter((name) => !items.some((item) => item.column === name))
}

function repeatValues(work: Work, plan: StanceItems): void {
  const { stance, items, qualifier } = plan
  const { logical, shadow } = stance.compiled
  const values = new Map(
    logical.map((name) => {
      const item = items.find((each) => each.column === name)
      const drawn = item && drawnIdentity(stance, name, item)
      const value =
        item && (drawn?.logical ?? checkedSql(stance, name, assignedSql(work, stance, name, item), item.node))
      return [name, value ?? currentValue(stance, name, qualifier)] as const
    }),
  )
  // A column that is left alone keeps its value, which the default of the other side knows nothing of.
  const drawsOwn =
    shadowDefaults(stance) &&
    logical.every((name) => items.some((item) => item.column === name && isDefault(item.node)))
  const draws = (name: string): boolean =>
    items.some((item) => drawnIdentity(stance, item.column, item)?.column === name)
  const sqlOf = (name: string): string =>
    drawsOwn || draws(name) ? 'DEFAULT' : shadowValue(stance, name, (column) => values.get(column) ?? 'NULL')
  const last = items.at(-1)
  if (last === undefined) return
  if (stance.writesLogical) {
    for (const item of items)
      if (isDefault(item.node) && borrowsDefault(stance, item.column))
        work.edits.replace(item.range, values.get(item.column) ?? 'NULL')
    const set = [
      ...refreshed(plan).map((name) => [name, values.get(name)]),
      ...shadow.map((name) => [name, sqlOf(name)]),
    ]
    work.edits.after(last.range.end, set.map(([name, value]) => `, ${quoteIdentifier(name ?? '')} = ${value}`).join(''))
    return
  }
  const set = shadow.map((name) => [name, sqlOf(name)] as const)
  // A column that is assigned twice is its shadow twice: PostgreSQL refuses it.
  const distinct = [...new Set(items.map((item) => item.column))]
  for (const item of items) {
    work.edits.take(item.range)
    const [name, value] = set[distinct.indexOf(item.column)] ?? []
    if (name === undefined || value === undefined) removeItem(work, item)
    else {
      work.edits.replace(item.name, quoteIdentifier(name))
      work.edits.replace(item.range, value)
    }
  }
  const kept = items[Math.min(distinct.length, shadow.length) - 1] ?? last
  const rest = set.slice(distinct.length).map(([name, value]) => `, ${quoteIdentifier(name)} = ${value}`)
  if (rest.length > 0) work.edits.after(kept.range.end, rest.join(''))
}

/** Removes an item with the comma in front of it; the first item of a migration is never removed, so there is one. */
function removeItem(work: Work, item: Item): void {
  const first = work.source.startingAt(item.name.start)
  const comma = first && work.source.token(first.index - 1)
  work.edits.remove({ start: comma?.start ?? item.name.start, end: item.range.end })
}

/**
 * `SET (a, b) = (SELECT …)` evaluates each value once; a sub-select with OFFSET 0 is not taken apart, so what it
 * computes is not computed again where it is used twice. It refers to the row, so that each row gets a value of its own.
 */
function computeOnce(work: Work, plan: StanceItems): void {
  const { stance, items, qualifier } = plan
  const { logical, shadow } = stance.compiled
  const inner = items.map((item) => {
    const sql = isDefault(item.node) ? defaultSql(stance, item.column) : takeValue(work, item)
    const untyped = needsType(item.node) || sql === 'NULL'
    const typed = untyped ? castToStore(`(${sql})`, typeOf(stance, item.column), false) : sql
    return `${typed} AS ${quoteIdentifier(item.column)}`
  })
  const sqlOf = (name: string): string =>
    items.some((item) => item.column === name) ? `ec.${quoteIdentifier(name)}` : currentValue(stance, name, qualifier)
  const checked = (name: string): string => {
    const item = items.find((each) => each.column === name)
    return item ? checkedSql(stance, name, sqlOf(name), item.node) : sqlOf(name)
  }
  const set = [
    ...(stance.writesLogical
      ? [...items.map((item) => item.column), ...refreshed(plan)].map((name) => [name, sqlOf(name)] as const)
      : []),
    ...shadow.map((name) => [name, shadowValue(stance, name, checked)] as const),
  ]
  const names = set.map(([name]) => quoteIdentifier(name)).join(', ')
  const values = set.map(([, value]) => value).join(', ')
  const [first, ...others] = items
  if (first === undefined || logical.length === 0) return
  for (const item of others) removeItem(work, item)
  work.edits.replace(
    { start: first.name.start, end: first.range.end },
    `(${names}) = (SELECT ${values} FROM (SELECT ${inner.join(', ')} WHERE ${qualifier}.tableoid IS NOT NULL OFFSET 0) AS ec)`,
  )
}
