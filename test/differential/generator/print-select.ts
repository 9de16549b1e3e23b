import { AMBIGUOUS_GROUP } from './form-tolerances.ts'
import type { Family } from './model.ts'
import { printCondition } from './print-expression.ts'
import { printFrom } from './print-from.ts'
import {
  aggregateOutput,
  type Demand,
  demandedOutputs,
  isColumn,
  keyOutput,
  type Output,
  outputOf,
  printOutput,
  withName,
} from './print-outputs.ts'
import { type OutColumn, type PrintedQuery, type Printing, picked, q, type Scope } from './scope.ts'
import type { Select } from './statement.ts'

/** Prints a query that is a whole statement. */
export const printTopSelect = (printing: Printing, select: Select): PrintedQuery =>
  print(printing, select, undefined, { kind: 'anything' }, true)

/** Prints a query that stands in FROM, in WITH or in the arm of a set operation: every output has a name. */
export const printSelect = (
  printing: Printing,
  select: Select,
  outer: Scope | undefined,
  demand: Demand,
): PrintedQuery => print(printing, select, outer, demand, false)

function print(
  printing: Printing,
  select: Select,
  outer: Scope | undefined,
  demand: Demand,
  top: boolean,
): PrintedQuery {
  const free = demand.kind === 'anything'
  const common = free ? printCommon(printing, select) : ''
  const { sql: from, scope, star } = printFrom(printing, select.from, outer)
  const where = select.where === undefined ? '' : ` where ${printCondition(printing, select.where, scope)}`
  const grouped = free ? select.grouped : undefined
  const place = { scope, star, windows: true }
  const plainOutputs: readonly Output[] = !free
    ? demandedOutputs(printing, select.items, scope, demand)
    : grouped === undefined
      ? select.items.map((item) => outputOf(printing, item, place))
      : [
          ...grouped.keys.map((key) => keyOutput(printing, key, scope)),
          ...grouped.aggregates.map((one) => aggregateOutput(printing, one, scope)),
        ]
  const outputs = top ? plainOutputs : plainOutputs.map(withName)
  const columns = outputs.flatMap((output) => output.columns)
  const group = grouped === undefined ? '' : groupBy(grouped, outputs.slice(0, grouped.keys.length))
  if (group !== '') printing.tolerates.push(...AMBIGUOUS_GROUP)
  const set = free && !grouped && columns.every((column) => column.family !== 'other') ? select.set : undefined
  const on =
    free && !set && !grouped && select.distinct === 'on' ? outputs.find((output) => isColumn(output.sql)) : undefined
  const distinct = on ? `distinct on (${on.sql}) ` : free && select.distinct === 'all' ? 'distinct ' : ''
  const plain = free && !set && !grouped && distinct === ''
  const ordered = select.order.length > 0 || select.limit !== undefined || on !== undefined || demand.kind === 'columns'
  return {
    sql: [
      `${common}select ${distinct}${outputs.map(printOutput).join(', ')} from ${from}${where}${group}`,
      set ? printSet(printing, set, outer, columns) : '',
      ordered ? ` order by ${orderBy(select, columns, scope, { on: on?.sql, plain })}` : '',
      limit(select, demand),
      top && plain ? locking(select, scope) : '',
    ].join(''),
    columns,
    ordered,
  }
}

/** The rows to insert with ids of their own are one row. */
function limit({ limit }: Select, demand: Demand): string {
  if (demand.kind === 'columns') return demand.columns.includes('id') ? ' limit 1' : ''
  return limit === undefined ? '' : ` limit ${limit % 5}`
}

function printCommon(printing: Printing, { common }: Select): string {
  if (common === undefined) return ''
  const { sql, columns } = printSelect(printing, common.query, undefined, { kind: 'anything' })
  const name = `w${printing.nextAlias++}`
  const renamed = common.renamed ? columns.map((column, index) => ({ ...column, name: `r${index}` })) : columns
  printing.common.push({ name, columns: renamed })
  const names = common.renamed ? ` (${renamed.map((column) => q(column.name)).join(', ')})` : ''
  const how = picked(['', 'materialized ', 'not materialized '], common.materialized)
  return `with ${name}${names} as ${how}(${sql}) `
}

/** By the expression, by position, or by ROLLUP; a constant can only be grouped by position. */
function groupBy({ style, having }: NonNullable<Select['grouped']>, keys: readonly Output[]): string {
  const constant = /^(?:\(*(?:'|date |time|\$|null|true|false)|[^a-z"]*$)/u
  const texts = keys.map((key, index) => (style % 4 === 1 || constant.test(key.sql) ? String(index + 1) : key.sql))
  const rollup = style % 4 === 3 && !keys.some((key) => constant.test(key.sql))
  const list = rollup ? `rollup (${keys.map((key) => key.sql).join(', ')})` : texts.join(', ')
  return `${keys.length === 0 ? '' : ` group by ${list}`}${having ? ' having count(*) > 0' : ''}`
}

function printSet(
  printing: Printing,
  { operator, right }: NonNullable<Select['set']>,
  outer: Scope | undefined,
  columns: readonly OutColumn[],
): string {
  const families = columns.map((column) => column.family as Family)
  const nothing = { common: undefined, limit: undefined, set: undefined, locked: false, order: [] }
  const arm: Select = { ...right, ...nothing, distinct: 'no' }
  const { sql } = printSelect(printing, arm, outer, { kind: 'families', families })
  return ` ${picked(['union', 'union all', 'except', 'intersect all'], operator)} ${sql}`
}

interface OrderFacts {
  /** The expression of DISTINCT ON, which must come first. */
  readonly on: string | undefined
  /** Neither grouped nor distinct nor a set operation, so that any expression may be sorted by. */
  readonly plain: boolean
}

/** The chosen keys, then every output by position, so that only equal rows can change places. */
function orderBy(select: Select, columns: readonly OutColumn[], scope: Scope, { on, plain }: OrderFacts): string {
  const chosen = select.order.map(({ pick, by, descending }) => {
    const direction = descending ? ' desc' : ''
    if (by === 'expression' && plain) {
      const source = picked(scope.sources, pick)
      const column = picked(source.columns, pick)
      const unique = source.columns.filter((other) => other.name === column.name).length === 1
      if (unique && column.family !== 'other') return `${source.alias}.${q(column.name)}${direction}`
    }
    const position = pick % columns.length
    const name = columns[position]?.name ?? '?column?'
    const unique = columns.filter((column) => column.name === name).length === 1
    return by === 'name' && unique && name !== '?column?' ? `${q(name)}${direction}` : `${position + 1}${direction}`
  })
  return [...(on === undefined ? [] : [on]), ...chosen, ...columns.map((_, index) => String(index + 1))].join(', ')
}

function locking(select: Select, scope: Scope): string {
  const lockable =
    select.locked &&
    select.from[0]?.of.kind === 'table' &&
    !select.items.some((item) => item.kind === 'window') &&
    select.from.every((source) => source.join !== 'right' && source.join !== 'full')
  return lockable ? ` for update of ${scope.sources[0]?.alias}` : ''
}
