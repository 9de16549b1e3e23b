/**
 * The words that one needs to read this package; `docs/glossary.md` of the repository has the others.
 *
 * - logical side: the columns that the application's SQL names; shadow side: those of the other side of the migration.
 * - decided migration: one migration of one table under one decision, seen from the application (below).
 * - plan context: what the planning of one statement works with: its text, its edits, the catalog, the decided migrations.
 * - scope: one level of name resolution; namespace: what one FROM clause lets it name; entry: one table, sub-select or function of that.
 * - reference: a column or a row that is named; it is found (`find-reference.ts`) and then edited (`read/edit-reference.ts`).
 * - bare: the shadow column itself in place of the logical expression, where only equality and order count.
 * - captured: a name of the application's that a shadow column would take; hidden: that shadow column.
 * - derived: put behind a sub-select that has the logical columns and no others.
 * - left, kept: a read that cannot be proven stays on the logical side; refused: a statement that is not sent at all.
 * - arbiter: the columns or the constraint that ON CONFLICT names; target: the table that is written.
 * - carrier: what carries a query and is none: EXPLAIN, PREPARE, DECLARE CURSOR, CREATE TABLE AS.
 * - unplaced: a column of which it is not known where it stood, so that nothing may go by places.
 */
import { type Decision, quoteIdentifier } from '@expand-contract/core'
import type { BoundMigration, ColumnType, Relation, RelationColumn } from '../catalog/catalog.ts'
import type { CompiledMapping, CompiledMigration } from '../mapping/compiled-migration.ts'
import { renderTemplate } from '../mapping/mapping-template.ts'

/** One migration on one relation under one decision: which side is read and which are written, seen from the application. */
export interface DecidedMigration {
  readonly bound: BoundMigration
  readonly compiled: CompiledMigration
  readonly relation: Relation
  readonly read: 'logical' | 'shadow'
  readonly writesLogical: boolean
  readonly writesShadow: boolean
  readonly hasLogical: boolean
  readonly hasShadow: boolean
  /** The statement makes a table of what it reads, so types keep their modifiers even where a cast could cut a value. */
  readonly creates?: boolean
  /** See `Repetition`. */
  readonly volatileFunctions?: ReadonlySet<string> | undefined
}

export function decidedMigrationOf(
  bound: BoundMigration,
  compiled: CompiledMigration,
  relation: Relation,
  decision: Decision,
): DecidedMigration {
  const logical = compiled.logicalSide
  const other = logical === 'old' ? 'new' : 'old'
  const has = (side: 'old' | 'new'): boolean => bound.physical === 'both' || bound.physical === side
  return {
    bound,
    compiled,
    relation,
    read: decision.read === logical ? 'logical' : 'shadow',
    writesLogical: decision.write === 'both' || decision.write === logical,
    writesShadow: decision.write === 'both' || decision.write === other,
    hasLogical: has(logical),
    hasShadow: has(other) || (other === 'old' && bound.held === true),
  }
}

/** The columns of the table are not exactly those that the application knows, or not in that order. */
export const differs = ({ bound, compiled, hasLogical, hasShadow }: DecidedMigration): boolean =>
  hasShadow || !hasLogical || (bound.displaced === true && compiled.logicalSide === 'old')

export const typeOf = (decided: DecidedMigration, column: string): ColumnType | undefined => decided.bound.types[column]

export const columnOf = (decided: DecidedMigration, column: string): RelationColumn | undefined =>
  decided.relation.columns.find((each) => each.name === column)

/** Length-limited strings: an explicit cast to one cuts silently where an assignment raises 22001. */
const CUT_BY_CAST: Readonly<Record<string, string>> = {
  'pg_catalog.varchar': '"pg_catalog"."varchar"',
  'pg_catalog.bpchar': '"pg_catalog"."bpchar"',
  'pg_catalog.bit': '"pg_catalog"."bit"',
  'pg_catalog.varbit': '"pg_catalog"."varbit"',
}

/**
 * The type that a value is cast to where the cast must not cut it. One to a domain, or to an array of domains, cuts as one to what it stands for
 * with its length does; that type without its length takes the value, and the assignment that follows raises.
 */
export function uncut({ bare, base }: ColumnType): string {
  const name = /^pg_catalog\.(_?(?:varchar|bpchar|bit|varbit))$/u.exec(base)?.[1]
  return name === undefined ? bare : `"pg_catalog"."${name}"`
}

/** True when values of both types are the same values, so that no cast is needed between them. */
export function sameType(a: ColumnType | undefined, b: ColumnType | undefined): boolean {
  return (
    a !== undefined && b !== undefined && a.bare === b.bare && a.modifier === b.modifier && a.collation === b.collation
  )
}

/** True for types whose values are read without their limit, since a cast would cut them. */
const isCutByRead = (type: ColumnType): boolean => /^pg_catalog\._?(?:varchar|varbit)$/u.test(type.base)

/** True when a logical column comes from the shadow without the limit that its type has. */
export function losesLimit(decided: DecidedMigration, logical: string): boolean {
  const type = typeOf(decided, logical)
  const mapping = decided.compiled.toLogical.get(logical)
  const from = mapping?.kind === 'column' ? typeOf(decided, mapping.column) : undefined
  return type !== undefined && isCutByRead(type) && !sameType(type, from)
}

/**
 * A value as the logical column has it in results: never cut, but scaled and padded as its type says, and compared as
 * its collation says. `from` are the types of the columns that the value is computed from, whose collation a cast keeps.
 */
export function castToRead(
  sql: string,
  type: ColumnType | undefined,
  from: readonly (ColumnType | undefined)[],
  exact = false,
): string {
  if (type === undefined) return sql
  const cast = `${sql}::${!exact && isCutByRead(type) ? uncut(type) : type.declared}`
  const collations = from.flatMap((source) => source?.collation ?? [])
  const same =
    collations.length > 0 ? collations.every((collation) => collation === type.collation) : type.defaultCollation
  // COLLATE by itself would overrule the collation of whatever the column is compared or concatenated with.
  return type.collation === undefined || same ? `(${cast})` : `(SELECT ${cast} COLLATE ${type.collation})`
}

/**
 * A value as it is stored when it is assigned to a column of the type. Where the column itself is not written (`alone`),
 * a string that is too long must still be refused, which the explicit cast would not do.
 */
export function castToStore(sql: string, type: ColumnType | undefined, alone: boolean): string {
  if (type === undefined) return sql
  const cast = `(${sql}::${type.declared})`
  if (!alone) return cast
  const coerce = CUT_BY_CAST[type.base]
  const ofElement = CUT_BY_CAST[type.base.replace('._', '.')]
  if (type.bare !== uncut(type) && ofElement !== undefined)
    return coerce === undefined ? checkedDomains(sql, type, ofElement) : checkedDomain(sql, type, coerce)
  if (type.modifier < 0) return cast
  if (coerce !== undefined) return `${coerce}(${sql}::${type.bare}, ${type.modifier}, false)`
  return ofElement === undefined ? cast : checkedArray(sql, type, ofElement)
}

/** The cast to a domain cuts to a length that is not known here: what it leaves tells how much would have been taken. */
function checkedDomain(sql: string, { bare, base }: ColumnType, coerce: string): string {
  const limit = limitLeft(`(ec_x.x::${bare})`, base, coerce)
  return `(SELECT ${coerce}(ec_x.x::${coerce}, ${limit}, false)::${bare} FROM (SELECT ${sql} AS x OFFSET 0) AS ec_x)`
}

const limitLeft = (cut: string, base: string, coerce: string): string =>
  `${base.endsWith('char') ? '4 + ' : ''}"pg_catalog"."length"(${cut}::${coerce})`

/** The same for each element; `unnest` of two arrays is a word of the grammar, and may not be qualified. */
function checkedDomains(sql: string, type: ColumnType, coerce: string): string {
  const checked = `${coerce}(ec_e.e, ${limitLeft('ec_e.c', type.base, coerce)}, false)`
  const count = `"pg_catalog"."count"(${checked}) FROM unnest(ec_x.x, (ec_x.x::${type.bare})::${uncut(type)}) AS ec_e(e, c)`
  return `(SELECT CASE WHEN (SELECT ${count}) >= 0 THEN ec_x.x::${type.bare} END FROM (SELECT ${sql}::${uncut(type)} AS x OFFSET 0) AS ec_x)`
}

/** Counting the elements as they would be assigned raises what assigning them would; the cast then cuts nothing but spaces. */
function checkedArray(sql: string, { bare, declared, modifier }: ColumnType, coerce: string): string {
  const count = `"pg_catalog"."count"(${coerce}(ec_e.e, ${modifier}, false)) FROM "pg_catalog"."unnest"(ec_x.x) AS ec_e(e)`
  return `(SELECT CASE WHEN (SELECT ${count}) >= 0 THEN ec_x.x::${declared} END FROM (SELECT ${sql}::${bare} AS x OFFSET 0) AS ec_x)`
}

/** The shadow columns' values, given the logical columns' values as they would be assigned. */
export function shadowValue(decided: DecidedMigration, shadow: string, values: (logical: string) => string): string {
  const mapping = decided.compiled.toShadow.get(shadow)
  return mapped(decided, { mapping, target: shadow, sources: values, alone: !decided.writesLogical })
}

interface MappedValue {
  readonly mapping: CompiledMapping | undefined
  readonly target: string
  readonly sources: (column: string) => string
  readonly alone: boolean
}

function mapped(decided: DecidedMigration, { mapping, target, sources, alone }: MappedValue): string {
  if (mapping === undefined) throw new RangeError(`no mapping for ${target}`)
  if (mapping.kind === 'sql')
    return renderTemplate(mapping.template, (column) =>
      castToStore(`(${sources(column)})`, typeOf(decided, column), alone),
    )
  const from = typeOf(decided, mapping.column)
  const to = typeOf(decided, target)
  if (sameType(from, to)) return sources(mapping.column)
  const stored = castToStore(`(${sources(mapping.column)})`, from, alone)
  return to === undefined || from?.bare === to.bare ? stored : `${stored}::${uncut(to)}`
}

/** The logical column computed from the shadow columns of the row that `qualifier` names. */
export function logicalValue(decided: DecidedMigration, logical: string, qualifier: string): string {
  return logicalFrom(decided, logical, (column) => `${qualifier}.${quoteIdentifier(column)}`)
}

/** The logical column computed from shadow columns; `when` makes the value NULL, unless it is one column, which is NULL by itself. */
export function logicalFrom(
  decided: DecidedMigration,
  logical: string,
  sql: (shadow: string) => string,
  when?: string,
): string {
  const mapping = decided.compiled.toLogical.get(logical)
  if (mapping === undefined) throw new RangeError(`no mapping for ${logical}`)
  const type = typeOf(decided, logical)
  if (mapping.kind === 'sql') {
    const from = mapping.template.flatMap((part) => (typeof part === 'string' ? [] : [typeOf(decided, part.column)]))
    const value = renderTemplate(mapping.template, sql)
    return castToRead(when === undefined ? value : `(CASE WHEN ${when} THEN ${value} END)`, type, from, decided.creates)
  }
  const from = typeOf(decided, mapping.column)
  return sameType(type, from) ? sql(mapping.column) : castToRead(sql(mapping.column), type, [from], decided.creates)
}

/** True when a logical column is read as a column of its own, without any expression around it. */
export function isColumnItself(decided: DecidedMigration, logical: string): boolean {
  const mapping = decided.compiled.toLogical.get(logical)
  return mapping?.kind === 'column' && sameType(typeOf(decided, logical), typeOf(decided, mapping.column))
}

const TEXTS = new Set(['pg_catalog.text', 'pg_catalog.varchar'])
const INTEGERS: Readonly<Record<string, string>> = {
  'pg_catalog.int2': '"pg_catalog"."int2"',
  'pg_catalog.int4': '"pg_catalog"."int4"',
  'pg_catalog.int8': '"pg_catalog"."int8"',
}

/** How a bare shadow column may stand for the logical one in comparisons, so that indexes on it are used. */
export interface BareColumn {
  readonly column: string
  /** The type that a parameter or literal beside it had from the logical column; undefined where it has it anyway. */
  readonly operandType: string | undefined
  /** True where strings are compared, so LIKE and its kin may use it too. */
  readonly text: boolean
}

/** The shadow column that is equal to, and ordered like, the logical one; undefined where the mapping does not promise it. */
export function bareColumn(decided: DecidedMigration, logical: string): BareColumn | undefined {
  const mapping = decided.compiled.toLogical.get(logical)
  if (mapping?.kind !== 'column') return undefined
  const from = typeOf(decided, logical)
  const to = typeOf(decided, mapping.column)
  if (from === undefined || to === undefined || from.collation !== to.collation) return undefined
  const { column } = mapping
  if (TEXTS.has(from.base) && TEXTS.has(to.base)) return { column, operandType: undefined, text: true }
  if (from.bare === to.bare && from.base === to.base) return { column, operandType: undefined, text: false }
  // Beside a domain a value has the type that the domain stands for: it need not fulfil the domain's constraints.
  const operandType = INTEGERS[from.base]
  return operandType !== undefined && to.base in INTEGERS ? { column, operandType, text: false } : undefined
}
