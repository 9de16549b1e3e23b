import { quoteIdentifier } from '@expand-contract/core'
import type { ColumnRef, Node, RangeVar } from 'libpg-query'
import { selectionPlace } from '../parse/places.ts'
import type { Range } from '../parse/source-text.ts'
import { type DecidedMigration, typeOf } from '../resolve/decided-migration.ts'
import { findReference, migrationOf } from '../resolve/find-reference.ts'
import { leave, type PlanContext } from '../resolve/plan-context.ts'
import {
  bareFor,
  bracketedRangeOf,
  type MigratingReference,
  namesOf,
  qualifierIn,
  rangeOf,
  readsShadow,
  referenceSql,
  rowDiffers,
  rowSql,
} from '../resolve/reference.ts'
import { type Entry, findEntry, resolveColumn, type Scope } from '../resolve/scope.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { refuseDerived } from './derived-tables.ts'

/** `captured`: the name alone would stand for a shadow column. */
type EditRow = (entry: Entry, captured: boolean) => void

/** Edits what a reference needs; one to a migrating column is returned, untouched so far, and one to a row handed to `row`. */
function editOthers(context: PlanContext, ref: ColumnRef, scope: Scope, row: EditRow): MigratingReference | undefined {
  const found = findReference(context, ref, scope)
  if (found?.kind === 'migrating') return found.reference
  if (found?.kind === 'row') row(found.entry, found.captured)
  else if (found?.kind === 'rewritten') context.edits.replace(rangeOf(context, ref), found.sql)
  else if (found) leave(context, found.problem)
  return undefined
}

/** Edits what a reference to anything but a migrating column needs; returns one that is to such a column. */
export const editUnlessMigrating = (
  context: PlanContext,
  ref: ColumnRef,
  scope: Scope,
): MigratingReference | undefined =>
  editOthers(context, ref, scope, (entry, captured) => wholeRow(context, ref, { entry, captured, scope }))

/** A reference where only equality and order count (`bareWillDo`), or its value. */
export function editReference(context: PlanContext, ref: ColumnRef, scope: Scope, bareWillDo: boolean): void {
  const found = editUnlessMigrating(context, ref, scope)
  if (found) replaceReference(context, ref, { found, scope, bare: bareWillDo ? bareFor(found, scope) : undefined })
}

interface Replacement {
  readonly found: MigratingReference
  readonly scope: Scope
  readonly bare: ReturnType<typeof bareFor>
}

export function replaceReference(context: PlanContext, ref: ColumnRef, { found, scope, bare }: Replacement): void {
  const { table } = found.entry
  const sql = referenceSql(found, bare)
  const alone = scope.inJsonTable && (sql.includes('SELECT') || comparesStrings(found))
  if (table?.node && (alone || isGroupedOutside(found, scope))) wantDerived(context, table.node)
  context.edits.replace(rangeOf(context, ref), sql)
}

/** The table has to be behind a sub-select. */
function wantDerived(context: PlanContext, node: RangeVar): void {
  if (context.derived.has(node)) refuseDerived(context, node)
  context.wanted.add(node)
}

/** A mapping of strings may compare them. */
function comparesStrings({ decided, column }: MigratingReference): boolean {
  const mapping = decided.compiled.toLogical.get(column)
  const template = mapping?.kind === 'sql' ? mapping.template : []
  return template.some((part) => typeof part !== 'string' && typeOf(decided, part.column)?.collation !== undefined)
}

/** Within a sub-select PostgreSQL takes no expression for the same as one that is grouped by outside of it. */
function isGroupedOutside(found: MigratingReference, scope: Scope): boolean {
  for (let outer = scope.parent; outer; outer = outer.parent)
    if (outer.grouped?.some(({ entry, column }) => entry === found.entry && column === found.column)) return true
  return false
}

interface FoundRow {
  readonly entry: Entry
  readonly captured: boolean
  readonly scope: Scope
}

function wholeRow(context: PlanContext, ref: ColumnRef, { entry, captured, scope }: FoundRow): void {
  const differs = rowDiffers(entry)
  if (differs === undefined) {
    if (captured) writeRowOut(context, ref)
    return
  }
  if (scope.inJsonTable && entry.table?.node) wantDerived(context, entry.table.node)
  context.rows.push(differs)
  const range = rangeOf(context, ref)
  const { names, star } = namesOf(ref)
  const qualifier = star ? qualifierIn(context, ref) : context.source.text.slice(range.start, range.end)
  if (findEntry(scope, names.at(-2), names.at(-1) ?? '') !== entry) throw new RangeError('an entry that is not visible')
  context.edits.replace(range, rowSql(entry, qualifier, scope))
}

/**
 * A row as it is, by a name that a shadow column would capture. `u.*` alone would be taken for its columns in a list;
 * COALESCE of one value is that value, with its type.
 */
function writeRowOut(context: PlanContext, ref: ColumnRef): void {
  const range = rangeOf(context, ref)
  context.edits.replace(range, `COALESCE(${context.source.text.slice(range.start, range.end)}.*)`)
}

/** `(u).name` is `u.name`. */
export function fieldOfRow(context: PlanContext, ref: ColumnRef, selected: Node | undefined, scope: Scope): void {
  const name = selected && 'String' in selected ? selected.String.sval : undefined
  let row: Entry | undefined
  let asItIs = (): void => {}
  const found = editOthers(context, ref, scope, (entry, captured) => {
    row = entry
    if (captured) asItIs = () => writeRowOut(context, ref)
  })
  if (found) {
    replaceReference(context, ref, { found, scope, bare: undefined })
    return
  }
  const { table } = row ?? {}
  const differs = row && rowDiffers(row)
  const decided = table?.logical.columns.find((column) => column.name === name)?.decided
  const same = name !== undefined && (decided === undefined || table?.reads(decided) === 'logical')
  if (row === undefined || table === undefined || differs === undefined || same) {
    asItIs()
    return
  }
  const range = rangeOf(context, ref)
  const field = bracketedField(context, ref)
  if (decided === undefined || name === undefined || field === undefined)
    throw new Unprovable('read', decided ?? differs, 'field-of-row', range.start)
  const qualifier = namesOf(ref).star ? qualifierIn(context, ref) : context.source.text.slice(range.start, range.end)
  context.edits.replace(field, referenceSql({ decided, column: name, entry: row, qualifier }, undefined))
}

/** Set where a column of a sub-select may be a whole row that was written out. */
export function rowsIn(ref: ColumnRef, scope: Scope): DecidedMigration | undefined {
  const [name = '', table] = namesOf(ref).names.toReversed()
  const entry = table === undefined ? resolveColumn(scope, name).column?.entry : findEntry(scope, undefined, table)
  return entry?.rows
}

/** From the outermost bracket around a row to the field behind it. */
export const bracketedField = (context: PlanContext, ref: ColumnRef): Range | undefined =>
  selectionPlace(context.source, rangeOf(context, ref))

/** An argument of a function that may ask for the table's own row type. */
export function typedArgument(context: PlanContext, ref: ColumnRef, scope: Scope): void {
  const found = editOthers(context, ref, scope, (entry, captured) => {
    const shadowRead = readsShadow(entry)
    if (shadowRead)
      throw new Unprovable('read', shadowRead, 'whole-row-in-function', context.source.offset(ref.location))
    if (captured) writeRowOut(context, ref)
  })
  if (found) replaceReference(context, ref, { found, scope, bare: undefined })
}

/** What PostgreSQL escapes in a name that comes from a column, and not in one that is written: `xml…` and a colon. */
const ESCAPED = /^xml|.:/isu

/**
 * Writes the name of a reference behind it, in XMLFOREST or XMLATTRIBUTES. `location`: where the item begins.
 *
 * https://github.com/postgres/postgres/blob/master/src/backend/parser/parse_expr.c, transformXmlExpr
 */
export function nameInXml(context: PlanContext, ref: ColumnRef, location: number | undefined, scope: Scope): void {
  const start = context.source.offset(location)
  const name = namesOf(ref).names.at(-1) ?? ''
  const row = findEntry(scope, undefined, name)
  const decided = migrationOf(ref, scope)?.decided ?? (row && rowDiffers(row))
  if (decided && ESCAPED.test(name)) throw new Unprovable('read', decided, 'unsupported', start)
  context.edits.after(bracketedRangeOf(context, ref, start).end, ` AS ${quoteIdentifier(name)}`)
}
