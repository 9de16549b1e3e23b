import { quoteIdentifier } from '@expand-contract/core'
import type { Node, SelectStmt } from 'libpg-query'
import { defaultSql, mayOmit, mustGiveDefault } from './default-value.ts'
import { type ColumnChanges, changeColumns, type InsertLayout, pairColumns } from './insert-columns.ts'
import type { OutputColumns } from './scope.ts'
import { differs, type Stance, shadowValue } from './stance.ts'
import { Unprovable } from './unprovable.ts'
import type { Work } from './work.ts'
import type { WriteTarget } from './write-target.ts'
import { assignmentType, isUntyped } from './written-values.ts'

interface InsertQuery {
  readonly target: WriteTarget
  readonly names: readonly string[]
  readonly layout: InsertLayout
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
  const plans = written.flatMap((stance) => planStance(stance, names) ?? [])
  if (plans.length === 0) {
    if (insert.names.length === 0 && target.stances.some(differs))
      changeColumns(work, layout, names, { replaced: new Map(), added: [] })
    return
  }
  const replaced = new Map(plans.flatMap((plan) => [...plan.changes.replaced]))
  if (!insert.output.open && insert.output.names.length !== names.length) {
    // PostgreSQL refuses it. As a sub-select it would lose what has no place, and run.
    const renamed = new Map([...replaced].filter(([, name]) => name !== null))
    changeColumns(work, layout, names, { replaced: renamed, added: [] })
    return
  }
  keepTypes(work, insert, names)
  const changes: ColumnChanges = {
    replaced,
    added: plans.flatMap((plan) => [...plan.drawn, ...plan.changes.added]),
  }
  changeColumns(work, layout, names, changes)

  const place = (index: number): string => `ec.c${index + 1}`
  const sqlOf = (plan: QueryPlan, logical: string): string => {
    const index = names.indexOf(logical)
    if (index >= 0) return place(index)
    return plan.drawn.includes(logical) ? `ec.${quoteIdentifier(logical)}` : defaultSql(plan.stance, logical)
  }
  const shadowOf = (name: string): string => {
    const plan = plans.find((each) => each.stance.compiled.shadow.includes(name))
    if (plan === undefined) throw new RangeError(`no migration writes ${name}`)
    return shadowValue(plan.stance, name, (logical) => sqlOf(plan, logical))
  }
  const items = names.flatMap((_, index) => {
    const shadow = changes.replaced.get(index)
    return shadow === null ? [] : [shadow === undefined ? place(index) : shadowOf(shadow)]
  })
  const added = plans.flatMap((plan) => [
    ...plan.drawn.map((name) => sqlOf(plan, name)),
    ...plan.changes.added.map(shadowOf),
  ])
  const drawn = plans.flatMap((plan) =>
    plan.drawn.map((name) => `${defaultSql(plan.stance, name)} AS ${quoteIdentifier(name)}`),
  )
  const columns = names.map((_, index) => `c${index + 1}`).join(', ')
  const { source, end } = layout
  if (source === undefined) return
  const last = work.source.token((end?.index ?? work.source.tokens.length) - 1) ?? source
  const head = `SELECT ${[...items, ...added].join(', ')} FROM `
  work.edits.before(source.start, drawn.length > 0 ? `${head}(SELECT ec.*, ${drawn.join(', ')} FROM (` : `${head}(`)
  work.edits.after(last.end, drawn.length > 0 ? `) AS ec(${columns})) AS ec` : `) AS ec(${columns})`)
}

interface QueryPlan {
  readonly stance: Stance
  readonly changes: ColumnChanges
  readonly drawn: readonly string[]
}

function planStance(stance: Stance, names: readonly string[]): QueryPlan | undefined {
  const { logical, shadow } = stance.compiled
  if (!logical.some((name) => names.includes(name)) && mayOmit(stance)) return undefined
  if (!stance.writesLogical) return { stance, changes: pairColumns(stance, names), drawn: [] }
  const drawn = logical.filter((name) => !names.includes(name) && mustGiveDefault(stance, name))
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
    if (token.word === '(') continue
    work.edits.before(token.start, '(')
    work.edits.after(token.end, `)::${type}`)
  }
}

function isStar(node: Node): boolean {
  if (!('ResTarget' in node)) return false
  const value = node.ResTarget.val
  return (
    value !== undefined && 'ColumnRef' in value && (value.ColumnRef.fields ?? []).some((field) => 'A_Star' in field)
  )
}
