import type { Tolerance } from '../tolerance.ts'
import { VIOLATIONS } from './form-tolerances.ts'
import type { Model, ModelColumn, ModelTable } from './model.ts'
import { printAssigned, printCondition } from './print-expression.ts'
import { outputOf, printOutput } from './print-outputs.ts'
import { printSelect, printTopSelect } from './print-select.ts'
import { EMPTY_SCOPE, newPrinting, type Printing, picked, q, type Scope, tableColumns } from './scope.ts'
import type { Assigned, Condition, Conflict, Returning, Statement } from './statement.ts'

export interface PrintedStatement {
  readonly sql: string
  readonly values: readonly string[]
  readonly ordered: boolean
  readonly writes: boolean
  readonly tolerates: readonly Tolerance[]
}

export function printStatement(model: Model, statement: Statement, major: number): PrintedStatement {
  const printing = newPrinting(model, major, (inner, select, outer) =>
    printSelect(inner, select, outer, { kind: 'anything' }),
  )
  const printed = print(printing, statement)
  if (statement.kind !== 'select' && statement.kind !== 'delete') printing.tolerates.push(...VIOLATIONS)
  const { values, tolerates } = printing
  return { ...printed, values, tolerates, writes: statement.kind !== 'select' }
}

function print(printing: Printing, statement: Statement): { readonly sql: string; readonly ordered: boolean } {
  switch (statement.kind) {
    case 'select':
      return printTopSelect(printing, statement.select)
    case 'insert':
      return { sql: printInsert(printing, statement), ordered: false }
    case 'update':
      return { sql: printUpdate(printing, statement), ordered: false }
    case 'delete':
      return { sql: printDelete(printing, statement), ordered: false }
    case 'merge':
      return { sql: printing.major < 15 ? 'select 1' : printMerge(printing, statement), ordered: false }
  }
}

type Insert = Extract<Statement, { kind: 'insert' }>

function printInsert(printing: Printing, insert: Insert): string {
  const table = picked(printing.model.tables, insert.table)
  const alias = insert.aliased ? 'target' : undefined
  const columns = listedColumns(printing, table, insert.listed ? insert.columns : insert.columns.map(() => true))
  const withId = insert.conflict?.target === 'id' || !insert.listed
  const names = [...(withId ? ['"id"'] : []), ...columns.map((column) => q(column.name))]
  const list = insert.listed ? ` (${names.join(', ')})` : ''
  const row = (values: readonly Assigned[], index: number): string => {
    const id = insert.conflict?.target === 'id' ? index + 1 : 50 + index
    const own = columns.map((column, at) => printAssigned(printing, picked(values, at), column, EMPTY_SCOPE, undefined))
    return `(${[...(withId ? [String(id)] : []), ...own].join(', ')})`
  }
  const wanted = withId ? (['id', ...columns] as const) : columns
  const empty = names.length === 0
  const source = empty
    ? ' default values'
    : insert.select === undefined
      ? ` values ${insert.rows.map(row).join(', ')}`
      : ` ${printSelect(printing, { ...insert.select, locked: false }, undefined, { kind: 'columns', columns: wanted }).sql}`
  const target = { table, alias: alias ?? q(table.name) }
  const conflict = insert.conflict === undefined ? '' : printConflict(printing, insert.conflict, target)
  const into = `insert into ${q(table.name)}${alias === undefined ? '' : ` as ${alias}`}`
  return `${into}${empty ? '' : list}${source}${conflict}${printReturning(printing, insert.returning, [target])}`
}

/** All columns of the migration or none: one alone may have no counterpart. */
function listedColumns(printing: Printing, table: ModelTable, chosen: readonly boolean[]): readonly ModelColumn[] {
  const migrating = migratingNames(printing, table)
  const whole = table.columns.findIndex((column) => migrating.has(column.name))
  return table.columns.filter((column, index) => chosen[migrating.has(column.name) ? whole : index] === true)
}

function migratingNames({ model }: Printing, table: ModelTable): ReadonlySet<string> {
  const columns = table === model.tables[0] ? model.migration[model.app] : []
  return new Set(columns.map((column) => column.name))
}

interface Target {
  readonly table: ModelTable
  readonly alias: string
}

const scopeOf = (targets: readonly Target[]): Scope => ({
  sources: targets.map(({ table, alias }) => ({ alias, columns: tableColumns(table) })),
  merged: new Set(),
  outer: undefined,
})

function printConflict(printing: Printing, { target, sets, where }: Conflict, at: Target): string {
  const unique = printing.model.migration.constraints.old_key
  const [column] = printing.model.migration[printing.model.app]
  const onUnique = target === 'unique' && unique !== undefined && at.table === printing.model.tables[0]
  const on = onUnique ? ` (${q(column?.name ?? '')})` : target === 'none' && sets === undefined ? '' : ' ("id")'
  if (sets === undefined) return ` on conflict${on} do nothing`
  const scope = scopeOf([at, { table: at.table, alias: 'excluded' }])
  const filter = where === undefined ? '' : ` where ${printCondition(printing, where, scope)}`
  return ` on conflict${on} do update set ${assignments(printing, sets, at, scope)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ')}${filter}`
}

type Sets = Extract<Statement, { kind: 'update' }>['sets']

/** Column and value, each column once. */
function assignments(
  printing: Printing,
  sets: Sets,
  { table, alias }: Target,
  scope: Scope,
): readonly (readonly [string, string])[] {
  const seen = new Set<string>()
  return sets.flatMap(({ column: pick, value }): readonly (readonly [string, string])[] => {
    const column = picked(table.columns, pick)
    if (seen.has(column.name)) return []
    seen.add(column.name)
    return [[q(column.name), printAssigned(printing, value, column, scope, `${alias}.${q(column.name)}`)]]
  })
}

function printUpdate(printing: Printing, update: Extract<Statement, { kind: 'update' }>): string {
  const table = picked(printing.model.tables, update.table)
  const target: Target = { table, alias: update.aliased ? 'target' : q(table.name) }
  const from = joined(printing, update.from)
  const scope = scopeOf([target, ...from])
  const sets = assignments(printing, update.sets, target, scope)
  const names = sets.map(([name]) => name).join(', ')
  const values = sets.map(([, value]) => value)
  const hasDefault = values.includes('default')
  const set =
    update.style === 'single' || (update.style === 'query' && hasDefault)
      ? sets.map(([name, value]) => `${name} = ${value}`).join(', ')
      : update.style === 'row'
        ? `(${names}) = row(${values.join(', ')})`
        : `(${names}) = (select ${values.join(', ')})`
  return [
    `update ${q(table.name)}${update.aliased ? ' target' : ''} set ${set}`,
    from.length === 0 ? '' : ` from ${from.map((one) => `${q(one.table.name)} ${one.alias}`).join(', ')}`,
    matching(printing, update.where, [target, ...from], scope),
    printReturning(printing, update.returning, [target, ...from]),
  ].join('')
}

function printDelete(printing: Printing, statement: Extract<Statement, { kind: 'delete' }>): string {
  const table = picked(printing.model.tables, statement.table)
  const target: Target = { table, alias: statement.aliased ? 'target' : q(table.name) }
  const using = joined(printing, statement.using)
  const scope = scopeOf([target, ...using])
  return [
    `delete from ${q(table.name)}${statement.aliased ? ' as target' : ''}`,
    using.length === 0 ? '' : ` using ${using.map((one) => `${q(one.table.name)} ${one.alias}`).join(', ')}`,
    matching(printing, statement.where, [target, ...using], scope),
    printReturning(printing, statement.returning, [target, ...using]),
  ].join('')
}

const joined = ({ model }: Printing, pick: number | undefined): readonly Target[] =>
  pick === undefined ? [] : [{ table: picked(model.tables, pick), alias: 'joined' }]

/** A joined table is matched by id, so that every row has one partner at most and the result is determined. */
function matching(printing: Printing, where: Condition | undefined, targets: readonly Target[], scope: Scope): string {
  const [target, other] = targets
  const conditions = [
    ...(target && other ? [`${target.alias}."id" = ${other.alias}."id"`] : []),
    ...(where ? [printCondition(printing, where, scope)] : []),
  ]
  return conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
}

function printReturning(printing: Printing, returning: Returning | undefined, targets: readonly Target[]): string {
  if (returning === undefined) return ''
  const scope = scopeOf(targets)
  const star = scope.sources.flatMap((source) => source.columns)
  const outputs = returning.items.map((item) => outputOf(printing, item, { scope, star, windows: false }))
  return ` returning ${outputs.map(printOutput).join(', ')}`
}

function printMerge(printing: Printing, merge: Extract<Statement, { kind: 'merge' }>): string {
  const target: Target = { table: picked(printing.model.tables, merge.table), alias: 't' }
  const source: Target = { table: picked(printing.model.tables, merge.source), alias: 's' }
  const both = scopeOf([target, source])
  const condition = merge.condition === undefined ? '' : ` and ${printCondition(printing, merge.condition, both)}`
  const sets = (merge.remove ? [] : assignments(printing, merge.sets, target, both)).map(
    ([name, value]) => `${name} = ${value}`,
  )
  const columns = listedColumns(printing, target.table, merge.columns)
  const values = columns.map((column, index) =>
    printAssigned(printing, picked(merge.row, index), column, scopeOf([source]), undefined),
  )
  const names = ['"id"', ...columns.map((column) => q(column.name))]
  return [
    `merge into ${q(target.table.name)} t using ${q(source.table.name)} s on t."id" = s."id" + ${merge.remove ? 0 : 1}`,
    `when matched${condition} then ${merge.remove ? 'delete' : `update set ${sets.join(', ')}`}`,
    `when not matched then insert (${names.join(', ')}) values (${['s."id" + 60', ...values].join(', ')})`,
  ].join(' ')
}
