import type { Node, SelectStmt } from 'libpg-query'
import type { InsertPlaces } from '../parse/insert-places.ts'
import { constantPlace } from '../parse/places.ts'
import { columnOf, type DecidedMigration, differs, shadowValue } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import type { OutputColumns } from '../resolve/scope.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { defaultSql, mayOmit, mustGiveDefault, shadowDefaults } from './default-value.ts'
import { type ColumnChanges, changeColumns, pairColumns } from './insert-columns.ts'
import { type Overriding, overrideSystem, userValues } from './overriding.ts'
import type { WriteTarget } from './write-target.ts'
import { assignmentType, checkedSql, isUntyped } from './written-values.ts'

interface InsertQuery {
  readonly target: WriteTarget
  readonly names: readonly string[]
  readonly places: InsertPlaces
  readonly overriding: Overriding
  readonly output: OutputColumns
  readonly select: Node
}

/**
 * Plans `INSERT … SELECT`: the query becomes a sub-select with numbered columns, from which every column is taken, and
 * the shadow columns computed. A default that differs each time is drawn beside it, row by row.
 */
export function planInsertQuery(context: PlanContext, insert: InsertQuery): void {
  const { target, places } = insert
  const names = columnsOf(insert)
  const written = target.decidedMigrations.filter((decided) => decided.writesShadow)
  const user = userValues(insert.overriding, target, written, places.overriding?.start)
  const ignored = new Set(names.filter((name) => user.ignores(name)))
  const plans = written.flatMap((decided) => planMigration(decided, names, ignored) ?? [])
  if (plans.length === 0) {
    if (insert.names.length === 0 && target.decidedMigrations.some(differs))
      changeColumns(context, places, names, { replaced: new Map(), added: [] })
    return
  }
  const replaced = new Map(plans.flatMap((plan) => [...plan.changes.replaced]))
  for (const [place, name] of names.entries())
    if (ignored.has(name) && !plans.some(({ drawn }) => drawn.includes(name))) replaced.set(place, null)
  if (!insert.output.open && insert.output.names.length !== names.length) {
    // PostgreSQL refuses it. As a sub-select it would lose what has no place, and run.
    const renamed = new Map([...replaced].filter(([, name]) => name !== null))
    changeColumns(context, places, names, { replaced: renamed, added: [] })
    return
  }
  keepTypes(context, insert, names)
  const changes: ColumnChanges = {
    replaced,
    added: plans.flatMap((plan) => [...plan.drawn.filter((name) => !names.includes(name)), ...plan.changes.added]),
  }
  if (user.replaced) overrideSystem(context, places)
  const overriding = !user.replaced && plans.some(drawsIdentity) && !insert.overriding ? 'OVERRIDING SYSTEM VALUE ' : ''
  changeColumns(context, places, names, changes)

  const place = (index: number): string => `ec.c${index + 1}`
  const allDrawn = plans.flatMap(({ drawn }) => drawn)
  const sqlOf = (plan: QueryPlan, logical: string): string => {
    if (plan.drawn.includes(logical)) return `ec.d${allDrawn.indexOf(logical) + 1}`
    const index = names.indexOf(logical)
    return index >= 0 && !ignored.has(logical)
      ? checkedSql(plan.decided, logical, place(index), undefined)
      : defaultSql(plan.decided, logical)
  }
  const shadowOf = (name: string): string => {
    const plan = plans.find((each) => each.decided.compiled.shadow.includes(name))
    if (plan === undefined) throw new RangeError(`no migration writes ${name}`)
    return shadowValue(plan.decided, name, (logical) => sqlOf(plan, logical))
  }
  const items = names.flatMap((name, index) => {
    const shadow = changes.replaced.get(index)
    if (shadow === null) return []
    const drawing = plans.find(({ drawn }) => drawn.includes(name))
    return [shadow === undefined ? (drawing ? sqlOf(drawing, name) : place(index)) : shadowOf(shadow)]
  })
  const added = plans.flatMap((plan) => [
    ...plan.drawn.filter((name) => !names.includes(name)).map((name) => sqlOf(plan, name)),
    ...plan.changes.added.map(shadowOf),
  ])
  const drawn = plans.flatMap((plan) =>
    plan.drawn.map((name) => `${defaultSql(plan.decided, name)} AS d${allDrawn.indexOf(name) + 1}`),
  )
  const columns = names.map((_, index) => `c${index + 1}`).join(', ')
  const named = names.length > 0 ? `ec(${columns})` : 'ec'
  const { start, end } = places.source
  // How many columns the query has is not known here. What has no place would be lost in a sub-select: an empty query of as
  // many columns as there are places has PostgreSQL refuse it (42601).
  if (insert.output.open) {
    context.edits.before(start, '(')
    context.edits.after(end, `) UNION ALL (SELECT ${names.map(() => 'NULL').join(', ')} WHERE false)`)
  }
  const head = `${overriding}SELECT ${[...items, ...added].join(', ')} FROM `
  context.edits.before(start, drawn.length > 0 ? `${head}(SELECT ec.*, ${drawn.join(', ')} FROM (` : `${head}(`)
  context.edits.after(end, drawn.length > 0 ? `) AS ${named}) AS ec` : `) AS ${named}`)
}

interface QueryPlan {
  readonly decided: DecidedMigration
  readonly changes: ColumnChanges
  readonly drawn: readonly string[]
}

/** A value is given to a column that is GENERATED ALWAYS, and was left to its default. */
const drawsIdentity = ({ decided, drawn }: QueryPlan): boolean =>
  drawn.length > 0 && [...drawn, ...decided.compiled.shadow].some((name) => columnOf(decided, name)?.identity?.always)

function planMigration(
  decided: DecidedMigration,
  names: readonly string[],
  ignored: ReadonlySet<string>,
): QueryPlan | undefined {
  const { logical, shadow } = decided.compiled
  const given = logical.filter((name) => names.includes(name) && !ignored.has(name))
  if (!logical.some((name) => names.includes(name)) && mayOmit(decided)) return undefined
  if (!decided.writesLogical) {
    if (given.length > 0 || !logical.some((name) => ignored.has(name)))
      return { decided, changes: pairColumns(decided, names), drawn: [] }
    if (!shadowDefaults(decided)) throw new Unprovable('write', decided, 'overriding')
    return { decided, changes: { replaced: new Map(), added: [] }, drawn: [] }
  }
  const drawn = logical.filter((name) => !given.includes(name) && mustGiveDefault(decided, name))
  return { decided, changes: { replaced: new Map(), added: shadow }, drawn }
}

/** The columns that the query fills, in its order. */
function columnsOf({ target, names, output, places }: InsertQuery): readonly string[] {
  const decided = target.decidedMigrations[0]
  if (names.length > 0 || decided === undefined) return names
  const { columns, table } = target.entry
  if (target.decidedMigrations.some(differs) && table?.logical.placed === false)
    throw new Unprovable('write', decided, 'column-positions', places.table.start)
  if (output.open && target.decidedMigrations.some(differs))
    throw new Unprovable('write', decided, 'unknown-columns', places.table.start)
  return columns.slice(0, output.open ? columns.length : output.names.length)
}

/** Untyped items of the query took their type from the column they were assigned to; in a sub-select they need it written. */
function keepTypes(context: PlanContext, { select, target }: InsertQuery, names: readonly string[]): void {
  const query: SelectStmt | undefined = 'SelectStmt' in select ? select.SelectStmt : undefined
  if (query === undefined || query.distinctClause || (query.op !== undefined && query.op !== 'SETOP_NONE')) return
  const targets = query.targetList ?? []
  const stars = targets.filter(isStar).length
  if (stars > 1) return
  for (const [index, node] of targets.entries()) {
    if (!('ResTarget' in node) || !isUntyped(node.ResTarget.val)) continue
    const behind = stars === 1 && targets.findIndex(isStar) < index
    const type = assignmentType(
      target.decidedMigrations,
      names[behind ? names.length - targets.length + index : index] ?? '',
    )
    if (type === undefined) continue
    const { start, end } = constantPlace(context.source, node.ResTarget.location)
    context.edits.before(start, '(')
    context.edits.after(end, `)::${type}`)
  }
}

function isStar(node: Node): boolean {
  if (!('ResTarget' in node)) return false
  const value = node.ResTarget.val
  return (
    value !== undefined && 'ColumnRef' in value && (value.ColumnRef.fields ?? []).some((field) => 'A_Star' in field)
  )
}
