import type { Family, ModelColumn } from './model.ts'
import { familyIn, printAssigned, printCondition, printExpr } from './print-expression.ts'
import { type OutColumn, type Printing, picked, q, type Scope } from './scope.ts'
import type { Aggregate, Expr, Item } from './statement.ts'

/** One element of a select list or of RETURNING, as SQL, with the columns that it yields. */
export interface Output {
  readonly sql: string
  readonly alias: string | undefined
  readonly star: boolean
  readonly columns: readonly OutColumn[]
}

const ALIASES = ['name', 'label', 'Name', 'value', 'out', 'order']
const aliasOf = (pick: number | undefined): string | undefined =>
  pick === undefined ? undefined : picked(ALIASES, pick)

/** True for a column as `namesOf` prints it. */
export const isColumn = (sql: string): boolean => /^(?:(?:"(?:[^"]|"")+"|\w+)\.)?"(?:[^"]|"")+"$/u.test(sql)

const nameOfColumn = (sql: string): string =>
  /(?:^|\.)"((?:[^"]|"")+)"$/u.exec(sql)?.[1]?.replaceAll('""', '"') ?? '?column?'

const valueOutput = (sql: string, family: OutColumn['family'], alias: string | undefined): Output => ({
  ...{ sql, alias, star: false },
  columns: [{ name: alias ?? (isColumn(sql) ? nameOfColumn(sql) : '?column?'), family }],
})

const starOutput = (sql: string, columns: readonly OutColumn[]): Output => ({
  sql,
  columns,
  star: true,
  alias: undefined,
})

export const printOutput = ({ sql, alias }: Output): string => (alias === undefined ? sql : `${sql} as ${q(alias)}`)

/** So that it can stand in FROM: an output whose name is not known gets one. */
export function withName(output: Output, index: number): Output {
  const [column] = output.columns
  if (output.star || column === undefined || column.name !== '?column?') return output
  return valueOutput(output.sql, column.family, `c${index}`)
}

export interface Place {
  readonly scope: Scope
  /** What `*` stands for. */
  readonly star: readonly OutColumn[]
  /** Window functions are allowed. */
  readonly windows: boolean
}

export function outputOf(printing: Printing, item: Item, { scope, star, windows }: Place): Output {
  switch (item.kind) {
    case 'star':
      return starOutput('*', star)
    case 'star of': {
      const { alias, columns } = picked(scope.sources, item.source)
      return starOutput(`${alias}.*`, columns)
    }
    case 'row':
      return valueOutput(`to_jsonb(${picked(scope.sources, item.source).alias})`, 'other', aliasOf(item.alias))
    case 'value':
      return ofValue(printing, item, scope)
    case 'window': {
      if (!windows) return ofValue(printing, item, scope)
      const family = familyIn(scope, item.family)
      const value = printExpr(printing, item.value, family, scope)
      const calls: readonly (readonly [string, Family])[] = [
        [`count(*) over (partition by ${value})`, 'number'],
        [`rank() over (order by ${value})`, 'number'],
        [`count(${value}) over ()`, 'number'],
        [`first_value(${value}) over (order by ${value} desc)`, family],
      ]
      const [sql, result] = picked(calls, item.call)
      return valueOutput(sql, result, aliasOf(item.alias))
    }
  }
}

interface Valued {
  readonly family: number
  readonly value: Expr
  readonly alias: number | undefined
}

function ofValue(printing: Printing, { family: pick, value, alias }: Valued, scope: Scope): Output {
  const family = familyIn(scope, pick)
  return valueOutput(printExpr(printing, value, family, scope), family, aliasOf(alias))
}

const A_COLUMN: Expr = { kind: 'column', pick: 0, bare: false }
const exprOfItem = (item: Item | undefined): Expr => (item !== undefined && 'value' in item ? item.value : A_COLUMN)

export function keyOutput(printing: Printing, item: Item, scope: Scope): Output {
  const alias = 'alias' in item ? item.alias : undefined
  return ofValue(printing, { family: 'family' in item ? item.family : 0, value: exprOfItem(item), alias }, scope)
}

export function aggregateOutput(printing: Printing, aggregate: Aggregate, scope: Scope): Output {
  const family = familyIn(scope, aggregate.family)
  const value = printExpr(printing, aggregate.value, family, scope)
  // A constant of no type fits no aggregate.
  const inner = value.startsWith("'") ? `${value}::text` : value
  const calls: readonly (readonly [string, OutColumn['family']])[] = [
    [`count(${inner})`, 'number'],
    [family === 'boolean' ? `bool_or(${inner})` : `max(${inner})`, family],
    [`count(distinct ${inner})`, 'number'],
    family === 'number' ? [`sum(${inner})`, 'number'] : [`array_agg(${inner} order by ${inner})`, 'other'],
    family === 'text' ? [`string_agg(${inner}, ',' order by ${inner})`, 'text'] : [`count(${inner})`, 'number'],
    [`jsonb_agg(${inner} order by ${inner})`, 'other'],
  ]
  const [sql, result] = picked(calls, aggregate.call)
  const filter = aggregate.filter && ` filter (where ${printCondition(printing, aggregate.filter, scope)})`
  return valueOutput(`${sql}${filter ?? ''}`, result, aliasOf(aggregate.alias))
}

/** What the outputs of a query must be: of these families, or values for these columns. */
export type Demand =
  | { readonly kind: 'anything' }
  | { readonly kind: 'families'; readonly families: readonly Family[] }
  | { readonly kind: 'columns'; readonly columns: readonly (ModelColumn | 'id')[] }

export function demandedOutputs(
  printing: Printing,
  items: readonly Item[],
  scope: Scope,
  demand: Exclude<Demand, { kind: 'anything' }>,
): readonly Output[] {
  const exprAt = (index: number): Expr => exprOfItem(items[index % items.length])
  if (demand.kind === 'families')
    return demand.families.map((family, index) =>
      valueOutput(printExpr(printing, exprAt(index), family, scope), family, undefined),
    )
  return demand.columns.map((column, index) => {
    if (column === 'id') return valueOutput(String(300 + index), 'number', undefined)
    const expr = exprAt(index)
    const sql = printAssigned(printing, expr, column, scope, undefined)
    // A constant of a query has the type text, or none, unless it is said.
    const constant = expr.kind === 'parameter' || sql.startsWith("'") || sql === 'null'
    return valueOutput(constant ? `${sql}::${column.type}` : sql, column.family, undefined)
  })
}
