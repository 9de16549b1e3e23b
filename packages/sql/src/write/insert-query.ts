import type { Node, SelectStmt } from 'libpg-query'
import type { OutputColumns } from '../resolve/scope.ts'
import { columnOf, differs, type Stance, shadowValue } from '../resolve/stance.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import type { Work } from '../resolve/work.ts'
import { defaultSql, mayOmit, mustGiveDefault, shadowDefaults } from './default-value.ts'
import { type ColumnChanges, changeColumns, type InsertLayout, pairColumns } from './insert-columns.ts'
import { type Overriding, overrideSystem, userValues } from './overriding.ts'
import type { WriteTarget } from './write-target.ts'
import { assignmentType, checkedSql, isUntyped } from './written-values.ts'

interface InsertQuery {
  readonly target: WriteTarget
  readonly names: readonly string[]
  readonly layout: InsertLayout
  readonly overriding: Overriding
  readonly output: OutputColumns
  readonly select: Node
}

/**
 * Plans `INSERT … SELECT`: the query becomes a sub-select with numbered columns, from which every column is taken, and
 * the shadow columns computed. A default that differs each time is drawn beside it, row by row.
 */
export function planInsertQuery(work: Work, insert: InsertQuery): void {
  const { target, layout } = insert
  const names = columnsOf(insert)
  const written = target.stances.filter((stance) => stance.writesShadow)
  const user = userValues(insert.overriding, target, written, layout.overriding?.start)
  const ignored = new Set(names.filter((name) => user.ignores(name)))
  const plans = written.flatMap((stance) => planStance(stance, names, ignored) ?? [])
  if (plans.length === 0) {
    if (insert.names.length === 0 && target.stances.some(differs))
      changeColumns(work, layout, names, { replaced: new Map(), added: [] })
    return
  }
  const replaced = new Map(plans.flatMap((plan) => [...plan.changes.replaced]))
  for (const [place, name] of names.entries())
    if (ignored.has(name) && !plans.some(({ drawn }) => drawn.includes(name))) replaced.set(place, null)
  if (!insert.output.open && insert.output.names.length !== names.length) {
    // PostgreSQL refuses it. As a sub-select it would lose what has no place, and run.
    const renamed = new Map([...replaced].filter(([, name]) => name !== null))
    changeColumns(work, layout, names, { replaced: renamed, added: [] })
    return
  }
  keepTypes(work, insert, names)
  const changes: ColumnChanges = {
    replaced,
    added: plans.flatMap((plan) => [...plan.drawn.filter((name) => !names.includes(name)), ...plan.changes.added]),
  }
  if (user.replaced) overrideSystem(work, layout)
  const overriding = !user.replaced && plans.some(drawsIdentity) && !insert.overriding ? 'OVERRIDING SYSTEM VALUE ' : ''
  changeColumns(work, layout, names, changes)

  const place = (index: number): string => `ec.c${index + 1}`
  const allDrawn = plans.flatMap(({ drawn }) => drawn)
  const sqlOf = (plan: QueryPlan, logical: string): string => {
    if (plan.drawn.includes(logical)) return `ec.d${allDrawn.indexOf(logical) + 1}`
    const index = names.indexOf(logical)
    return index >= 0 && !ignored.has(logical)
      ? checkedSql(plan.stance, logical, place(index), undefined)
      : defaultSql(plan.stance, logical)
  }
  const shadowOf = (name: string): string => {
    const plan = plans.find((each) => each.stance.compiled.shadow.includes(name))
    if (plan === undefined) throw new RangeError(`no migration writes ${name}`)
    return shadowValue(plan.stance, name, (logical) => sqlOf(plan, logical))
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
    plan.drawn.map((name) => `${defaultSql(plan.stance, name)} AS d${allDrawn.indexOf(name) + 1}`),
  )
  const columns = names.map((_, index) => `c${index + 1}`).join(', ')
  const { source, end } = layout
  if (source === undefined) return
  const last = work.source.token((end?.index ?? work.source.tokens.length) - 1) ?? source
  // How many columns the query has is not known here. What has no place would be lost in a sub-select: an empty query of as
  // many columns as there are places has PostgreSQL refuse it (42601).
  if (insert.output.open) {
    work.edits.before(source.start, '(')
    work.edits.after(last.end, `) UNION ALL (SELECT ${names.map(() => 'NULL').join(', ')} WHERE false)`)
  }
  const head = `${overriding}SELECT ${[...items, ...added].join(', ')} FROM `
  work.edits.before(source.start, drawn.length > 0 ? `${head}(SELECT ec.*, ${drawn.join(', ')} FROM (` : `${head}(`)
  work.edits.after(last.end, drawn.length > 0 ? `) AS ec(${columns})) AS ec` : `) AS ec(${columns})`)
}

interface QueryPlan {
  readonly stance: Stance
  readonly changes: ColumnChanges
  readonly drawn: readonly string[]
}

/** A value is given to a column that is GENERATED ALWAYS, and was left to its default. */
const drawsIdentity = ({ stance, drawn }: QueryPlan): boolean =>
  drawn.length > 0 && [...drawn, ...stance.compiled.shadow].some((name) => columnOf(stance, name)?.identity?.always)

function planStance(stance: Stance, names: readonly string[], ignored: ReadonlySet<string>): QueryPlan | undefined {
  const { logical, shadow } = stance.compiled
  const given = logical.filter((name) => names.includes(name) && !ignored.has(name))
  if (!logical.some((name) => names.includes(name)) && mayOmit(stance)) return undefined
  if (!stance.writesLogical) {
    if (given.length > 0 || !logical.some((name) => ignored.has(name)))
      return { stance, changes: pairColumns(stance, names), drawn: [] }
    if (!shadowDefaults(stance)) throw new Unprovable('write', stance, 'overriding')
    return { stance, changes: { replaced: new Map(), added: [] }, drawn: [] }
  }
  const drawn = logical.filter((name) => !given.includes(name) && mustGiveDefault(stance, name))
  return { stance, changes: { replaced: new Map(), added: shadow }, drawn }
}

/** The columns that the query fills, in its order. */
function columnsOf({ target, names, output, layout }: InsertQuery): readonly string[] {
  const stance = target.stances[0]
  if (names.length > 0 || stance === undefined) return names
  const { columns, table } = target.entry
  if (target.stances.some(differs) && table?.logical.placed === false)
    throw new Unprovable('write', stance, 'column-positions', layout.table.start)
  if (output.open && target.stances.some(differs))
    throw new Unprovable('write', stance, 'unknown-columns', layout.table.start)
  return columns.slice(0, output.open ? columns.length : output.names.length)
}

/** Untyped items of the query took their type from the column they were assigned to; in a sub-select they need it written. */
function keepTypes(work: Work, { select, target }: InsertQuery, names: readonly string[]): void {
  const query: SelectStmt | undefined = 'SelectStmt' in select ? select.SelectStmt : undefined
  if (query === undefined || query.distinctClause || (query.op !== undefined && query.op !== 'SETOP_NONE')) return
  const targets = query.targetList ?? []
  const stars = targets.filter(isStar).length
  if (stars > 1) return
  for (const [index, node] of targets.entries()) {
    if (!('ResTarget' in node) || !isUntyped(node.ResTarget.val)) continue
    const behind = stars === 1 && targets.findIndex(isStar) < index
    const type = assignmentType(target.stances, names[behind ? names.length - targets.length + index : index] ?? '')
    if (type === undefined) continue
    const token = work.source.tokenAt(node.ResTarget.location)
    const end = token.word === '(' ? work.source.closing(token).end : token.end
    work.edits.before(token.start, '(')
    work.edits.after(end, `)::${type}`)
  }
}

function isStar(node: Node): boolean {
  if (!('ResTarget' in node)) return false
  const value = node.ResTarget.val
  return (
    value !== undefined && 'ColumnRef' in value && (value.ColumnRef.fields ?? []).some((field) => 'A_Star' in field)
  )
}
