import { PARAMETER_TWICE } from './form-tolerances.ts'
import type { Family, ModelColumn } from './model.ts'
import { namesOf, type Printing, picked, q, type Scope, tableColumns } from './scope.ts'
import { NUMBERS, TEXTS } from './shapes.ts'
import type { Assigned, Condition, Expr, SubQuery } from './statement.ts'

/** Mostly the families that have operators. */
const COMMON: readonly Family[] = ['text', 'number', 'text', 'number', 'boolean', 'date', 'time', 'timestamp']
const familyOf = (pick: number): Family => picked(COMMON, pick)

/** A family of which the scope has a column, if it has any. */
export function familyIn(scope: Scope, pick: number): Family {
  const there = scope.sources.flatMap((source) => source.columns).filter((column) => column.family !== 'other')
  return there.length === 0 ? familyOf(pick) : (picked(there, pick).family as Family)
}

const TYPES: Readonly<Record<Family, string>> = {
  text: 'text',
  number: 'integer',
  boolean: 'boolean',
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
}

const LITERALS: Readonly<Record<Family, readonly string[]>> = {
  text: [...TEXTS, "'on'", "'ada lovelace'", "'x:a'"],
  number: NUMBERS,
  boolean: ['true', 'false'],
  date: ["date '2024-02-29'", "date '1999-12-31'"],
  time: ["time '12:30:00'", "time '00:00:00'"],
  timestamp: ["timestamp '2024-02-29 12:30:00'"],
}

export function printExpr(printing: Printing, expr: Expr, family: Family, scope: Scope, bareParameter = false): string {
  const of = (inner: Expr, its: Family = family): string => printExpr(printing, inner, its, scope)
  switch (expr.kind) {
    case 'column': {
      const names = namesOf(scope, family, expr.bare)
      return names.length === 0 ? picked(LITERALS[family], expr.pick) : picked(names, expr.pick)
    }
    case 'literal':
      return picked(LITERALS[family], expr.pick)
    case 'parameter':
      return parameter(printing, {
        family,
        value: rawValue(picked(LITERALS[family], expr.pick)),
        ...expr,
        bare: expr.bare && bareParameter,
      })
    case 'null':
      return `null::${TYPES[family]}`
    case 'coalesce':
      return `coalesce(${of(expr.left)}, ${of(expr.right)})`
    case 'case':
      return `case when ${printCondition(printing, expr.when, scope)} then ${of(expr.left)} else ${of(expr.right)} end`
    case 'cast':
      return `(${of(expr.left)})::${TYPES[family]}`
    case 'scalar':
      return `(${printSubQuery(printing, expr.from, family, scope)} order by 1 limit 1)`
    case 'call':
      return call(
        expr.pick,
        family,
        () => of(expr.left),
        () => of(expr.right),
        (its) => of(expr.left, its),
      )
  }
}

function call(
  pick: number,
  family: Family,
  left: () => string,
  right: () => string,
  leftAs: (family: Family) => string,
): string {
  const calls: Readonly<Record<Family, readonly (() => string)[]>> = {
    text: [
      () => `upper(${left()})`,
      () => `(${left()} || ${right()})`,
      () => `lower(${left()})`,
      () => `concat(${left()}, ${right()})`,
      () => `substr(${left()}, 1, 2)`,
      () => `replace(${left()}, 'a', 'bb')`,
      () => `(${leftAs('number')})::text`,
    ],
    number: [
      () => `(${left()} + ${right()})`,
      () => `(${left()} - ${right()})`,
      () => `(${left()} * 2)`,
      () => `abs(${left()})`,
      () => `length(${leftAs('text')})`,
      () => `greatest(${left()}, ${right()})`,
    ],
    boolean: [
      () => `(not ${left()})`,
      () => `(${left()} and ${right()})`,
      () => `(${leftAs('text')} = ${leftAs('text')})`,
    ],
    date: [() => `(${left()} + 1)`, () => `least(${left()}, ${right()})`],
    time: [() => `greatest(${left()}, ${right()})`],
    timestamp: [() => `(${left()} + interval '1 day')`, () => `date_trunc('day', ${left()})`],
  }
  return picked(calls[family], pick)()
}

const COMPARISONS = ['=', '<>', '<', '<=', '>', '>=', 'is distinct from', 'is not distinct from']
const PATTERNS = ["'%a%'", "'_%'", "'%''%'", "'B%'"]

export function printCondition(printing: Printing, condition: Condition, scope: Scope): string {
  const of = (expr: Expr, family: Family, bare = false): string => printExpr(printing, expr, family, scope, bare)
  switch (condition.kind) {
    case 'compare': {
      const family = familyIn(scope, condition.family)
      const isColumn = condition.left.kind === 'column' && namesOf(scope, family, false).length > 0
      return `${of(condition.left, family)} ${picked(COMPARISONS, condition.operator)} ${of(condition.right, family, isColumn)}`
    }
    case 'null':
      return `(${of(condition.left, familyIn(scope, condition.family))}) is ${condition.not ? 'not ' : ''}null`
    case 'in': {
      const family = familyIn(scope, condition.family)
      const list = condition.list.map((expr) => of(expr, family, condition.left.kind === 'column'))
      return `${of(condition.left, family)} ${condition.not ? 'not ' : ''}in (${list.join(', ')})`
    }
    case 'in query': {
      const family = familyIn(scope, condition.family)
      const left = of(condition.left, family)
      return `${left} ${condition.not ? 'not ' : ''}in (${printSubQuery(printing, condition.from, family, scope)})`
    }
    case 'between': {
      const family = familyIn(scope, condition.family)
      return `${of(condition.left, family)} between ${of(condition.low, family)} and ${of(condition.high, family)}`
    }
    case 'any': {
      const family = familyIn(scope, condition.family)
      const list = condition.picks.map((pick) => picked(LITERALS[family], pick))
      return `${of(condition.left, family)} = any (array[${list.join(', ')}]::${TYPES[family]}[])`
    }
    case 'like':
      return `${of(condition.left, 'text')} ${picked(['like', 'not like', 'ilike', '~~'], condition.operator)} ${picked(PATTERNS, condition.pattern)}`
    case 'exists':
      return `${condition.not ? 'not ' : ''}exists (${printSubQuery(printing, condition.from, 'number', scope)})`
    case 'and':
    case 'or':
      return `(${printCondition(printing, condition.left, scope)} ${condition.kind} ${printCondition(printing, condition.right, scope)})`
    case 'not':
      return `not (${printCondition(printing, condition.left, scope)})`
  }
}

function printSubQuery(
  printing: Printing,
  { table: pick, aliased, value, where }: SubQuery,
  family: Family,
  outer: Scope,
): string {
  const table = picked(printing.model.tables, pick)
  const alias = aliased ? `s${printing.nextAlias++}` : q(table.name)
  const scope: Scope = { sources: [{ alias, columns: tableColumns(table) }], merged: new Set(), outer }
  const list = printExpr(printing, value, family, scope)
  const filter = where === undefined ? '' : ` where ${printCondition(printing, where, scope)}`
  return `select ${list} from ${q(table.name)}${aliased ? ` ${alias}` : ''}${filter}`
}

interface Parameter {
  readonly family: Family
  readonly value: string
  readonly bare: boolean
  readonly reuse: boolean
}

function parameter(printing: Printing, { family, value, bare, reuse }: Parameter): string {
  const known = reuse ? printing.parameters.find((one) => one.family === family) : undefined
  if (known !== undefined) {
    if (!known.sql.includes('::')) printing.tolerates.push(...PARAMETER_TWICE)
    return known.sql
  }
  printing.values.push(value)
  const sql = `$${printing.values.length}${bare ? '' : `::${TYPES[family]}`}`
  printing.parameters.push({ family, sql })
  return sql
}

/** The value of a literal as it is sent for a parameter. */
const rawValue = (literal: string): string => {
  const quoted = /'((?:[^']|'')*)'$/u.exec(literal)
  return quoted?.[1] === undefined ? literal : quoted[1].replaceAll("''", "'")
}

/**
 * A value for a column. Where the mapping is lossless for few values, only those are assigned, however the expression is
 * nested; `self` is the column as it stands in the row, where there is one.
 */
export function printAssigned(
  printing: Printing,
  value: Assigned,
  column: ModelColumn,
  scope: Scope,
  self: string | undefined,
): string {
  if (value.kind === 'default') return 'default'
  if (column.only.length === 0) return printExpr(printing, value, column.family, scope, true)
  switch (value.kind) {
    case 'parameter':
      return parameter(printing, {
        family: column.family,
        value: rawValue(picked(column.only, value.pick)),
        bare: value.bare,
        reuse: false,
      })
    case 'column':
      return self ?? picked(column.only, value.pick)
    case 'null':
      return 'null'
    case 'case': {
      const [left, right] = [value.left, value.right].map((one) => printAssigned(printing, one, column, scope, self))
      return `case when ${printCondition(printing, value.when, scope)} then ${left} else ${right} end`
    }
    case 'coalesce':
      return `coalesce(${printAssigned(printing, value.left, column, scope, self)}, ${picked(column.only, 0)})`
    default:
      return picked(column.only, 'pick' in value ? value.pick : 0)
  }
}
