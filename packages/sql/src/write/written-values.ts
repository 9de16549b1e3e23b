import { quoteIdentifier } from '@expand-contract/core'
import type { Node } from 'libpg-query'
import type { ColumnType } from '../catalog/catalog.ts'
import { isDuplicable } from '../mapping/duplicable.ts'
import { usesOf } from '../mapping/mapping-template.ts'
import { nameStrings } from '../parse/name-strings.ts'
import type { Range } from '../parse/source-text.ts'
import { type DecidedMigration, sameType, typeOf, uncut } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { defaultSql, drawsDefault } from './default-value.ts'

/** A value that a statement assigns to a logical column. */
export interface Assigned {
  readonly node: Node
  readonly range: Range
}

export const isDefault = (node: Node): boolean => 'SetToDefault' in node

/** How often the shadow columns use a logical one. */
function uses(decided: DecidedMigration, logical: string): number {
  let count = 0
  for (const mapping of decided.compiled.toShadow.values())
    count += mapping.kind === 'column' ? Number(mapping.column === logical) : usesOf(mapping.template, logical)
  return count
}

/** True when a value may be written out wherever both sides need it; `atAnyCost` where it cannot be computed elsewhere. */
export function mayRepeat(decided: DecidedMigration, logical: string, value: Node, atAnyCost = false): boolean {
  if (!decided.writesLogical && uses(decided, logical) <= 1) return true
  if (isDefault(value)) return !drawsDefault(decided, logical, atAnyCost)
  return isDuplicable(value, { volatileFunctions: decided.volatileFunctions, atAnyCost })
}

/** SQL of an assigned value with its references planned; DEFAULT is spelled out. */
export function assignedSql(context: PlanContext, decided: DecidedMigration, logical: string, value: Assigned): string {
  return isDefault(value.node) ? defaultSql(decided, logical) : context.edits.render(value.range)
}

/**
 * A value on its way into an explicit cast, which takes more than the assignment to the column would. With a NULL of the
 * column's type beside it, COALESCE refuses what the assignment would refuse (42804), and is that value otherwise.
 * `value` is undefined where nothing is known of it.
 */
export function checkedSql(decided: DecidedMigration, logical: string, sql: string, value: Node | undefined): string {
  const type = typeOf(decided, logical)
  if (type?.strict !== true || isOfType(decided, value, type) || !isCast(decided, logical)) return sql
  return `COALESCE(${sql}, NULL::${type.bare})`
}

/** What is assigned is cast for a shadow column, instead of being assigned to that as it is. */
function isCast({ compiled, bound }: DecidedMigration, logical: string): boolean {
  return [...compiled.toShadow].some(
    ([shadow, mapping]) => mapping.kind === 'sql' || !sameType(bound.types[logical], bound.types[shadow]),
  )
}

const NUMBERS = /^pg_catalog\.(?:int2|int4|int8|numeric|float4|float8)$/u

/** Has its type from the cast around it, or is known to have one that may be assigned. */
function isOfType(decided: DecidedMigration, value: Node | undefined, { base }: ColumnType): boolean {
  if (value === undefined) return false
  if (needsType(value) || isDefault(value)) return true
  if ('A_Const' in value && value.A_Const.boolval !== undefined) return base === 'pg_catalog.bool'
  return NUMBERS.test(base) && isNumber(decided, value)
}

const ARITHMETIC = new Set(['+', '-', '*', '/', '%'])

/** A number, a column of the table that holds numbers, or a sum of such with each other or with parameters. */
function isNumber(decided: DecidedMigration, value: Node | undefined): boolean {
  if (value === undefined) return false
  if ('A_Const' in value) return (value.A_Const.ival ?? value.A_Const.fval) !== undefined
  if ('ColumnRef' in value) {
    const [name, ...others] = nameStrings(value.ColumnRef.fields)
    return others.length === 0 && NUMBERS.test(columnType([decided], name ?? '')?.base ?? '')
  }
  if (!('A_Expr' in value) || value.A_Expr.kind !== 'AEXPR_OP') return false
  const { name, lexpr, rexpr } = value.A_Expr
  const operands = lexpr === undefined ? [rexpr] : [lexpr, rexpr]
  const fits = (each: Node | undefined): boolean =>
    isNumber(decided, each) || (each !== undefined && 'ParamRef' in each)
  return (
    ARITHMETIC.has(nameStrings(name).join('.')) &&
    operands.every(fits) &&
    operands.some((each) => isNumber(decided, each))
  )
}

/**
 * Takes a value out of its place and makes it a one-row table of the statement, evaluated at most once; what is returned
 * reads it. For VALUES, where no column can be referred to.
 */
export function evaluateOnce(context: PlanContext, sql: string): string {
  const name = `ec_once_${context.once.length + 1}`
  context.once.push(`${name} AS MATERIALIZED (SELECT ${sql} AS v)`)
  return `(SELECT v FROM ${name})`
}

/**
 * A value that is taken out of its place. A function that returns a set would yield another number of rows there, or rows
 * where PostgreSQL allows no set: COALESCE of one value is that value, with its type, and takes no set (0A000).
 */
export function takeValue(context: PlanContext, { node, range }: Assigned): string {
  const sql = context.edits.take(range)
  return 'SubLink' in node || needsType(node) ? sql : `COALESCE(${sql})`
}

/** What has to be given its type where it is no longer assigned directly; a row would be a record. */
export const needsType = (node: Node): boolean => isUntyped(node) || 'RowExpr' in node

/** An untyped literal or parameter, which would become text where it is no longer assigned directly. */
export function isUntyped(node: Node | undefined): boolean {
  if (node === undefined) return false
  if ('ParamRef' in node) return true
  return 'A_Const' in node && (node.A_Const.sval !== undefined || node.A_Const.isnull === true)
}

/** A type for a value that is assigned to a column of the table, or to an `element` of it; undefined where it is not known. */
export function assignmentType(
  decidedMigrations: readonly DecidedMigration[],
  name: string,
  element = false,
): string | undefined {
  const type = columnType(decidedMigrations, name)
  if (type === undefined) return undefined
  if (!element) return uncut(type)
  // Of an array of domains: what they stand for.
  if (uncut(type) !== type.bare) return uncut({ ...type, base: type.base.replace('._', '.') })
  return /^(?<type>[^(]*)\[\]$/u.exec(type.declared)?.groups?.type
}

function columnType(decidedMigrations: readonly DecidedMigration[], name: string): ColumnType | undefined {
  const decided = decidedMigrations.find((each) => each.compiled.logical.includes(name))
  if (decided) return typeOf(decided, name)
  return decidedMigrations[0]?.relation.columns.find((column) => column.name === name)?.type
}

export const quoted = (names: readonly string[]): string => names.map(quoteIdentifier).join(', ')
