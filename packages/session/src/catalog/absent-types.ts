import { type MigratingColumn, type Migration, quoteIdentifier } from '@expand-contract/core'
import type { AbsentType, ColumnType, RelationFacts } from '@expand-contract/sql'
import type { Asking } from '../own-query/own-query.ts'
import { qualified } from './relation-facts.ts'
import { typeModifiers } from './type-modifiers.ts'
import { TYPE_QUERY } from './type-query.ts'
import { undescribed } from './undescribed.ts'

export interface AbsentTypesInput {
  readonly migrations: readonly Migration[]
  /** An error would end the transaction that is open. */
  readonly inTransaction: boolean
  /** No error is to come of it. */
  readonly lenient: boolean
  /** The tables of a migration that are known: several when it is declared without a schema. */
  readonly tablesOf: (migration: Migration) => readonly RelationFacts[]
  /** The type of a declared type text, where the database has one. */
  readonly declaredOid: (text: string) => number | undefined
}

/** Every type text that a migration declares: the database is asked which of them it has. */
export function declaredTypes(migrations: readonly Migration[]): readonly string[] {
  const columns = migrations.flatMap((migration) => [...migration.old, ...migration.new])
  return [...new Set(columns.flatMap((column) => column.type ?? []))]
}

/** The type alone: a length or precision that it cannot have would fail the query that looks for it. */
export const withoutModifiers = (type: string): string =>
  type.replaceAll(/"(?:[^"]|"")*"|\s*\([^()"]*\)/gu, (part) => (part.startsWith('"') ? part : ''))

/**
 * The types of migrating columns that do not exist: as declared, with the collation of the column they copy; else that of the column they copy; else, for a column that
 * the application names, what its mapping yields. PostgreSQL says what that is, by describing the expression without
 * running it.
 */
export function* absentTypes(input: AbsentTypesInput): Asking<readonly AbsentType[]> {
  const known: AbsentType[] = []
  const asked: AskedType[] = []
  /** Of migrations that have not begun: no statement may fail for what they declare. */
  const tried: AskedType[] = []
  for (const absent of absentColumns(input)) {
    const { migration, column } = absent
    const place = { migration: migration.id, column: column.name }
    if (
      [...known, ...asked, ...tried].some((each) => each.migration === place.migration && each.column === place.column)
    )
      continue
    const found = typeOf(absent, input.declaredOid)
    if (found?.type !== undefined) known.push({ ...place, type: found.type })
    else if (found?.asked === undefined) continue
    else if (isBegun(absent) && !input.lenient) asked.push({ ...place, ...found.asked })
    else if (!input.inTransaction || isLogical(absent)) tried.push({ ...place, ...found.asked })
  }
  const described = asked.length === 0 ? [] : yield* describeOrTell(asked)
  return [...known, ...described, ...(yield* tryToDescribe(tried, input.inTransaction))]
}

function* describeOrTell(asked: readonly AskedType[]): Asking<readonly AbsentType[]> {
  try {
    return yield* describeTypes(asked)
  } catch (error) {
    throw undescribed(asked, descriptionOf(asked), error) ?? error
  }
}

/** Until the migration has begun, nobody asks for the type of a column that the application does not know. */
const isLogical = ({ migration, side }: AbsentColumn): boolean => side === migration.app

/** The old columns are not alone. */
const isBegun = ({ migration, table }: AbsentColumn): boolean =>
  migration.old.some(({ name }) => typeIn(table, name) === undefined)

/** The types of those that can be described. An error would end the transaction that is open. */
function* tryToDescribe(asked: readonly AskedType[], inTransaction: boolean): Asking<readonly AbsentType[]> {
  if (asked.length === 0) return []
  if (inTransaction && !(yield* canBeDescribed(asked))) return yield* tryEach(asked, inTransaction)
  try {
    return yield* describeTypes(asked)
  } catch (error) {
    if (inTransaction) throw error
    return yield* tryEach(asked, inTransaction)
  }
}

function* tryEach(asked: readonly AskedType[], inTransaction: boolean): Asking<readonly AbsentType[]> {
  const [first, ...rest] = asked
  if (first === undefined || rest.length === 0) return []
  return [...(yield* tryToDescribe([first], inTransaction)), ...(yield* tryToDescribe(rest, inTransaction))]
}

/** A block that catches the error: a savepoint would do as well, but postgres-js gives up a transaction in which a query has failed. */
function* canBeDescribed(asked: readonly AskedType[]): Asking<boolean> {
  const tell = (answer: string): string =>
    `PERFORM pg_catalog.set_config('expand_contract.described', '${answer}', true);`
  const run = `EXECUTE ${literal(descriptionOf(asked))};`
  const block = `BEGIN ${tell('yes')} ${run} EXCEPTION WHEN OTHERS THEN ${tell('no')} END`
  // One text: each is taken back to a savepoint, and the setting with it.
  const answer = "SELECT pg_catalog.current_setting('expand_contract.described') AS described"
  const { rows } = yield { text: `DO LANGUAGE plpgsql ${literal(block)}; ${answer}`, values: [] }
  return rows[0]?.described === 'yes'
}

/** The same with standard_conforming_strings on and off. */
const literal = (text: string): string => `E'${text.replaceAll(/['\\]/gu, '$&$&')}'`

const descriptionOf = (asked: readonly AskedType[]): string =>
  `SELECT ${asked.map(({ sql }, index) => `${sql} AS t${index}`).join(', ')} LIMIT 0`

function* absentColumns({ migrations, tablesOf }: AbsentTypesInput): Generator<AbsentColumn> {
  for (const migration of migrations)
    for (const table of tablesOf(migration))
      for (const side of ['old', 'new'] as const)
        for (const column of migration[side])
          if (typeIn(table, column.name) === undefined) yield { migration, side, column, table }
}

export interface AskedType {
  readonly migration: string
  readonly column: string
  /** A scalar expression of the type. */
  readonly sql: string
  /** Set for a declared type: a domain would be described as its base type. */
  readonly oid: number | undefined
  /** The text of a declared type. */
  readonly declared: string | undefined
  /** That of the column it copies: a declared type says nothing of it. */
  readonly collation: string | undefined
}

interface AbsentColumn {
  readonly migration: Migration
  readonly side: 'old' | 'new'
  readonly column: MigratingColumn
  readonly table: RelationFacts
}

interface FoundType {
  readonly type?: ColumnType
  readonly asked?: Pick<AskedType, 'sql' | 'oid' | 'declared' | 'collation'>
}

function typeOf(
  { migration, side, column, table }: AbsentColumn,
  declaredOid: AbsentTypesInput['declaredOid'],
): FoundType | undefined {
  const mapping = migration[side === 'old' ? 'backward' : 'forward'][column.name]
  if (column.type !== undefined) {
    const oid = declaredOid(column.type)
    const copied = mapping?.kind === 'column' ? typeIn(table, mapping.column) : undefined
    const collation = copied?.defaultCollation ? undefined : copied?.collation
    const asked = { sql: `NULL::${column.type}`, oid, declared: column.type, collation }
    return oid === undefined ? undefined : { asked }
  }
  if (mapping?.kind === 'column') {
    const type = typeIn(table, mapping.column)
    return type && { type }
  }
  if (mapping === undefined || side !== migration.app) return undefined
  const sources = migration[side === 'old' ? 'new' : 'old'].map(({ name }) => ({ name, type: typeIn(table, name) }))
  if (sources.some((source) => source.type === undefined)) return undefined
  const row = sources.map(({ name, type }) => `NULL::${type?.declared} AS ${quoteIdentifier(name)}`)
  // OFFSET 0 keeps the planner from evaluating the mapping over these NULLs.
  return {
    asked: {
      sql: `(SELECT (${mapping.sql}) FROM (SELECT ${row.join(', ')} OFFSET 0) AS source)`,
      oid: undefined,
      declared: undefined,
      collation: undefined,
    },
  }
}

const typeIn = (table: RelationFacts, name: string): ColumnType | undefined =>
  table.columns.find((column) => column.name === name)?.type

/** What PostgreSQL says of types and expressions, in their order. */
export function* describeTypes(asked: readonly AskedType[]): Asking<readonly AbsentType[]> {
  const described = yield { text: descriptionOf(asked), values: [], described: true }
  const types = asked.map(({ oid }, index) => {
    const field = described.fields[index]
    if (field === undefined) throw new RangeError('PostgreSQL described fewer columns than it was asked for')
    const domain = oid !== undefined && oid !== field.dataTypeID
    return { oid: oid ?? field.dataTypeID, modifier: domain ? -1 : field.dataTypeModifier }
  })
  const told = types.every(({ modifier }) => modifier !== undefined)
  const modifiers = told ? types.map(({ modifier }) => modifier ?? -1) : yield* typeModifiers(asked, types)
  const { rows } = yield {
    text: TYPE_QUERY,
    values: [types.map((type) => type.oid), modifiers],
  }
  return rows.map((row, index) => {
    const [place, type] = [asked[index], types[index]]
    if (place === undefined || type === undefined)
      throw new RangeError('PostgreSQL answered more types than it was asked for')
    const text = (name: string): string => row[name] ?? ''
    const own =
      row.collation_name == null
        ? undefined
        : qualified({ schema: text('collation_schema'), name: text('collation_name') })
    const collation = own && (place.collation ?? own)
    return {
      migration: place.migration,
      column: place.column,
      type: {
        declared: text('declared'),
        bare: qualified({ schema: text('schema'), name: text('name') }),
        base: `${text('base_schema')}.${text('base_name')}`,
        modifier: modifiers[index] ?? -1,
        collation,
        defaultCollation: collation === own,
        storage: text('storage'),
        strict: text('strict') === 'true',
      },
    }
  })
}
