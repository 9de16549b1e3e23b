import { quoteIdentifier } from '@expand-contract/core'
import type { A_Indirection, FuncCall, Node } from 'libpg-query'
import type { Catalog, Relation, RowFunction } from '../catalog/catalog.ts'
import { nameStrings } from '../parse/name-strings.ts'
import { callPlace, selectionPlace } from '../parse/places.ts'
import type { Range } from '../parse/source-text.ts'
import { checkOrder } from './column-list.ts'
import { type DecidedMigration, differs, logicalFrom } from './decided-migration.ts'
import { type LogicalTable, logicalTable } from './logical-columns.ts'
import type { PlanContext } from './plan-context.ts'
import { Unprovable } from './unprovable.ts'

/** A call of a function that returns rows of a migrating table whose columns are not those that the application knows. */
export interface RowCall {
  readonly returns: RowFunction
  readonly relation: Relation
  readonly logical: LogicalTable
  readonly decided: DecidedMigration
  /** From its name to its closing bracket. */
  readonly range: Range
}

/** The function that returns rows of a migrating table which a call means. */
export function calledRowFunction(catalog: Catalog, { funcname, args }: FuncCall): RowFunction | undefined {
  const [name = '', schema] = nameStrings(funcname).toReversed()
  return catalog.rowFunction(schema, name, args?.length ?? 0)
}

/** undefined for any other call. */
export function rowCall(context: PlanContext, call: FuncCall): RowCall | undefined {
  const returns = calledRowFunction(context.catalog, call)
  const relation = returns && context.catalog.relationOf(returns.relation.oid)
  const decidedMigrations = relation ? context.decidedMigrations(relation) : []
  const decided = decidedMigrations.find(differs)
  if (returns === undefined || relation === undefined || decided === undefined) return undefined
  const { source } = context
  if (returns.overloaded) throw new Unprovable('read', decided, 'row-type', source.offset(call.location))
  const range = callPlace(source, call)
  if (range === undefined) return undefined
  const logical = logicalTable(relation, decidedMigrations)
  checkOrder(logical)
  return { returns, relation, logical, decided, range }
}

/**
 * Which columns of a returned row are read: the old ones as long as they are written, whatever the table itself is read
 * from, since a function may make its rows of them alone.
 */
function readsShadow({ compiled, writesLogical, writesShadow }: DecidedMigration): boolean {
  return compiled.logicalSide === 'old' ? !writesLogical : writesShadow
}

/** Every logical column of a returned row, as SQL; `when` is set where the row is one, and no NULL. */
export function returnedColumns(
  { logical }: RowCall,
  column: (name: string) => string,
  when: string | undefined,
): readonly { readonly name: string; readonly sql: string }[] {
  return logical.columns.map(({ name, decided }) => ({
    name,
    sql: decided && readsShadow(decided) ? logicalFrom(decided, name, column, when) : column(name),
  }))
}

/** One column of a returned row; undefined where it is there under its name. */
function returnedColumn({ logical, returns }: RowCall, name: string, row: string): string | undefined {
  const decided = logical.columns.find((column) => column.name === name)?.decided
  if (decided === undefined || !readsShadow(decided)) return undefined
  // A set within CASE is an error, and has no row that is NULL.
  const when = returns.returnsSet ? undefined : `${row} IS DISTINCT FROM NULL`
  return logicalFrom(decided, name, (column) => `${row}.${quoteIdentifier(column)}`, when)
}

/** From the outermost bracket around a call to the field or star behind it. */
export const bracketedCall = ({ source }: PlanContext, { range }: RowCall): Range | undefined =>
  selectionPlace(source, range)

/** `(f(x)).name`, once the call itself is planned. */
export function fieldOfCall(context: PlanContext, found: RowCall, selected: Node | undefined): void {
  const range = bracketedCall(context, found)
  if (!selected || !('String' in selected) || range === undefined)
    throw new Unprovable('read', found.decided, 'field-of-row', found.range.start)
  const sql = returnedColumn(found, selected.String.sval ?? '', `(${context.edits.render(found.range)})`)
  if (sql === undefined) return
  context.edits.take(found.range)
  context.edits.replace(range, sql)
}

/** `(f(x)).*` */
export function starredCall(
  context: PlanContext,
  { arg, indirection }: A_Indirection,
): { readonly call: FuncCall; readonly row: RowCall } | undefined {
  const only = indirection?.length === 1 ? indirection[0] : undefined
  if (!only || !('A_Star' in only) || !arg || !('FuncCall' in arg)) return undefined
  const row = rowCall(context, arg.FuncCall)
  return row && { call: arg.FuncCall, row }
}

/** `(f(x)).*`: PostgreSQL, too, calls the function once for each column. */
export function starOfCall(context: PlanContext, found: RowCall, form: 'items' | 'values'): string {
  const row = `(${context.edits.take(found.range)})`
  const columns = found.logical.columns.map(({ name }) => ({
    name,
    sql: returnedColumn(found, name, row) ?? `${row}.${quoteIdentifier(name)}`,
  }))
  return itemsOf(columns, form)
}

export const itemsOf = (
  columns: readonly { readonly name: string; readonly sql: string }[],
  form: 'items' | 'values',
): string => columns.map(({ name, sql }) => (form === 'items' ? `${sql} AS ${quoteIdentifier(name)}` : sql)).join(', ')

/** A returned row as a value: a row of the logical columns, or NULL. */
export function replaceCall(context: PlanContext, found: RowCall): void {
  if (found.returns.returnsSet) throw new Unprovable('read', found.decided, 'row-type', found.range.start)
  const call = context.edits.take(found.range)
  const columns = returnedColumns(found, (name) => `(ec.v).${quoteIdentifier(name)}`, undefined)
  context.edits.replace(
    found.range,
    `(SELECT ec FROM (SELECT ${itemsOf(columns, 'items')} FROM (SELECT ${call} AS v OFFSET 0) AS ec WHERE ec.v IS DISTINCT FROM NULL) AS ec)`,
  )
}
