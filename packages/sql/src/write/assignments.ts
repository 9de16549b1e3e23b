import { quoteIdentifier } from '@expand-contract/core'
import type { Node, ResTarget } from 'libpg-query'
import { assignmentPlace } from '../parse/assignment-places.ts'
import { withCommaBefore } from '../parse/places.ts'
import { walkExpression } from '../read/expression.ts'
import { castToStore, type DecidedMigration, logicalValue, shadowValue, typeOf } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { qualifierOf, type Scope } from '../resolve/scope.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { borrowsDefault, defaultSql, shadowDefaults } from './default-value.ts'
import { planGroup } from './grouped-assignment.ts'
import { drawnIdentity } from './identity-default.ts'
import { type PartItem, planParts } from './part-assignment.ts'
import type { WriteTarget } from './write-target.ts'
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
export function planAssignments(context: PlanContext, { targets, level, target }: Assignments): void {
  const items: Item[] = []
  const groups: ResTarget[][] = []
  for (const node of targets) {
    if (!('ResTarget' in node)) continue
    const { ResTarget: item } = node
    const source = item.val && 'MultiAssignRef' in item.val ? item.val.MultiAssignRef : undefined
    if (source === undefined) {
      walkExpression(context, [item.val, ...(item.indirection ?? [])], level)
      if (target.decidedMigrations.length > 0) items.push(itemOf(context, item))
    } else if ((source.colno ?? 1) === 1) {
      walkExpression(context, source.source, level)
      groups.push([item])
    } else groups.at(-1)?.push(item)
  }
  const written = target.decidedMigrations.filter((decided) => decided.writesShadow)
  const qualifier = qualifierOf(target.entry, level.namespace) ?? ''
  const unassigned = (decided: DecidedMigration, logical: string): string => currentValue(decided, logical, qualifier)
  const takesPart = (decided: DecidedMigration, group: readonly ResTarget[]): boolean =>
    group.some((item) => decided.compiled.logical.includes(item.name ?? ''))
  for (const decided of written) {
    const own = items.filter((item) => decided.compiled.logical.includes(item.column))
    const grouped = groups.filter((group) => takesPart(decided, group))
    const [group] = grouped
    if (group && (grouped.length > 1 || own.length > 0))
      throw new Unprovable('write', decided, 'row-assignment', context.source.offset(group[0]?.location))
    if (own.length > 0) planItems(context, { decided, items: own, qualifier })
  }
  for (const group of groups) {
    const decidedMigrations = written.filter((decided) => takesPart(decided, group))
    if (decidedMigrations.length > 0)
      planGroup(context, { group, decidedMigrations, all: target.decidedMigrations, unassigned, level, qualifier })
  }
}

function itemOf(context: PlanContext, item: ResTarget): Item {
  const { name, value } = assignmentPlace(context.source, item)
  return {
    column: item.name ?? '',
    name,
    node: item.val ?? { A_Const: { isnull: true } },
    range: value,
    indirection: item.indirection ?? [],
  }
}

/** The value of a logical column that the statement leaves alone: from the side that is read. */
const currentValue = (decided: DecidedMigration, logical: string, qualifier: string): string =>
  decided.read === 'logical' ? `${qualifier}.${quoteIdentifier(logical)}` : logicalValue(decided, logical, qualifier)

interface MigrationItems {
  readonly decided: DecidedMigration
  readonly items: readonly Item[]
  readonly qualifier: string
}

function planItems(context: PlanContext, plan: MigrationItems): void {
  const { decided, items } = plan
  if (items.some(({ indirection }) => indirection.length > 0)) planParts(context, plan)
  else if (
    items.every((item) => drawnIdentity(decided, item.column, item) || mayRepeat(decided, item.column, item.node))
  )
    repeatValues(context, plan)
  else computeOnce(context, plan)
}

/** Logical columns that are written although the statement leaves them alone: the other side is the one to go by. */
function refreshed({ decided, items }: MigrationItems): readonly string[] {
  if (!decided.writesLogical || decided.read === 'logical') return []
  return decided.compiled.logical.filter((name) => !items.some((item) => item.column === name))
}

function repeatValues(context: PlanContext, plan: MigrationItems): void {
  const { decided, items, qualifier } = plan
  const { logical, shadow } = decided.compiled
  const values = new Map(
    logical.map((name) => {
      const item = items.find((each) => each.column === name)
      const drawn = item && drawnIdentity(decided, name, item)
      const value =
        item && (drawn?.logical ?? checkedSql(decided, name, assignedSql(context, decided, name, item), item.node))
      return [name, value ?? currentValue(decided, name, qualifier)] as const
    }),
  )
  // A column that is left alone keeps its value, which the default of the other side knows nothing of.
  const drawsOwn =
    shadowDefaults(decided) &&
    logical.every((name) => items.some((item) => item.column === name && isDefault(item.node)))
  const draws = (name: string): boolean =>
    items.some((item) => drawnIdentity(decided, item.column, item)?.column === name)
  const sqlOf = (name: string): string =>
    drawsOwn || draws(name) ? 'DEFAULT' : shadowValue(decided, name, (column) => values.get(column) ?? 'NULL')
  const last = items.at(-1)
  if (last === undefined) return
  if (decided.writesLogical) {
    for (const item of items)
      if (isDefault(item.node) && borrowsDefault(decided, item.column))
        context.edits.replace(item.range, values.get(item.column) ?? 'NULL')
    const set = [
      ...refreshed(plan).map((name) => [name, values.get(name)]),
      ...shadow.map((name) => [name, sqlOf(name)]),
    ]
    context.edits.after(
      last.range.end,
      set.map(([name, value]) => `, ${quoteIdentifier(name ?? '')} = ${value}`).join(''),
    )
    return
  }
  const set = shadow.map((name) => [name, sqlOf(name)] as const)
  // A column that is assigned twice is its shadow twice: PostgreSQL refuses it.
  const distinct = [...new Set(items.map((item) => item.column))]
  for (const item of items) {
    context.edits.take(item.range)
    const [name, value] = set[distinct.indexOf(item.column)] ?? []
    if (name === undefined || value === undefined) removeItem(context, item)
    else {
      context.edits.replace(item.name, quoteIdentifier(name))
      context.edits.replace(item.range, value)
    }
  }
  const kept = items[Math.min(distinct.length, shadow.length) - 1] ?? last
  const rest = set.slice(distinct.length).map(([name, value]) => `, ${quoteIdentifier(name)} = ${value}`)
  if (rest.length > 0) context.edits.after(kept.range.end, rest.join(''))
}

/** Removes an item with the comma in front of it; the first item of a migration is never removed, so there is one. */
function removeItem({ source, edits }: PlanContext, { name, range }: Item): void {
  edits.remove(withCommaBefore(source, { start: name.start, end: range.end }))
}

/**
 * `SET (a, b) = (SELECT …)` evaluates each value once; a sub-select with OFFSET 0 is not taken apart, so what it
 * computes is not computed again where it is used twice. It refers to the row, so that each row gets a value of its own.
 */
function computeOnce(context: PlanContext, plan: MigrationItems): void {
  const { decided, items, qualifier } = plan
  const { logical, shadow } = decided.compiled
  const inner = items.map((item) => {
    const sql = isDefault(item.node) ? defaultSql(decided, item.column) : takeValue(context, item)
    const untyped = needsType(item.node) || sql === 'NULL'
    const typed = untyped ? castToStore(`(${sql})`, typeOf(decided, item.column), false) : sql
    return `${typed} AS ${quoteIdentifier(item.column)}`
  })
  const sqlOf = (name: string): string =>
    items.some((item) => item.column === name) ? `ec.${quoteIdentifier(name)}` : currentValue(decided, name, qualifier)
  const checked = (name: string): string => {
    const item = items.find((each) => each.column === name)
    return item ? checkedSql(decided, name, sqlOf(name), item.node) : sqlOf(name)
  }
  const set = [
    ...(decided.writesLogical
      ? [...items.map((item) => item.column), ...refreshed(plan)].map((name) => [name, sqlOf(name)] as const)
      : []),
    ...shadow.map((name) => [name, shadowValue(decided, name, checked)] as const),
  ]
  const names = set.map(([name]) => quoteIdentifier(name)).join(', ')
  const values = set.map(([, value]) => value).join(', ')
  const [first, ...others] = items
  if (first === undefined || logical.length === 0) return
  for (const item of others) removeItem(context, item)
  context.edits.replace(
    { start: first.name.start, end: first.range.end },
    `(${names}) = (SELECT ${values} FROM (SELECT ${inner.join(', ')} WHERE ${qualifier}.tableoid IS NOT NULL OFFSET 0) AS ec)`,
  )
}
